package bank

import (
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

func half() Config {
	return Config{Users: 3000, Seed: 14, For: 4 * 24 * time.Hour, Geo: true, SharedNetworks: 0.5}
}

// behind is what a group's customers showed of their networks.
type behind struct {
	people, sessions map[string]bool
	exits            map[string]map[uint32]int32 // address: who, and the city where she lives
	addresses        map[uint32]map[string]bool
	kinds            map[internet.Kind]int
	countries, flips int
	last             map[string]string // per session, its country and family
}

func newBehind() *behind {
	return &behind{people: map[string]bool{}, sessions: map[string]bool{}, exits: map[string]map[uint32]int32{}, addresses: map[uint32]map[string]bool{}, kinds: map[internet.Kind]int{}, last: map[string]string{}}
}

func (x *behind) see(s *session, n *internet.Network, l *Label) {
	x.people[s.c.id], x.sessions[l.Lineage] = true, true
	if x.exits[s.ip] == nil {
		x.exits[s.ip] = map[uint32]int32{}
	}
	if x.addresses[s.c.n] == nil {
		x.addresses[s.c.n] = map[string]bool{}
	}
	x.exits[s.ip][s.c.n], x.addresses[s.c.n][s.ip] = s.c.home, true
	x.kinds[n.Kind]++
	country, family := internet.Cities[n.Site].Country, "v4"
	if isV6(s.ip) {
		family = "v6"
	}
	if was := x.last[l.Lineage]; was != "" && !strings.HasPrefix(was, country) {
		x.countries++
	} else if was != "" && !strings.HasSuffix(was, family) {
		x.flips++
	}
	x.last[l.Lineage] = country + family
}

func groupsOf(t *testing.T, cfg Config) map[string]*behind {
	t.Helper()
	by := map[string]*behind{}
	play(t, cfg, func(b *Bank, p *Published) {
		s := b.sessions[p.Label.SessionID]
		if s == nil || s.ip == "" || p.Label.Actor == Thief || p.Label.Cause&(CauseApproval|CauseDisorder) != 0 || s.c.trip.away(b.nowMS) {
			return
		}
		if by[p.Label.Group] == nil {
			by[p.Label.Group] = newBehind()
		}
		by[p.Label.Group].see(s, &b.net.Networks[s.access.carrying(s.ip)], &p.Label)
	})
	return by
}

func TestHalfOfTheCustomersLiveBehindSharedNetworks(t *testing.T) {
	t.Parallel()
	by := groupsOf(t, half())
	shared, all := 0, 0
	for name, x := range by {
		all += len(x.people)
		if name != Others {
			shared += len(x.people)
		}
		if len(x.people) < 60 {
			t.Errorf("%d people in group %q", len(x.people), name)
		}
	}
	if share := float64(shared) / float64(all); share < 0.46 || share > 0.54 || len(by) != numGroups-1 {
		t.Errorf("%.3f of the customers in %d groups", share, len(by))
	}
	for _, k := range []internet.Kind{internet.Gateway, internet.CloudEdge, internet.Relay, internet.UnlistedRelay, internet.Office} {
		if n := by[Others].kinds[k]; n > 0 && k != internet.Office {
			t.Errorf("the others used networks of kind %d: %d times", k, n)
		}
	}
}

func TestEachSharedNetworkIsAsInLife(t *testing.T) {
	t.Parallel()
	by := groupsOf(t, half())
	f := func(group, what string, ok bool) {
		t.Helper()
		if !ok {
			t.Errorf("%s: %s", group, what)
		}
	}
	x := by["sase"]
	f("sase", "few hops between countries", x.countries > len(x.sessions)/20)
	f("sase", "one address a person", meanAddresses(x) > 8)
	f("sase", "both sorts of vendor", x.kinds[internet.Gateway] > 100 && x.kinds[internet.CloudEdge] > 100)
	x = by["company-vpn"]
	f("company-vpn", "few people behind one exit", crowd(x) >= 15)
	f("company-vpn", "exits at providers and at offices", x.kinds[internet.Hosting] > 100 && x.kinds[internet.Office] > 100)
	x = by["cgnat"]
	f("cgnat", "not on cellular", 2*x.kinds[internet.Mobile] > 3*x.kinds[internet.Home])
	x = by["relay"]
	f("relay", "mostly listed", x.kinds[internet.Relay] > 3*x.kinds[internet.UnlistedRelay] && x.kinds[internet.UnlistedRelay] > 50)
	x = by["office"]
	f("office", "few people behind one exit", crowd(x) >= 25)
	f("office", "all homes in one city", crowdsCities(x) >= 3)
	x = by["dual-stack"]
	f("dual-stack", "few flips between v4 and v6", x.flips > len(x.sessions)/8)
	f(Others, "flips between v4 and v6 as often", by[Others].flips*2*len(x.sessions) < x.flips*len(by[Others].sessions))
}

// crowd is how many people the busiest address served.
func crowd(x *behind) int {
	most := 0
	for _, who := range x.exits {
		most = max(most, len(who))
	}
	return most
}

// crowdsCities is in how many cities the people of the busiest address live.
func crowdsCities(x *behind) int {
	cities, most := map[int32]bool{}, 0
	for _, who := range x.exits {
		if len(who) <= most {
			continue
		}
		most = len(who)
		clear(cities)
		for _, city := range who {
			cities[city] = true
		}
	}
	return len(cities)
}

func meanAddresses(x *behind) float64 {
	n := 0
	for _, list := range x.addresses {
		n += len(list)
	}
	return float64(n) / float64(len(x.addresses))
}

func TestTheDefaultPopulationHasNoGroups(t *testing.T) {
	play(t, Config{Users: 100, Seed: 3, Attacks: Mix{ScriptedReplay: 2}}, func(_ *Bank, p *Published) {
		if p.Label.Group != "" {
			t.Fatalf("group %q of %s", p.Label.Group, p.Label.EventID)
		}
	})
	for _, share := range []float64{-0.1, 1.1} {
		if _, err := New(Config{SharedNetworks: share}); err == nil {
			t.Errorf("a share of %v was taken", share)
		}
	}
}
