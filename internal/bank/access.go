package bank

import (
	"fmt"
	"math/rand/v2"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// access is how somebody is on the internet at a moment.
type access struct {
	network int32 // index into the internet's networks
	v4, v6  string
	rttMS   int64 // to the bank, without jitter
}

// nowhere is the network of an address that no database knows.
const nowhere = -1

// The bank answers from one place; a round trip takes as long as light in fibre there and back, and a way through
// routers: about 1 ms for 70 km, and the access itself.
const (
	bankLat, bankLon = 50.11, 8.68 // Frankfurt
	kmPerRTTms       = 70
)

// line is subscriber i's access on a network.
func (b *Bank) line(network int, i uint32, dualStack bool) access {
	n := &b.net.Networks[network]
	rtt := 8 + int64(internet.DistanceKM(n.Lat, n.Lon, bankLat, bankLon)/kmPerRTTms)
	if n.Kind == internet.Mobile {
		rtt += 30
	}
	a := access{network: int32(network), v4: n.Addr4(i).String(), rttMS: rtt}
	if dualStack && n.V6.IsValid() {
		a.v6 = n.Addr6(i, 0x0211_22ff_fe33_0000|uint64(i&0xffff)).String()
	}
	return a
}

// phoneExits is how many addresses a carrier's exit shares among all its phones.
const phoneExits = 64

// cellular is the customer's phone on a carrier where she is. Abroad it is a carrier of that country, as with a travel
// eSIM; roaming through the carrier at home is not modelled.
func (b *Bank) cellular(c *customer, city int32) access {
	nets := b.net.In(int(city), internet.Mobile)
	return b.line(nets[int(c.carrier)%len(nets)], uint32(c.rng.IntN(phoneExits)), chance(c.rng, 0.5))
}

// wifi is the fixed network where the customer is: office, home, or a hotel.
func (b *Bank) wifi(c *customer, city int32) access {
	switch {
	case city != c.home:
		return b.line(b.net.In(int(city), internet.Office)[0], 2048+uint32(c.rng.IntN(200)), false)
	case c.office != nil && atWork(city, b.nowMS) && chance(c.rng, 0.7):
		return *c.office
	}
	return c.homeLine
}

// throughVPN is the customer's VPN from where she is: every packet goes to the exit first.
func (b *Bank) throughVPN(c *customer, from access) access {
	a := b.line(int(c.vpn), uint32(c.rng.IntN(250)), false)
	n, f := &b.net.Networks[c.vpn], &b.net.Networks[from.network]
	a.rttMS += 8 + int64(internet.DistanceKM(n.Lat, n.Lon, f.Lat, f.Lon)/kmPerRTTms)
	return a
}

// ip chooses the address family of a connection: happy eyeballs prefers v6 and falls back now and then (RFC 8305).
func (a *access) ip(r *rand.Rand) string {
	if a.v6 != "" && chance(r, 0.85) {
		return a.v6
	}
	return a.v4
}

// renderGeo is client.geo of every network, as a reader with the databases would find it.
func renderGeo(in *internet.Internet) []string {
	list := make([]string, len(in.Networks))
	for i := range in.Networks {
		n := &in.Networks[i]
		c := internet.Cities[n.City]
		g := fmt.Sprintf(`"geo":{"lat":%v,"lon":%v,"accuracy_radius_km":%v,"country":"%s","city":"%s","asn":%d,"as_org":"%s"`,
			n.Lat, n.Lon, n.RadiusKM, c.Country, c.Name, n.ASN, n.Org)
		if k := n.Connection(); k != "" {
			g += fmt.Sprintf(`,"connection_type":"%s"`, k)
		}
		if k := n.Anonymous(); k != "" {
			g += fmt.Sprintf(`,"anonymous":["%s"]`, k)
		}
		list[i] = g + "}"
	}
	return list
}
