package detector

import (
	"math"
	"net/netip"
)

// place is where an address is, as far as a journey can be judged by it. Coordinates are micro-degrees.
type place struct {
	ip      [16]byte
	lat     int32
	lon     int32
	asn     uint32
	name    uint32 // city or region, as a number of Engine.names
	radius  uint32 // metres, where flags say that it is known
	country uint16 // two letters
	flags   placeFlags
	_       uint8
}

type placeFlags uint8

const (
	placeLocated  placeFlags = 1 << iota // lat and lon are usable
	placeCellular                        // a cellular network
	placeV6
	placeRadius  // radius is known
	placeCompany // a company's network, by its kind of connection
	placeServers // a hosting provider's
)

// placeWhy says why a place cannot be judged; 0: it can.
type placeWhy uint8

// The reasons, in the order of placeReasons.
const (
	noAddress placeWhy = iota + 1
	privateAddress
	anycastNetwork
	vpnNetwork
	torNetwork
	proxyNetwork
	relayNetwork
	satelliteNetwork
	noGeography
	noCoordinates
	badCoordinates
	nullIsland
	noCountry
	learnedEgress
)

var placeReasons = [...]string{"", "no address", "private address", "anycast network", "network without a place: vpn", "network without a place: tor",
	"network without a place: public proxy", "network without a place: relay", "network without a place: satellite", "no geography",
	"no coordinates", "coordinates outside their range", "coordinates 0,0 without a country", "no country",
	"network without a place: learned egress"}

// placeless says whether it is a reason of the network itself, and not of what is known of it: it has no place of its own.
func (w placeWhy) placeless() bool {
	return w >= anycastNetwork && w <= satelliteNetwork || w == learnedEgress
}

func (w placeWhy) String() string { return placeReasons[w] }

// stay is a place with the first and last time at which a session was seen there (Unix ms).
type stay struct {
	place
	from, to int64
}

var cgnat = netip.MustParsePrefix("100.64.0.0/10")

// unroutable says why an address has no place in the world, 0 when it may have one.
func unroutable(a netip.Addr) placeWhy {
	switch {
	case !a.IsValid():
		return noAddress
	case a.IsPrivate(), a.IsLoopback(), a.IsLinkLocalUnicast(), a.IsUnspecified(), a.IsMulticast(), cgnat.Contains(a):
		return privateAddress
	}
	return 0
}

// satelliteASNs are networks of satellite and in-flight providers: their exits say nothing of where the person is.
// Sources: the providers' own registrations; the false alarms of detections C12 (Intelsat, Starlink, Viasat, Panasonic, Inmarsat).
var satelliteASNs = map[int64]bool{22351: true, 14593: true, 7155: true, 40306: true, 64294: true, 31515: true}

// noPlace says why a network has no place of its own, 0 when it has one. hosting and residential_proxy have one.
func noPlace(geo *Geo) placeWhy {
	switch {
	case geo.Anycast == True:
		return anycastNetwork
	case geo.Anonymous&VPN != 0:
		return vpnNetwork
	case geo.Anonymous&Tor != 0:
		return torNetwork
	case geo.Anonymous&PublicProxy != 0:
		return proxyNetwork
	case geo.Anonymous&Relay != 0:
		return relayNetwork
	case geo.Connection == "Satellite", geo.ASN.Set && satelliteASNs[geo.ASN.V]:
		return satelliteNetwork
	}
	return 0
}

// locate says why coordinates cannot be judged, 0 when they can.
func locate(geo *Geo) placeWhy {
	lat, lon := geo.Lat.V, geo.Lon.V
	switch {
	case geo.Build == "":
		return noGeography
	case !geo.Lat.Set || !geo.Lon.Set:
		return noCoordinates
	case math.IsNaN(lat) || math.IsNaN(lon) || math.Abs(lat) > 90 || math.Abs(lon) > 180:
		return badCoordinates
	case lat == 0 && lon == 0 && geo.Country == "":
		return nullIsland
	}
	return 0
}

// placeOf gives the event's place with the reasons why a journey (travel) or a change of country (country) cannot be judged.
func (g *Engine) placeOf(e *Event) (p place, travel, country placeWhy) {
	geo := &e.Client.Geo
	p.ip = e.Client.IP.As16()
	if e.Client.IP.Is6() {
		p.flags |= placeV6
	}
	if geo.Connection == "Cellular" {
		p.flags |= placeCellular
	}
	if geo.Connection == "Corporate" {
		p.flags |= placeCompany
	}
	if geo.Anonymous&Hosting != 0 {
		p.flags |= placeServers
	}
	if geo.ASN.Set && geo.ASN.V > 0 && geo.ASN.V <= math.MaxUint32 {
		p.asn = uint32(geo.ASN.V)
	}
	p.country = countryCode(geo.Country)
	if why := unroutable(e.Client.IP); why != 0 {
		return p, why, why
	}
	if why := noPlace(geo); why != 0 {
		return p, why, why
	}
	country = countryWhy(geo, p.country)
	if travel = locate(geo); travel == 0 {
		p.flags |= placeLocated
		p.lat, p.lon = int32(math.Round(geo.Lat.V*1e6)), int32(math.Round(geo.Lon.V*1e6))
		if r := geo.AccuracyRadiusKM; r.Set && r.V >= 0 && r.V <= maxRadiusKM {
			p.radius = uint32(math.Round(r.V * 1000))
			p.flags |= placeRadius
		}
	}
	return p, travel, country
}

// maxRadiusKM is half the way round the world: a radius beyond it is none.
const maxRadiusKM = 20038

func countryWhy(geo *Geo, code uint16) placeWhy {
	switch {
	case geo.Build == "":
		return noGeography
	case code == 0:
		return noCountry
	}
	return 0
}

func countryCode(s string) uint16 {
	if len(s) != 2 {
		return 0
	}
	return uint16(s[0])<<8 | uint16(s[1])
}

func countryText(c uint16) string {
	if c == 0 {
		return ""
	}
	return string([]byte{byte(c >> 8), byte(c)})
}

func (p *place) addr() netip.Addr { return netip.AddrFrom16(p.ip).Unmap() }

// sameAddress says whether two places are one address; of IPv6, one /64, since privacy addresses change within it.
func (p *place) sameAddress(q *place) bool {
	if p.flags&q.flags&placeV6 != 0 {
		return [8]byte(p.ip[:8]) == [8]byte(q.ip[:8])
	}
	return p.ip == q.ip
}

// earthRadiusKM is the mean radius (IUGG).
const earthRadiusKM = 6371.0088

// haversineM is the great-circle distance in whole metres.
func haversineM(a, b *place) int64 {
	const rad = math.Pi / 180e6
	lat1, lat2 := float64(a.lat)*rad, float64(b.lat)*rad
	dlat, dlon := lat2-lat1, float64(int64(b.lon)-int64(a.lon))*rad
	s1, s2 := math.Sin(dlat/2), math.Sin(dlon/2)
	h := min(1, float64(s1*s1)+float64(math.Cos(lat1)*math.Cos(lat2))*float64(s2*s2))
	return int64(2 * earthRadiusKM * 1000 * math.Asin(math.Sqrt(h)))
}
