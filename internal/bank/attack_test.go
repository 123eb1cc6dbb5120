package bank

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// theft is what a watcher can see of one attack: the customer's last event before the thief came, and the thief's.
type theft struct {
	kind          AttackKind
	before        *cloudEvent // the customer's last
	ended         time.Time   // zero while the session lived
	thief         []*cloudEvent
	victimBetween bool // the customer was seen between two of the thief's requests
	sensitive     int
}

// watch collects the attacks of a world.
func watch(t *testing.T, cfg Config) map[string]*theft {
	t.Helper()
	lastHonest, ended, stolen := map[string]*cloudEvent{}, map[string]time.Time{}, map[string]*theft{}
	byID := map[string]*theft{}
	play(t, cfg, func(_ *Bank, p *Published) {
		e, s := decode(t, p), p.Label.Lineage
		switch {
		case p.Label.Actor == Honest && e.Type == "session.ended":
			ended[s] = e.Time
		case p.Label.Actor == Honest && e.Data.Client != nil:
			lastHonest[s] = e
			if stolen[s] != nil {
				stolen[s].victimBetween = true
			}
		case p.Label.Actor == Thief && !p.Label.Refused:
			if byID[p.Label.AttackID] == nil {
				byID[p.Label.AttackID] = &theft{kind: attackNamed(p.Label.Attack), before: lastHonest[s], ended: ended[s]}
				stolen[s] = byID[p.Label.AttackID]
			}
			byID[p.Label.AttackID].thief = append(byID[p.Label.AttackID].thief, e)
			if p.Label.Sensitive {
				byID[p.Label.AttackID].sensitive++
			}
		}
	})
	return byID
}

func isScript(ua string) bool {
	return slices.ContainsFunc([]string{"python-requests", "curl", "aiohttp", "Headless"}, func(s string) bool { return strings.Contains(ua, s) })
}

// traces are what the first rules look at: each kind of attack leaves its own.
func (x *theft) trace() string {
	was, now := x.before.Data.Client, x.thief[0].Data.Client
	otherClient := was.UserAgent != now.UserAgent
	switch x.kind {
	case CookieTheftAbroad:
		hidden := slices.Contains(append(was.Geo.Anonymous, now.Geo.Anonymous...), "tor") || slices.Contains(was.Geo.Anonymous, "vpn")
		soon := x.thief[0].Time.Sub(x.before.Time) < 30*time.Minute
		if otherClient || !hidden && soon && was.Geo.Country != now.Geo.Country && was.Geo.ASN != now.Geo.ASN {
			return ""
		}
		return "neither another country within 30 minutes nor another client"
	case CookieTheftNearby, TakingTurns:
		if !otherClient {
			return "the same client"
		}
		if x.kind == TakingTurns && !x.victimBetween {
			return "the victim never came back"
		}
		km := internet.DistanceKM(was.Geo.Lat, was.Geo.Lon, now.Geo.Lat, now.Geo.Lon)
		if x.kind == CookieTheftNearby && km > 100+was.Geo.RadiusKM && len(was.Geo.Anonymous) == 0 {
			return "not the same city"
		}
	case ScriptedReplay:
		if !isScript(now.UserAgent) || !slices.Contains(now.Geo.Anonymous, "hosting") {
			return "no script on a rented server"
		}
	case UseAfterLogout:
		if x.ended.IsZero() || x.thief[0].Time.Sub(x.ended) < time.Minute {
			return "not after the logout"
		}
	}
	return ""
}

func TestEveryKindOfAttackLeavesItsTrace(t *testing.T) {
	cfg := Config{Users: 1200, Seed: 11, Geo: true}
	for _, k := range AttackKinds() {
		cfg.Attacks[k] = 20
	}
	count, missed, sensitive := map[AttackKind]int{}, map[AttackKind]int{}, map[AttackKind]int{}
	for id, x := range watch(t, cfg) {
		count[x.kind]++
		if x.sensitive > 0 {
			sensitive[x.kind]++
		}
		if why := x.trace(); why != "" {
			missed[x.kind]++
			t.Logf("%s of %s: %s", id, x.kind, why)
		}
	}
	for _, k := range AttackKinds() {
		if count[k] != 20 {
			t.Errorf("%d attacks of %s, want 20", count[k], k)
		}
		if missed[k] > 1 {
			t.Errorf("%d attacks of %s leave no trace", missed[k], k)
		}
		if sensitive[k] < 15 {
			t.Errorf("only %d attacks of %s ask for a sensitive action", sensitive[k], k)
		}
	}
}

func TestASleepyWorldStillHasItsAttacks(t *testing.T) {
	cfg := Config{Users: 20, Seed: 1, For: time.Hour, Start: time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC), Attacks: Mix{CookieTheftAbroad: 3, ScriptedReplay: 1}, Geo: true}
	count := map[AttackKind]int{}
	for _, x := range watch(t, cfg) {
		count[x.kind]++
	}
	if count[CookieTheftAbroad] != 3 || count[ScriptedReplay] != 1 || len(count) != 2 {
		t.Errorf("attacks: %v", count)
	}
}

func TestAttacksDoNotMoveTheOthersDice(t *testing.T) {
	quiet := map[string]bool{}
	cfg := Config{Users: 400, Seed: 9, For: 12 * time.Hour}
	play(t, cfg, func(_ *Bank, p *Published) { quiet[string(p.JSON)] = true })
	cfg.Attacks = Mix{ScriptedReplay: 10}
	victims := map[string]bool{}
	play(t, cfg, func(_ *Bank, p *Published) {
		if p.Label.Actor == Thief {
			victims[person(p)] = true
		}
	})
	if len(victims) == 0 {
		t.Fatal("no victim")
	}
	play(t, cfg, func(_ *Bank, p *Published) {
		if !quiet[string(p.JSON)] && !victims[person(p)] {
			t.Fatalf("an attack on somebody else changed %s", p.JSON)
		}
	})
}

func TestParseMix(t *testing.T) {
	f := func(text string, want Mix) {
		t.Helper()
		got, err := ParseMix(text, 4000, 14*24*time.Hour)
		if err != nil || got != want {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	f("none", Mix{})
	f("default", Mix{0, 28, 28, 28, 28, 28})
	f("cookie-theft-abroad=3,scripted-replay=1", Mix{CookieTheftAbroad: 3, ScriptedReplay: 1})
	f("taking-turns", Mix{TakingTurns: 1})
	f("taking-turns=0, use-after-logout=2", Mix{UseAfterLogout: 2})

	bad := func(text string, want ...string) {
		t.Helper()
		_, err := ParseMix(text, 1, time.Hour)
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%q: error %v lacks %q", text, err, w)
			}
		}
	}
	bad("phishing=2", "phishing", "cookie-theft-abroad", "cookie-theft-same-city-other-browser", "scripted-replay", "taking-turns", "use-after-logout", "none", "default")
	bad("", "unknown kind")
	bad("taking-turns=many", "many")
	bad("taking-turns=-1", "-1")
}
