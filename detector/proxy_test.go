package detector_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
)

// C23: a proxy of the bank's own gives everybody one address far away. The brake holds: no more customers are asked than its limit, the
// rest is observed, and the decision says what was held back.
func TestOneAddressForEverybody(t *testing.T) {
	const customers, limit = 6000, 1000 // rules.yaml: 1,000 step-ups in 5 minutes, and 2 % of the live sessions
	g := detector.New(detector.Config{Rules: loadShipped(t)})
	home, proxy := detector.Geo{Country: "SE", ASN: detector.Whole{V: 64500, Set: true}, Build: "test"}, detector.Geo{Country: "SG", ASN: detector.Whole{V: 64501, Set: true}, Build: "test"}
	home.Lat, home.Lon = detector.Real{V: 59.33, Set: true}, detector.Real{V: 18.07, Set: true}
	proxy.Lat, proxy.Lon = detector.Real{V: 1.35, Set: true}, detector.Real{V: 103.8, Set: true}
	for i := range customers {
		g.Observe(presented(i, 0, netip.AddrFrom4([4]byte{81, 2, byte(i >> 8), byte(i)}), home))
	}
	asked, held := 0, 0
	for i := range customers {
		for _, d := range g.Observe(presented(i, 60_000+int64(i), netip.AddrFrom4([4]byte{203, 0, 113, 9}), proxy)).Decisions {
			if d.Action == rules.RequireReauth {
				asked++
			}
			if d.Braked != rules.None {
				held++
			}
		}
	}
	if asked > limit || held == 0 || asked+held != customers || len(g.Stats().Brakes) == 0 {
		t.Errorf("%d asked and %d held back of %d, brakes %v: want at most %d asked", asked, held, customers, g.Stats().Brakes, limit)
	}
}

// C23: it gives everybody one session id. That is one session: one revoke, however many customers show it.
func TestOneSessionForEverybody(t *testing.T) {
	g := detector.New(detector.Config{Rules: loadShipped(t)})
	sent := 0
	for i := range 6000 {
		e := presented(i, int64(i), netip.AddrFrom4([4]byte{81, 2, byte(i >> 8), byte(i)}), detector.Geo{})
		e.Session.ID = "same"
		for _, c := range g.Observe(e).Commands {
			if c.Action >= rules.RevokeSession {
				sent++
			}
		}
	}
	if sent != 1 {
		t.Errorf("%d revokes, want 1", sent)
	}
}

func presented(i int, atMS int64, ip netip.Addr, geo detector.Geo) *detector.Event {
	e := &detector.Event{ID: fmt.Sprint(i, "-", atMS), Source: "/apps/web", Type: detector.SessionPresented, TypeName: "session.presented", TimeMS: 1_795_338_000_000 + atMS}
	e.Session.ID, e.User.ID = fmt.Sprint("ses-", i), fmt.Sprint("u-", i)
	e.Client.IP, e.Client.Geo = ip, geo
	return e
}
