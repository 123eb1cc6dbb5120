package bank

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// shown is what a watcher sees of an event that has a client.
type shown struct {
	Type string
	Time time.Time
	Data struct {
		Session struct {
			ID, Kind, Integrity string
			Created             time.Time `json:"created_at"`
		}
		User   struct{ ID string }
		Auth   struct{ Time time.Time }
		Client struct {
			IP        netip.Addr
			UserAgent string `json:"user_agent"`
			Hints     struct{ Platform string }
			JA4       string
			Timezone  string
			Geo       struct {
				Lat, Lon  float64
				RadiusKM  float64 `json:"accuracy_radius_km"`
				Country   string
				ASN       int64
				Anonymous []string
			}
		}
		Device struct {
			ID, Binding string
			Flags       []string
		}
		Token struct{ ID string }
		HTTP  struct {
			Site string `json:"sec_fetch_site"`
			CSRF string
		}
		Action struct{ Kind string }
	}
}

// theft is what a watcher can see of one attack.
type theft struct {
	kind      AttackKind
	before    *shown // the customer's last event on the session before the thief came; nil where it is his own
	ended     time.Time
	thief     []*shown
	between   int  // events of the customer between the thief's
	failures  int  // failed logins of the thief
	again     bool // a token was shown a second time
	lineages  map[string]bool
	sensitive int
	sameCity  bool // as the victim, in truth
}

// watch collects the attacks of a world.
func watch(t *testing.T, cfg Config) map[string]*theft {
	t.Helper()
	last, ended, stolen, byID := map[string]*shown{}, map[string]time.Time{}, map[string]*theft{}, map[string]*theft{}
	tokens := map[string]bool{}
	play(t, cfg, func(b *Bank, p *Published) {
		var e shown
		if err := json.Unmarshal(p.JSON, &e); err != nil {
			t.Fatal(err)
		}
		l := &p.Label
		x := byID[l.AttackID]
		if l.Actor == Thief && x == nil {
			x = &theft{kind: attackNamed(l.Attack), before: last[l.Lineage], ended: ended[l.Lineage], lineages: map[string]bool{}}
			byID[l.AttackID] = x
		}
		if id := e.Data.Token.ID; id != "" {
			if y := stolen[l.Lineage]; y != nil && tokens[id] {
				y.again = true
			} else if x != nil && tokens[id] {
				x.again = true
			}
			tokens[id] = true
		}
		switch {
		case l.Actor == Thief && e.Type == "auth.failed":
			x.failures++
		case l.Actor == Thief && !l.Refused:
			if len(x.thief) == 0 {
				x.before, x.ended = last[l.Lineage], ended[l.Lineage]
				victim := b.sessions[l.SessionID]
				x.sameCity = victim != nil && siteOf(b.net, e.Data.Client.IP) == int(victim.city)
			}
			stolen[l.Lineage], x.lineages[l.Lineage] = x, true
			x.thief = append(x.thief, &e)
			if l.Sensitive {
				x.sensitive++
			}
		case l.Actor == Thief:
		case e.Type == "session.ended":
			ended[l.Lineage] = e.Time
		case e.Data.Client.UserAgent != "":
			last[l.Lineage] = &e
			if stolen[l.Lineage] != nil {
				stolen[l.Lineage].between++
			}
		}
	})
	return byID
}

func isScript(ua string) bool {
	return slices.ContainsFunc([]string{"python-requests", "curl", "aiohttp", "Headless"}, func(s string) bool { return strings.Contains(ua, s) })
}

// last of the thief's events.
func (x *theft) last() *shown { return x.thief[len(x.thief)-1] }

func (x *theft) all(has func(e *shown) bool) bool {
	return !slices.ContainsFunc(x.thief, func(e *shown) bool { return !has(e) })
}

func (x *theft) any(has func(e *shown) bool) bool { return slices.ContainsFunc(x.thief, has) }

func (x *theft) sameAgent() bool {
	return x.before.Data.Client.UserAgent == x.thief[0].Data.Client.UserAgent
}

func (x *theft) otherASN() bool {
	return x.before.Data.Client.Geo.ASN != x.thief[0].Data.Client.Geo.ASN
}

func (x *theft) sameClient() bool {
	was, now := &x.before.Data, &x.thief[0].Data
	return x.sameAgent() && was.Client.Hints == now.Client.Hints && was.Device.ID == now.Device.ID && (was.Client.JA4[0] != now.Client.JA4[0] || hello(was.Client.JA4) == hello(now.Client.JA4))
}

// hello is the part of a JA4 that a resumed connection leaves as it is.
func hello(ja4 string) string { return strings.Split(ja4, "_")[1] }

func (x *theft) ownSession() bool { return x.thief[0].Type == "session.created" && x.before == nil }

func (e *shown) from(kind string) bool { return slices.Contains(e.Data.Client.Geo.Anonymous, kind) }

// inVictimsOwn says that every event of the thief looks as the victim's.
func (x *theft) inVictimsOwn() bool {
	return x.all(func(e *shown) bool {
		return e.Data.Device.ID == x.before.Data.Device.ID && e.Data.Client.UserAgent == x.before.Data.Client.UserAgent
	})
}

// pace is the mean time between the thief's requests.
func (x *theft) pace() time.Duration {
	return x.last().Time.Sub(x.thief[0].Time) / time.Duration(max(1, len(x.thief)-1))
}

// traces are what gives each kind away, or that nothing does.
var traces = map[AttackKind]func(x *theft) bool{
	CookieTheftAbroad: func(x *theft) bool {
		was, now := &x.before.Data.Client, &x.thief[0].Data.Client
		return !x.sameAgent() || was.Geo.Country != now.Geo.Country && x.otherASN()
	},
	CookieTheftNearby: func(x *theft) bool {
		return !x.sameAgent() && x.sameCity
	},
	ScriptedReplay:    func(x *theft) bool { return isScript(x.thief[0].Data.Client.UserAgent) && x.thief[0].from("hosting") },
	TakingTurns:       func(x *theft) bool { return !x.sameAgent() && x.between > 0 },
	UseAfterLogout:    func(x *theft) bool { return !x.ended.IsZero() && x.thief[0].Time.Sub(x.ended) > time.Minute },
	UseAfterExpiry:    func(x *theft) bool { return !x.ended.IsZero() },
	CookieTheftCloned: func(x *theft) bool { return x.sameClient() && x.otherASN() },
	ResidentialProxy:  func(x *theft) bool { return x.sameClient() && x.otherASN() && !x.thief[0].from("hosting") },
	KillChain:         func(x *theft) bool { return x.sameClient() && x.otherASN() && x.sensitive == 3 },
	FactorTakeover: func(x *theft) bool {
		return x.otherASN() && x.any(func(e *shown) bool { return e.Type == "factor.changed" })
	},
	HeadlessReplay: func(x *theft) bool {
		return x.thief[0].from("hosting") && x.thief[0].Data.Client.Hints.Platform == "Linux"
	},
	CopiedAgent: func(x *theft) bool {
		return x.sameAgent() && hello(x.before.Data.Client.JA4) != hello(x.thief[0].Data.Client.JA4)
	},
	ClientDowngrade: func(x *theft) bool {
		return !x.sameAgent() && x.before.Data.Client.Hints.Platform == x.thief[0].Data.Client.Hints.Platform
	},
	InconsistentClient: func(x *theft) bool {
		return x.sameAgent() && x.before.Data.Client.Hints.Platform != x.thief[0].Data.Client.Hints.Platform
	},
	SeveralDevices: func(x *theft) bool { return x.before.Data.Device.ID != x.thief[0].Data.Device.ID && x.otherASN() },
	AnonymizerEntered: func(x *theft) bool {
		e := x.thief[0]
		return x.sameClient() && (e.from("tor") || e.from("vpn") || e.from("public_proxy"))
	},
	HostingMove:    func(x *theft) bool { return x.sameClient() && x.thief[0].from("hosting") },
	KnownBadSource: func(x *theft) bool { return netip.MustParsePrefix("100::/64").Contains(x.thief[0].Data.Client.IP) },
	DormantRevived: func(x *theft) bool {
		return x.ended.IsZero() && x.thief[0].Time.Sub(x.before.Time) > 15*time.Minute && x.otherASN() && !x.sameAgent()
	},
	RotatedIDReplay: func(x *theft) bool { return x.before.Data.Session.ID != x.thief[0].Data.Session.ID },
	BoundCookieTheft: func(x *theft) bool {
		return x.any(func(e *shown) bool { return e.Data.Device.Binding == "failed" || e.Data.Device.Binding == "missing" })
	},
	CookieTampered: func(x *theft) bool {
		return x.all(func(e *shown) bool { return e.Data.Session.Integrity == "modified" })
	},
	SharedByUsers: func(x *theft) bool {
		return x.before.Data.User.ID != x.thief[0].Data.User.ID && x.before.Data.Session.ID == x.thief[0].Data.Session.ID
	},
	SessionFixation: func(x *theft) bool {
		planted, used := x.thief[0], x.last()
		return planted.Data.User.ID == "" && used.Data.User.ID != "" && planted.Data.Session.ID == used.Data.Session.ID
	},
	RefreshTokenReplay: func(x *theft) bool {
		return x.thief[0].Type == "token.refreshed" && (x.again || !x.inVictimsOwn() || x.otherASN())
	},
	CanarySession: func(x *theft) bool { return x.thief[0].Data.Session.ID == "canary-session-example-1" },
	AiTMPhishing: func(x *theft) bool {
		now, later := x.thief[0], x.thief[1]
		return x.ownSession() && now.from("hosting") && !later.from("hosting") && later.Time.Sub(now.Time) < 30*time.Minute
	},
	CredentialStuffing: func(x *theft) bool { return x.ownSession() && x.failures > 3 },
	StolenPassword:     func(x *theft) bool { return x.ownSession() },
	StolenPasswordNear: func(x *theft) bool { return x.ownSession() },
	SessionFarm:        func(x *theft) bool { return len(x.lineages) >= 3 },
	DeviceMalware: func(x *theft) bool {
		return x.inVictimsOwn() && x.all(func(e *shown) bool { return slices.Contains(e.Data.Device.Flags, "remote_control") })
	},
	SilentMalware: func(x *theft) bool { return x.inVictimsOwn() },
	CrossSiteRequest: func(x *theft) bool {
		return x.inVictimsOwn() && x.all(func(e *shown) bool { return e.Data.HTTP.Site == "cross-site" && e.Data.HTTP.CSRF != "ok" })
	},
	InhumanSpeed: func(x *theft) bool { return x.inVictimsOwn() && x.pace() < time.Second && len(x.thief) > 40 },
	UnattendedDevice: func(x *theft) bool {
		return x.inVictimsOwn() && x.last().Time.Sub(x.last().Data.Auth.Time) > 0 && x.thief[0].Time.Sub(x.before.Time) > 30*time.Minute
	},
	SameNATClone:      func(x *theft) bool { return x.sameClient() && !x.otherASN() },
	SameOperatorClone: func(x *theft) bool { return x.sameClient() && !x.otherASN() },
}

func TestEveryKindOfAttackTakesPlaceAndShowsWhatGivesItAway(t *testing.T) {
	const each = 12
	count, missed, sensitive := map[AttackKind]int{}, map[AttackKind]int{}, map[AttackKind]int{}
	for id, x := range watch(t, Config{Users: 1500, Seed: 11, For: 48 * time.Hour, Geo: true, Attacks: EveryKind(each)}) {
		if len(x.thief) == 0 {
			continue
		}
		count[x.kind]++
		if x.sensitive > 0 {
			sensitive[x.kind]++
		}
		if !traces[x.kind](x) {
			missed[x.kind]++
			t.Logf("%s of %s leaves no trace", id, x.kind)
		}
	}
	for _, k := range AttackKinds() {
		if count[k] != each {
			t.Errorf("%d attacks of %s, want %d", count[k], k, each)
		}
		if missed[k] > each/6 { // a rotation or a change of the victim's own between the two events
			t.Errorf("%d attacks of %s leave no trace", missed[k], k)
		}
		if sensitive[k] < each*3/4 && k != CanarySession {
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
	f("default", EveryKind(28))
	f("all=3, taking-turns=0", func() Mix { m := EveryKind(3); return m }())
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

// siteOf is the city in which an address really is.
func siteOf(in *internet.Internet, ip netip.Addr) int {
	for i := range in.Networks {
		if n := &in.Networks[i]; n.V4.Contains(ip) || n.V6.Contains(ip) {
			return n.Site
		}
	}
	return -1
}
