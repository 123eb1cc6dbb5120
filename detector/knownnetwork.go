package detector

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// NetworkKnown is what the second stage knows of a network or provider. Times are Unix ms; 0 is never.
type NetworkKnown struct {
	Key       string // "ip:<prefix>" or "asn:<number>"
	Users     int    // who were seen there and whose home is known; an estimate, by linear counting
	Near, Far int    // users who live near its place, and far from it
	Homes     []HomeKnown
	SeenMS    int64 // when somebody was seen there last
	LearnedMS int64 // since when it has no place; 0: it has one
	UntilMS   int64 // until when the first stage was told that it has none
	Why       string
	Ways      []WayKnown
}

// HomeKnown is a place where users live who came out at a network far from there.
type HomeKnown struct {
	City, Country string  // "" where it is not known
	Lat, Lon      float64 // degrees, to a tenth; 0, 0 where only the country is known
	Users         int     // of the latest 24
}

// WayKnown is a way between two providers that unchanged clients take.
type WayKnown struct {
	Kind      string // of Knowledge
	With      uint32 // the other provider's number; 0: of any listed relay
	Users     int
	LearnedMS int64 // 0: not yet
	UntilMS   int64
}

// NetworkKey gives the key under which a network ("192.0.2.0/24", or an address in it) or provider ("AS64500", "64500") is counted; false for a
// text that names neither.
func NetworkKey(text string) (string, bool) {
	if a, err := netip.ParseAddr(text); err == nil {
		return networkKey(a.Unmap()), true
	}
	if p, err := netip.ParsePrefix(text); err == nil && p.Addr().Is4() && p.Bits() >= prefixV4 || err == nil && p.Addr().Is6() && p.Bits() >= prefixV6 {
		return networkKey(p.Addr()), true
	}
	key := "asn:" + strings.TrimPrefix(strings.ToUpper(text), "AS")
	return key, asnOf(key).Set
}

// Network gives what a second stage's engine knows of a network or provider, by its key; false for nothing.
func (g *Engine) Network(tenant, key string) (n NetworkKnown, known bool) {
	slot := g.nodeAt[g.hash.key(nodeKey, tenant, key)]
	if slot == 0 {
		return n, false
	}
	from := g.nodes.at(slot)
	x := g.egressOf(from)
	n = NetworkKnown{Key: key, Users: from.users(x), Near: int(from.near), Far: int(from.far), SeenMS: from.last, Ways: g.waysOf(tenant, key)}
	if x != nil {
		n.Homes = g.homesOf(x)
		if x.learned != 0 {
			n.LearnedMS, n.UntilMS = int64(x.learned)*1000, int64(x.until)*1000
		}
	}
	n.Why = whyPlace(from, x)
	return n, true
}

// whyPlace says why a network has a place, or has none.
func whyPlace(n *node, x *egress) string {
	switch {
	case x != nil && x.learned != 0 && x.rotates(n):
		return fmt.Sprintf("at least %d of its users went from exit to exit faster than anybody travels", x.hopped())
	case x == nil || x.homes() == 0:
		return "nobody came out here far from his home"
	case x.learned != 0:
		return "users of several homes come out at one exit, far from where they are"
	case x.last-min(x.first, x.last) < egressOver:
		return "less than a day has passed since the first user came out here far from his home"
	case !x.mixes():
		return "fewer than 5 users, or of fewer than 3 homes, came out at one exit far from their homes"
	}
	return "most who come here live here"
}

// homesOf counts the movers by home, most users first.
func (g *Engine) homesOf(x *egress) (homes []HomeKnown) {
	for i := range x.movers {
		m := &x.movers[i]
		if m.user == 0 {
			continue
		}
		h := HomeKnown{City: g.names.text(m.name), Country: countryText(m.home.country), Lat: float64(m.home.lat) / 10, Lon: float64(m.home.lon) / 10}
		at := slices.IndexFunc(homes, func(k HomeKnown) bool {
			return k.City == h.City && k.Country == h.Country && (h.City != "" || k.Lat == h.Lat && k.Lon == h.Lon)
		})
		if at < 0 {
			homes, at = append(homes, h), len(homes)
		}
		homes[at].Users++
	}
	slices.SortStableFunc(homes, func(a, b HomeKnown) int {
		return cmp.Or(b.Users-a.Users, strings.Compare(a.Country, b.Country), strings.Compare(a.City, b.City))
	})
	return homes
}

// waysOf lists the ways that end at a provider, learned ones first.
func (g *Engine) waysOf(tenant, key string) (ways []WayKnown) {
	asn, t := asnOf(key), g.hash.word(tenant)
	for slot := uint32(1); asn.Set && slot <= g.ways.used; slot++ {
		if w := g.ways.at(slot); w.tenant == t && int64(w.asn) == asn.V && int64(w.last)+egressForgets >= g.clock/1000 {
			known := WayKnown{Kind: Knowledge[w.kind-1], With: w.from, Users: w.count()}
			if w.from == anyLine {
				known.With = 0
			}
			if w.learned != 0 {
				known.LearnedMS, known.UntilMS = int64(w.learned)*1000, int64(w.until)*1000
			}
			ways = append(ways, known)
		}
	}
	slices.SortFunc(ways, func(a, b WayKnown) int {
		return cmp.Or(cmp.Compare(min(b.LearnedMS, 1), min(a.LearnedMS, 1)), b.Users-a.Users, cmp.Compare(a.With, b.With))
	})
	return ways
}

// Network gives what the house's second stage knows of a network or provider, by its key.
func (h *House) Network(tenant, key string) (NetworkKnown, bool) {
	return h.Second[h.partition(key)].Network(tenant, key)
}
