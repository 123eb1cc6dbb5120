package bank

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// access is how somebody is on the internet at a moment.
type access struct {
	network  int32 // index into the internet's networks
	network6 int32 // the same, or the tunnel that carries v6
	v4, v6   string
	rttMS    int64 // to the bank, without jitter
	churn    churn

	household seed // of a home's line: when its address changes
}

// churn is how the address changes from one connection to the next.
type churn uint8

const (
	steady  churn = iota
	carrier       // another of the carrier's addresses
	gateway       // another exit of the secure web gateway
	relay         // another exit of the relay, in the same region
)

// nowhere is the network of an address that no database knows.
const nowhere = -1

// The bank answers from one place; a round trip takes as long as light in fibre there and back, and a way through
// routers: about 1 ms for 70 km, and the access itself.
const (
	bankLat, bankLon = 50.11, 8.68 // Frankfurt
	kmPerRTTms       = 70
	fixedRTTms       = 8
	cellularRTTms    = 38
	satelliteRTTms   = 45
	flightRTTms      = 620 // most planes use geostationary satellites
)

// line is subscriber i's access on a network.
func (b *Bank) line(network int, i uint32, dualStack bool) access {
	n := &b.net.Networks[network]
	site := &internet.Cities[n.Site]
	a := access{network: int32(network), network6: int32(network), v4: n.Addr4(i).String()}
	a.rttMS = fixedRTTms + travelMS(internet.DistanceKM(site.Lat, site.Lon, bankLat, bankLon))
	switch {
	case n.Kind == internet.Mobile:
		a.rttMS += cellularRTTms - fixedRTTms
	case n.Org == internet.InFlight:
		a.rttMS += flightRTTms
	case n.Kind == internet.Satellite:
		a.rttMS += satelliteRTTms
	}
	if dualStack && n.V6.IsValid() {
		a.v6 = n.Addr6(i, 0x0211_22ff_fe33_0000|uint64(i&0xffff)).String()
	}
	return a
}

func travelMS(km float64) int64 { return int64(km / kmPerRTTms) }

// apartMS is the round trip between two networks.
func (b *Bank) apartMS(one, other int32) int64 {
	return travelMS(apartKM(int32(b.net.Networks[one].Site), int32(b.net.Networks[other].Site)))
}

// ip chooses the address family of a connection: happy eyeballs prefers v6 and falls back now and then (RFC 8305).
func (a *access) ip(r *rand.Rand) string {
	if a.v6 != "" && chance(r, 0.85) {
		return a.v6
	}
	return a.v4
}

// carrying is the network that an address belongs to.
func (a *access) carrying(ip string) int32 {
	if isV6(ip) {
		return a.network6
	}
	return a.network
}

// through puts a detour in front of the bank: every packet goes to the exit first.
func (b *Bank) through(exit access, from access) access {
	exit.rttMS += fixedRTTms + b.apartMS(exit.network, from.network)
	return exit
}

// A provider's rented servers on which customers run VPNs of their own: the first, and how many.
const (
	ownServers     = 16_000
	ownServerCount = 300
)

// throughVPN is the customer's commercial VPN from where she is.
func (b *Bank) throughVPN(c *customer, from access) access {
	exit := uint32(c.rng.IntN(250))
	if b.net.Networks[c.vpn].Kind == internet.Hosting {
		exit = ownServers + c.n%ownServerCount
	}
	return b.through(b.line(int(c.vpn), exit, false), from)
}

// Secure web gateways: a company's agent sends all traffic to the nearest point of presence and at times to the
// next. A user was seen with more than 200 addresses in a week (Microsoft CloudAppSecurityDocs issue 661), so every
// connection draws another exit; how often the point of presence changes is plausible, not measured.
const (
	shareOtherPOP = 0.015 // of the connections go to another point of presence
	gatewayExits  = 500   // addresses of a prefix
)

// throughGateway is the company's gateway from where she is.
func (b *Bank) throughGateway(c *customer, from access) access {
	exits := b.net.Operator(c.gateway)
	city := b.net.Networks[from.network].Site
	if c.backhaul != nil {
		city = int(*c.backhaul)
	}
	nearest := b.nearestSite(exits, city, -1)
	site := nearest
	if chance(c.rng, cmp.Or(c.otherPOP, shareOtherPOP)) {
		site = b.nearestSite(exits, city, nearest)
	}
	for {
		if n := pick(c.rng, exits); b.net.Networks[n].Site == site {
			a := b.through(b.line(n, uint32(c.rng.IntN(gatewayExits)), false), from)
			a.churn = gateway
			return a
		}
	}
}

// nearestSite is the place of the nearest of some networks to a city, other than one.
func (b *Bank) nearestSite(networks []int, city, other int) int {
	best, bestKM := 0, 1e9
	for _, n := range networks {
		site := b.net.Networks[n].Site
		if km := apartKM(int32(city), int32(site)); site != other && km < bestKM {
			best, bestKM = site, km
		}
	}
	return best
}

// nearestOf is the network at that place.
func (b *Bank) nearestOf(networks []int, city int32) int {
	site := b.nearestSite(networks, int(city), -1)
	return networks[slices.IndexFunc(networks, func(n int) bool { return b.net.Networks[n].Site == site })]
}

// throughRelay is a private relay's exit for the region.
func (b *Bank) throughRelay(c *customer, city int32, from access) access {
	exits := b.relayExits(c, city)
	a := b.through(b.line(pick(c.rng, exits), uint32(c.rng.IntN(900)), chance(c.rng, 0.6)), from)
	a.churn = relay
	return a
}

// Private relays. Who has one chooses whether it tells the region or the country and the time zone only (Apple, About iCloud Private Relay);
// its exits belong to several content networks, of which databases know most. How many choose so and how many are not known is plausible,
// not measured.
const (
	shareRelayWide     = 0.3
	shareRelayUnlisted = 0.15 // of the exits of who lives behind a relay
)

// relayExits are the exits that may serve a customer in a city.
func (b *Bank) relayExits(c *customer, city int32) []int {
	if c.group != behindRelay {
		return b.net.In(int(city), internet.Relay)
	}
	if c.relayWide {
		city = int32(pick(c.rng, b.domestic(city)))
	}
	if chance(c.rng, shareRelayUnlisted) {
		return b.net.In(int(city), internet.UnlistedRelay)
	}
	return b.net.In(int(city), internet.Relay)
}

// renderGeo is client.geo of a network, as a reader with the databases would find it.
func renderGeo(n *internet.Network, p internet.Place) string {
	g := fmt.Sprintf(`"geo":{"lat":%v,"lon":%v,"accuracy_radius_km":%v,"country":"%s"`, p.Lat, p.Lon, p.RadiusKM, p.Country)
	if p.City >= 0 {
		g += fmt.Sprintf(`,"city":"%s"`, internet.Cities[p.City].Name)
	}
	g += fmt.Sprintf(`,"asn":%d,"as_org":"%s"`, n.ASN, n.Org)
	if k := n.Connection(); k != "" {
		g += fmt.Sprintf(`,"connection_type":"%s"`, k)
	}
	if k := n.Anonymous(); k != "" {
		g += fmt.Sprintf(`,"anonymous":["%s"]`, k)
	}
	return g + "}"
}
