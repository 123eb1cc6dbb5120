// Package internet is the synthetic internet in which the synthetic bank's customers and thieves live: networks with
// prefixes, autonomous systems, places and kinds, the same in every run. WriteDatabases writes it as MaxMind
// databases, so that the production path of enrichment can be run against it.
//
// The cities are real, and so are their coordinates. The operators are invented. Addresses are public ones (the
// product treats private and documentation addresses specially), AS numbers are from the range for private use
// (RFC 6996), so that no real operator is named.
package internet

import (
	"math"
	"net/netip"
)

// Kind is what a network is used for.
type Kind uint8

// The kinds of network.
const (
	Home             Kind = iota // fixed line of a household, an address each
	Mobile                       // a carrier's exit behind carrier-grade NAT, shared by many phones
	Office                       // companies and hotels: one address for everybody inside
	Hosting                      // rented servers
	VPN                          // exits of a commercial VPN
	Tor                          // Tor exits
	Gateway                      // exits of a secure web gateway (SASE), through which companies send their people's traffic
	Relay                        // exits of a private relay, each for a region
	Satellite                    // ground stations of satellite and in-flight networks
	Tunnel                       // exits of a broker of v6 tunnels
	PublicProxy                  // open proxies, which anybody may use
	ResidentialProxy             // households whose line is sold on
	CloudEdge                    // exits of a secure web gateway that runs in a cloud
	UnlistedRelay                // exits of a private relay that databases do not know as one: a content network's
	numKinds         = int(iota)
)

// Network is one prefix pair of one operator, at one place.
type Network struct {
	Kind   Kind
	ASN    uint32
	Org    string
	Site   int  // index into Cities: where it truly is
	Hosted bool // databases take it for a hosting provider's
	Place       // what the first database build says
	V4     netip.Prefix
	V6     netip.Prefix // invalid where the network has none
}

// Connection is the network's connection type in MaxMind's words, "" where databases have none.
func (n *Network) Connection() string {
	switch n.Kind {
	case Home, ResidentialProxy:
		return "Cable/DSL"
	case Mobile:
		return "Cellular"
	case Tor:
		return ""
	case Satellite:
		return "Satellite"
	}
	return "Corporate"
}

// Anonymous is the kind of anonymising network in the words of client.geo.anonymous, "" where it is none.
func (n *Network) Anonymous() string {
	switch n.Kind {
	case Hosting, CloudEdge:
		return "hosting"
	case Gateway:
		if n.Hosted {
			return "hosting"
		}
	case Relay:
		return "relay"
	case VPN:
		return "vpn"
	case Tor:
		return "tor"
	case PublicProxy:
		return "public_proxy"
	case ResidentialProxy:
		return "residential_proxy"
	}
	return ""
}

// Addr4 is the i-th v4 address of the network, beginning again when there are no more.
func (n *Network) Addr4(i uint32) netip.Addr {
	size := uint32(1)<<(32-n.V4.Bits()) - 2
	b := n.V4.Addr().As4()
	base := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	a := base + 1 + i%size
	return netip.AddrFrom4([4]byte{byte(a >> 24), byte(a >> 16), byte(a >> 8), byte(a)})
}

// Addr6 is an address of the network's i-th subscriber, who has a /64, with the given interface identifier. It is
// invalid when the network has no v6.
func (n *Network) Addr6(i uint32, iface uint64) netip.Addr {
	if !n.V6.IsValid() {
		return netip.Addr{}
	}
	b := n.V6.Addr().As16()
	b[4], b[5], b[6], b[7] = byte(i>>24), byte(i>>16), byte(i>>8), byte(i)
	for k := range 8 {
		b[8+k] = byte(iface >> (56 - 8*k))
	}
	return netip.AddrFrom16(b)
}

// Internet is the world's networks. It is immutable.
type Internet struct {
	Networks []Network
	byCity   [][numKinds][]int // per city and kind, indexes into Networks; of Mobile: the exits that serve the city
	byKind   [numKinds][]int
	byASN    map[uint32][]int
}

// In gives the networks of a kind that serve a city, as indexes into Networks. The slice is read only.
func (in *Internet) In(city int, k Kind) []int { return in.byCity[city][k] }

// All gives all networks of a kind, as indexes into Networks. The slice is read only.
func (in *Internet) All(k Kind) []int { return in.byKind[k] }

// Operator gives all networks of an operator, as indexes into Networks. The slice is read only.
func (in *Internet) Operator(asn uint32) []int { return in.byASN[asn] }

// DistanceKM is the great-circle distance on a sphere of 6371 km (haversine).
func DistanceKM(latA, lonA, latB, lonB float64) float64 {
	const rad = math.Pi / 180
	dLat, dLon := (latB-latA)*rad, (lonB-lonA)*rad
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(latA*rad)*math.Cos(latB*rad)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * 6371 * math.Asin(math.Min(1, math.Sqrt(h)))
}
