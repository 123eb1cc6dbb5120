package internet

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
)

// Sizes of the world. Two fixed-line operators and two carriers a country; a carrier has one exit for every
// gatewayReachKM, as carriers have few gateways (Triukose 2012: the place of a cellular address is wrong by 100 km
// and more in about 70 % of the cases).
const (
	operatorsPerCountry = 2
	gatewayReachKM      = 350
	torExits            = 40
	firstASN            = 64512 // RFC 6996
)

var (
	homeBrands    = [operatorsPerCountry]string{"Fiber", "Cable"}
	mobileBrands  = [operatorsPerCountry]string{"Mobil", "Cell"}
	hostingBrands = []string{"Birch Servers", "Granite Cloud", "Nimbus Hosting", "Quayside Compute"}
	hostingCities = []string{"Amsterdam", "Hamburg", "London", "New York", "Bucharest", "Singapore", "Helsinki"}
	vpnBrands     = []string{"Hidden Cove VPN", "Grey Heron VPN"}
	vpnCities     = []string{"Stockholm", "Oslo", "Copenhagen", "Amsterdam", "London", "Paris", "New York", "Singapore"}
	torCities     = []string{"Amsterdam", "Berlin", "Bucharest", "New York"}
)

// radii are the accuracy radii that fixed networks have: most are known within a city, some within a district of the
// country (median error of fixed lines 3 to 16 km, arXiv 2605.21937).
var radii = []float64{5, 10, 10, 20, 20, 20, 50, 100}

// New builds the internet. Every call gives the same.
func New() *Internet {
	b := builder{in: &Internet{byCity: make([][numKinds][]int, len(Cities))}, asn: firstASN}
	countries := countriesInOrder()
	for _, c := range countries {
		b.fixedLines(c)
		b.carriers(c)
		b.offices(c)
	}
	b.hosting()
	b.vpns()
	b.tor()
	b.publicProxies()
	b.residentialProxies()
	return b.in
}

func countriesInOrder() []string {
	var list []string
	for _, c := range Cities {
		if !slices.Contains(list, c.Country) {
			list = append(list, c.Country)
		}
	}
	return list
}

func citiesOf(country string) []int {
	var list []int
	for i, c := range Cities {
		if c.Country == country {
			list = append(list, i)
		}
	}
	return list
}

func cityNamed(name string) int {
	return slices.IndexFunc(Cities, func(c City) bool { return c.Name == name })
}

// builder hands out AS numbers and address blocks in order.
type builder struct {
	in   *Internet
	asn  uint32
	slot uint32 // the next /16 of v4 and /32 of v6
}

func (b *builder) nextASN() uint32 {
	b.asn++
	return b.asn
}

// add makes a network of the next block, of which v4 takes the given prefix length, and lists it as serving the cities.
func (b *builder) add(n Network, bits int, withV6 bool, serves ...int) {
	slot := b.slot
	b.slot++
	n.V4 = netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(60 + slot>>8), byte(slot), 0, 0}), bits)
	if withV6 {
		block := uint16(0x1000 + slot)
		n.V6 = netip.PrefixFrom(netip.AddrFrom16([16]byte{0x2a, 0x00, byte(block >> 8), byte(block)}), 32)
	}
	// Databases do not put every prefix of a city on the same point.
	angle := float64(slot) * 2.399963 // the golden angle spreads them evenly
	n.Lat = round4(Cities[n.City].Lat + 0.03*math.Sin(angle))
	n.Lon = round4(Cities[n.City].Lon + 0.03*math.Cos(angle))
	id := len(b.in.Networks)
	b.in.Networks = append(b.in.Networks, n)
	b.in.byKind[n.Kind] = append(b.in.byKind[n.Kind], id)
	for _, c := range serves {
		b.in.byCity[c][n.Kind] = append(b.in.byCity[c][n.Kind], id)
	}
}

func round4(x float64) float64 { return math.Round(x*1e4) / 1e4 }

func (b *builder) radius() float64 { return radii[int(b.slot)*5%len(radii)] }

func (b *builder) fixedLines(country string) {
	for _, brand := range homeBrands {
		asn := b.nextASN()
		for _, c := range citiesOf(country) {
			b.add(Network{Kind: Home, ASN: asn, Org: fmt.Sprintf("%s %s", country, brand), City: c, RadiusKM: b.radius()}, 16, true, c)
		}
	}
}

func (b *builder) carriers(country string) {
	for _, brand := range mobileBrands {
		asn := b.nextASN()
		for left := citiesOf(country); len(left) > 0; {
			gateway := left[0]
			near, far := splitByReach(gateway, left)
			n := Network{Kind: Mobile, ASN: asn, Org: fmt.Sprintf("%s %s", country, brand), City: gateway, RadiusKM: coverKM(gateway, near)}
			b.add(n, 20, true, near...)
			left = far
		}
	}
}

func splitByReach(gateway int, cities []int) (near, far []int) {
	for _, c := range cities {
		if apartKM(gateway, c) <= gatewayReachKM {
			near = append(near, c)
		} else {
			far = append(far, c)
		}
	}
	return near, far
}

// coverKM is a radius around the gateway that holds all its phones, at least the 100 km usual on cellular networks.
func coverKM(gateway int, cities []int) float64 {
	r := 100.0
	for _, c := range cities {
		r = max(r, math.Ceil((apartKM(gateway, c)+20)/50)*50)
	}
	return r
}

func apartKM(a, b int) float64 {
	return DistanceKM(Cities[a].Lat, Cities[a].Lon, Cities[b].Lat, Cities[b].Lon)
}

func (b *builder) offices(country string) {
	asn := b.nextASN()
	for _, c := range citiesOf(country) {
		b.add(Network{Kind: Office, ASN: asn, Org: country + " Business Net", City: c, RadiusKM: b.radius()}, 20, false, c)
	}
}

func (b *builder) hosting() {
	for _, brand := range hostingBrands {
		asn := b.nextASN()
		for _, name := range hostingCities {
			c := cityNamed(name)
			b.add(Network{Kind: Hosting, ASN: asn, Org: brand, City: c, RadiusKM: 20}, 18, true, c)
		}
	}
}

func (b *builder) vpns() {
	for _, brand := range vpnBrands {
		asn := b.nextASN()
		for _, name := range vpnCities {
			c := cityNamed(name)
			b.add(Network{Kind: VPN, ASN: asn, Org: brand, City: c, RadiusKM: 100}, 24, false, c)
		}
	}
}

// tor puts exits on single servers of one operator that tolerates them.
func (b *builder) tor() {
	asn := b.nextASN()
	for i := range torExits {
		c := cityNamed(torCities[i%len(torCities)])
		b.add(Network{Kind: Tor, ASN: asn, Org: "Open Relay Association", City: c, RadiusKM: 50}, 30, false, c)
	}
}
