package internet

import (
	"fmt"
	"net/netip"
	"slices"
)

// Sizes of the world. Four fixed-line operators and two carriers a country; a carrier has one gateway for every
// gatewayReachKM, as carriers have few (Triukose 2012: the place of a cellular address is wrong by 100 km and more in
// about 70 % of the cases). Databases place each prefix by itself: a city has several of every operator.
const (
	carriersPerCountry = 2
	mobilePrefixes     = 4 // of a carrier's gateway
	officePrefixes     = 3
	gatewayPrefixes    = 4 // of a secure web gateway's point of presence
	gatewayReachKM     = 350
	torExits           = 40
	firstASN           = 64512 // RFC 6996
)

var (
	mobileBrands  = [carriersPerCountry]string{"Mobil", "Cell"}
	hostingBrands = []string{"Birch Servers", "Granite Cloud", "Nimbus Hosting", "Quayside Compute"}
	hostingCities = []string{"Amsterdam", "Hamburg", "London", "New York", "Bucharest", "Singapore", "Helsinki"}
	vpnBrands     = []string{"Hidden Cove VPN", "Grey Heron VPN"}
	vpnCities     = []string{"Stockholm", "Oslo", "Copenhagen", "Amsterdam", "London", "Paris", "New York", "Singapore"}
	torCities     = []string{"Amsterdam", "Berlin", "Bucharest", "New York"}
	gatewayBrands = []string{"Clearpath Secure Edge", "Palisade Cloud Gateway"}
	gatewayCities = []string{"Stockholm", "Copenhagen", "Hamburg", "Amsterdam", "London", "Warsaw", "Paris"}
	edgeBrands    = []string{"Highwater Access Edge"}
	relayBrands   = []string{"Mirage Relay North", "Mirage Relay South"}
	stationCities = []string{"Hamburg", "London", "Madrid", "Warsaw"}
	flightCities  = []string{"New York", "London"}
	tunnelCities  = []string{"Amsterdam", "Stockholm", "Hamburg"}
)

// New builds the internet. Every call gives the same.
func New() *Internet {
	b := builder{in: &Internet{byCity: make([][numKinds][]int, len(Cities)), byASN: map[uint32][]int{}}, asn: firstASN}
	countries := countriesInOrder()
	for _, c := range countries {
		b.fixedLines(c, largeOperators)
		b.carriers(c)
		b.offices(c)
	}
	for _, c := range countries {
		b.fixedLines(c, smallOperators)
	}
	b.hosting()
	b.vpns()
	b.tor()
	b.publicProxies()
	b.residentialProxies()
	b.gateways()
	b.relays()
	b.satellites()
	b.tunnels()
	b.cloudEdges()
	b.unlistedRelays()
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
	id := len(b.in.Networks)
	n.Place = known(&n, id, 0)
	b.in.Networks = append(b.in.Networks, n)
	b.in.byKind[n.Kind] = append(b.in.byKind[n.Kind], id)
	b.in.byASN[n.ASN] = append(b.in.byASN[n.ASN], id)
	for _, c := range serves {
		b.in.byCity[c][n.Kind] = append(b.in.byCity[c][n.Kind], id)
	}
}

// operator is a brand of fixed lines, with prefixes in each city by its share of the lines.
type operator struct {
	brand    string
	prefixes int
}

// Two operators have most lines of a country, and there are others: a former monopoly has on average about 44 % in the EU, from 28 % in the
// United Kingdom to 76 % in Cyprus (European Commission, progress report on the single telecoms market). The shares of the rest are plausible, not
// measured.
var (
	largeOperators = []operator{{"Fiber", 6}, {"Cable", 6}}
	smallOperators = []operator{{"City Net", 2}, {"Broadband", 2}}
)

func (b *builder) fixedLines(country string, operators []operator) {
	for _, o := range operators {
		asn := b.nextASN()
		for _, c := range citiesOf(country) {
			for range o.prefixes {
				b.add(Network{Kind: Home, ASN: asn, Org: fmt.Sprintf("%s %s", country, o.brand), Site: c}, 16, true, c)
			}
		}
	}
}

func (b *builder) carriers(country string) {
	for _, brand := range mobileBrands {
		asn := b.nextASN()
		for left := citiesOf(country); len(left) > 0; {
			gateway := left[0]
			near, far := splitByReach(gateway, left)
			for range mobilePrefixes {
				b.add(Network{Kind: Mobile, ASN: asn, Org: fmt.Sprintf("%s %s", country, brand), Site: gateway}, 20, true, near...)
			}
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

func apartKM(a, b int) float64 {
	return DistanceKM(Cities[a].Lat, Cities[a].Lon, Cities[b].Lat, Cities[b].Lon)
}

func (b *builder) offices(country string) {
	asn := b.nextASN()
	for _, c := range citiesOf(country) {
		for range officePrefixes {
			b.add(Network{Kind: Office, ASN: asn, Org: country + " Business Net", Site: c}, 20, false, c)
		}
	}
}

// spread gives each brand an AS number and prefixes of a kind in each of the cities.
func (b *builder) spread(brands, cities []string, prefixes int, n Network, bits int, withV6 bool) {
	for _, brand := range brands {
		n.ASN, n.Org = b.nextASN(), brand
		for _, name := range cities {
			n.Site = cityNamed(name)
			for range prefixes {
				b.add(n, bits, withV6, n.Site)
			}
		}
	}
}

func (b *builder) hosting() {
	b.spread(hostingBrands, hostingCities, 1, Network{Kind: Hosting}, 18, true)
}

func (b *builder) vpns() {
	b.spread(vpnBrands, vpnCities, 1, Network{Kind: VPN}, 24, false)
}

// tor puts exits on single servers of one operator that tolerates them.
func (b *builder) tor() {
	asn := b.nextASN()
	for i := range torExits {
		c := cityNamed(torCities[i%len(torCities)])
		b.add(Network{Kind: Tor, ASN: asn, Org: "Open Relay Association", Site: c}, 30, false, c)
	}
}

// gateways are two vendors' points of presence; databases take some of their prefixes for a hosting provider's.
func (b *builder) gateways() {
	for _, brand := range gatewayBrands {
		asn := b.nextASN()
		for i, name := range gatewayCities {
			c := cityNamed(name)
			for k := range gatewayPrefixes {
				b.add(Network{Kind: Gateway, ASN: asn, Org: brand, Site: c, Hosted: (i+k)%3 == 0}, 22, false, c)
			}
		}
	}
}

// cloudEdges are the points of presence of a gateway that its vendor runs on somebody's cloud.
func (b *builder) cloudEdges() {
	b.spread(edgeBrands, gatewayCities, gatewayPrefixes, Network{Kind: CloudEdge}, 22, false)
}

// unlistedRelays are exits that the relay's operator took into use after the databases were made.
func (b *builder) unlistedRelays() {
	b.spreadEverywhere("Lantern Content Network", UnlistedRelay)
}

// relays have an exit for every city: a relay tells the region of its user (Apple publishes the list of its own).
func (b *builder) relays() {
	for _, brand := range relayBrands {
		b.spreadEverywhere(brand, Relay)
	}
}

func (b *builder) spreadEverywhere(brand string, k Kind) {
	asn := b.nextASN()
	for c := range Cities {
		b.add(Network{Kind: k, ASN: asn, Org: brand, Site: c}, 22, true, c)
	}
}

// satellites come down at few ground stations; a plane's traffic at the operator's, far from the plane.
func (b *builder) satellites() {
	b.spread([]string{"Polar Constellation"}, stationCities, 2, Network{Kind: Satellite}, 20, false)
	b.spread([]string{InFlight}, flightCities, 1, Network{Kind: Satellite}, 24, false)
}

// InFlight is the operator of the wifi in planes.
const InFlight = "Skyway In-flight"

func (b *builder) tunnels() {
	b.spread([]string{"Sixways Tunnel Broker"}, tunnelCities, 1, Network{Kind: Tunnel}, 24, true)
}
