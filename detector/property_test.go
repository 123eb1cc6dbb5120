package detector_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
	"pgregory.net/rapid"
)

// smallCaps make every cap bind.
func smallCaps(set *rules.Set) detector.Config {
	return detector.Config{Rules: set, GeoBuild: "test", MaxSessions: 5, MaxUsers: 3}
}

// Whatever an event says: no panic, and the state stays within its caps.
func TestPropertyBounded(t *testing.T) {
	set := loadShipped(t)
	rapid.Check(t, func(t *rapid.T) {
		cfg, w := smallCaps(set), newWorld(t)
		if rapid.IntRange(0, 9).Draw(t, "before") == 0 {
			w.now = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
		}
		g := detector.New(cfg)
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			w.saw(g.Observe(w.event()))
			within(t, g, cfg)
		}
	})
}

func within(t rapid.TB, g *detector.Engine, cfg detector.Config) {
	p := detector.PopulationOf(g)
	if p.Sessions > cfg.MaxSessions || p.Users > cfg.MaxUsers || p.Families > cfg.MaxSessions || p.Trails > p.Sessions || p.Visitors > p.Sessions ||
		p.Risks > p.Sessions+p.Families || p.Spendings > p.Users {
		t.Fatalf("beyond the caps: %+v", p)
	}
	if s := g.Stats(); s.Sessions < 0 || s.Sessions > p.Sessions {
		t.Fatalf("%d live sessions of %d", s.Sessions, p.Sessions)
	}
}

// Snapshot, restore and go on equals going on: the same outcomes, the same state.
func TestPropertyRestore(t *testing.T) {
	set := loadShipped(t)
	rapid.Check(t, func(t *rapid.T) {
		cfg, w := smallCaps(set), newWorld(t)
		steady, restarted := detector.New(cfg), detector.New(cfg)
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			e := w.event()
			out := steady.Observe(e)
			w.saw(out)
			if want, got := render(out), render(restarted.Observe(e)); want != got {
				t.Fatalf("after a restart\n%s\nwithout\n%s%s", got, want, w.story())
			}
			if rapid.IntRange(0, 11).Draw(t, "restart") == 0 {
				restarted = restart(t, cfg, restarted)
			}
		}
		if steady.Hash() != restarted.Hash() {
			t.Fatal("the states differ")
		}
	})
}

// A repeat within 10 minutes, of one of the last events of its session, changes nothing and answers nothing.
func TestPropertyDuplicates(t *testing.T) {
	set := loadShipped(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		once, twice := detector.New(detector.Config{Rules: set}), detector.New(detector.Config{Rules: set})
		var recent []*detector.Event
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			e := w.event()
			out := once.Observe(e)
			w.saw(out)
			if want, got := render(out), render(twice.Observe(e)); want != got {
				t.Fatalf("after repeats\n%s\nwithout\n%s%s", got, want, w.story())
			}
			recent = append(recent, e)
			again := *recent[rapid.IntRange(max(0, len(recent)-4), len(recent)-1).Draw(t, "again")]
			again.Record.Offset = int64(1000 + w.n)
			if w.clock-again.TimeMS > 10*60_000 {
				continue // it need not be remembered
			}
			if out := twice.Observe(&again); len(out.Decisions)+len(out.Commands) > 0 {
				t.Fatalf("a repeat of %s was answered: %s%s", tell(&again), render(out), w.story())
			}
		}
	})
}

// The same ids in two tenants never meet.
func TestPropertyTenants(t *testing.T) {
	set := loadShipped(t)
	rapid.Check(t, func(t *rapid.T) {
		a := newWorld(t)
		a.tenant = "a"
		b := *a
		b.tenant = "b"
		alone, shared := detector.New(detector.Config{Rules: set}), detector.New(detector.Config{Rules: set})
		for range rapid.IntRange(1, 30).Draw(t, "events") {
			e, other := a.event(), b.event()
			other.TimeMS, b.now = min(other.TimeMS, a.clock), a.now
			want := render(alone.Observe(e))
			if got := render(shared.Observe(e)); want != got {
				t.Fatalf("beside another tenant\n%s\nalone\n%s%s%s", got, want, a.story(), b.story())
			}
			if a.clock != 0 {
				shared.Observe(other)
			}
		}
	})
}

// excuses are fields that explain what would else be evidence: with one taken away an event may say more against the session.
var excuses = []string{"background", "user.actor_id", "outcome", "client.geo.anonymous", "client.geo.connection_type", "client.geo.is_anycast",
	"client.geo.accuracy_radius_km", "client.geo.lat", "client.geo.lon", "session.kind", "session.transport", "session.end_reason", "http.csrf", "auth.time", "client.geo.country", "client.geo.asn"}

// What is absent is never evidence: an event with fields removed fires no rule that the whole event does not fire.
func TestPropertyAbsence(t *testing.T) {
	set := loadShipped(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		whole, reduced := detector.New(detector.Config{Rules: set}), detector.New(detector.Config{Rules: set})
		for range rapid.IntRange(1, 20).Draw(t, "events") {
			e := w.event()
			whole.Observe(e)
			reduced.Observe(e)
		}
		e := w.event()
		less := *e
		var removed []string
		for _, f := range drawnFields {
			if f.Present(e) && !slices.Contains(excuses, f.Name) && rapid.Bool().Draw(t, f.Name) {
				f.Assign(&less, rules.Value{})
				removed = append(removed, f.Name)
			}
		}
		if !w.sixes && rapid.Bool().Draw(t, "agent") { // the client explains the other address family of its line
			less.Client.Agent = detector.Agent{}
		}
		all := fired(whole.Observe(e))
		for _, id := range fired(reduced.Observe(&less)) {
			if !slices.Contains(all, id) {
				t.Fatalf("%s fires without %v, and not with them%s", id, removed, w.story())
			}
		}
	})
}

// fired lists the rules that fired and were not excepted.
func fired(out detector.Outcome) (ids []string) {
	for _, d := range out.Decisions {
		for _, f := range d.Findings {
			if f.ExceptedBy == "" {
				ids = append(ids, f.Rule)
			}
		}
	}
	return ids
}

// Ten thousand sessions of one user, ten thousand addresses of one session, counters of a billion, ten thousand tokens of one family.
func TestManyOfOneKind(t *testing.T) {
	cfg := detector.Config{Rules: loadShipped(t), MaxSessions: 2000, MaxUsers: 100}
	for name, each := range map[string]func(int, *detector.Event){
		"sessions": func(i int, e *detector.Event) { e.Session.ID = fmt.Sprint("s", i) },
		"addresses": func(i int, e *detector.Event) {
			e.Client.IP = netip.AddrFrom4([4]byte{203, byte(i >> 8), byte(i), 7})
			e.Client.Geo.ASN.V = int64(64500 + i)
		},
		"counters": func(i int, e *detector.Event) {
			e.Session.Seq, e.Token.Generation = detector.Whole{V: int64(1_000_000_000 - i), Set: true}, detector.Whole{V: 1_000_000_000, Set: true}
		},
		"users": func(i int, e *detector.Event) { e.User.ID = fmt.Sprint("u", i) },
		"tokens": func(i int, e *detector.Event) {
			e.Type, e.Token.Family, e.Token.ID = detector.TokenRefreshed, "f", fmt.Sprint(i)
		},
		"families": func(i int, e *detector.Event) {
			e.Type, e.Token.Family, e.Token.ID, e.Session.ID = detector.TokenRefreshed, fmt.Sprint(i), "t", ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			g, e := detector.New(cfg), ordinary(t)
			for i := range 10_000 {
				e.ID = fmt.Sprint(i)
				e.TimeMS += 100
				each(i, e)
				g.Observe(e)
			}
			within(t, g, cfg)
		})
	}
}
