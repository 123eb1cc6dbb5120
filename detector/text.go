package detector

import (
	"fmt"
	"strconv"
	"strings"
)

// placeName is how people call a place: its city or region, else its country, else its coordinates.
func (g *Engine) placeName(p *place) string {
	switch {
	case p.name != 0:
		return g.names.text(p.name)
	case p.country != 0:
		return countryText(p.country)
	}
	return fmt.Sprintf("%.2f,%.2f", float64(p.lat)/1e6, float64(p.lon)/1e6)
}

func (g *Engine) placeFacts(p *place) []Fact {
	var f []Fact
	if p.ip != ([16]byte{}) { // else the bank itself saw the customer there
		f = append(f, Fact{Name: "ip", Text: p.addr().String()})
	}
	if p.name != 0 {
		f = append(f, Fact{Name: "city", Text: g.names.text(p.name)})
	}
	if p.country != 0 {
		f = append(f, Fact{Name: "country", Text: countryText(p.country)})
	}
	f = append(f, Fact{Name: "lat", Kind: FactNum, Num: float64(p.lat) / 1e6}, Fact{Name: "lon", Kind: FactNum, Num: float64(p.lon) / 1e6})
	if p.flags&placeRadius != 0 {
		f = append(f, Fact{Name: "accuracy_radius_km", Kind: FactNum, Num: float64(p.radius) / 1000})
	}
	if p.asn != 0 {
		f = append(f, Fact{Name: "asn", Kind: FactInt, Int: int64(p.asn)})
	}
	return f
}

// clientText is how people call a client: "Chrome 141 on Windows".
func (g *Engine) clientText(p *print) string {
	name := p.browser.String()
	if n := g.names.text(p.name); n != "" {
		name = n
	}
	if p.browser == UnknownBrowser {
		name = "an unknown client"
	}
	if p.major != 0 {
		name += " " + strconv.Itoa(int(p.major))
	}
	if p.os != UnknownOS && p.os != OtherOS {
		name += " on " + p.os.String()
	}
	return name
}

// thousands writes an integer with commas.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// span writes a duration as people say it: "45 s", "12 min", "3 h 20 min", "2 d 4 h".
func span(ms int64) string {
	s := ms / 1000
	switch {
	case s < 120:
		return fmt.Sprintf("%d s", s)
	case s < 2*3600:
		return fmt.Sprintf("%d min", s/60)
	case s < 48*3600:
		return strings.TrimSuffix(fmt.Sprintf("%d h %d min", s/3600, s/60%60), " 0 min")
	}
	return strings.TrimSuffix(fmt.Sprintf("%d d %d h", s/86400, s/3600%24), " 0 h")
}
