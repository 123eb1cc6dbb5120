package bank

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// TestNoHonestCustomerIsFasterThanAPlane follows every customer where she truly is; what databases say of her network
// is another matter.
func TestNoHonestCustomerIsFasterThanAPlane(t *testing.T) {
	t.Parallel()
	type spot struct {
		atMS     int64
		lat, lon float64
	}
	seen, journeys := map[uint32]spot{}, 0
	play(t, Config{Users: 600, Seed: 5, For: 30 * 24 * time.Hour}, func(b *Bank, p *Published) {
		c := b.customer(p.Key)
		if c == nil {
			return
		}
		lat, lon := c.where(b.nowMS)
		if was, ok := seen[c.n]; ok {
			km := internet.DistanceKM(was.lat, was.lon, lat, lon)
			if hours := float64(b.nowMS-was.atMS) / hourMS; km > 1+1000*hours {
				t.Fatalf("%s went %.0f km in %.2f h: %s", c.id, km, hours, p.JSON)
			}
			if km > 500 {
				journeys++
			}
		}
		seen[c.n] = spot{b.nowMS, lat, lon}
	})
	if journeys < 50 {
		t.Errorf("only %d journeys of more than 500 km", journeys)
	}
}

// TestNobodyUsesALineOfAnotherPlace holds for what is tied to a place: homes, offices, hotels, terminals.
func TestNobodyUsesALineOfAnotherPlace(t *testing.T) {
	t.Parallel()
	checked := 0
	play(t, Config{Users: 400, Seed: 6, For: 20 * 24 * time.Hour}, func(b *Bank, p *Published) {
		s := b.sessions[p.Label.SessionID]
		if s == nil || s.via != direct || s.d.cloud != nil || s.createdMS != b.nowMS {
			return
		}
		n := &b.net.Networks[s.access.network]
		if n.Kind != internet.Home && n.Kind != internet.Office {
			return
		}
		checked++
		lat, lon := s.c.where(b.nowMS)
		here := internet.Cities[n.Site]
		if km := internet.DistanceKM(lat, lon, here.Lat, here.Lon); km > 30 && !s.c.trip.underway(b.nowMS) {
			t.Fatalf("%s is %.0f km from the line in %s: %s", s.c.id, km, here.Name, p.JSON)
		}
	})
	if checked < 2000 {
		t.Errorf("only %d sessions checked", checked)
	}
}

// TestEveryOddityOccurs plays ten days and counts the sessions of each cause.
func TestEveryOddityOccurs(t *testing.T) {
	t.Parallel()
	sessions, by, notices := map[string]Cause{}, map[string]int{}, 0
	cfg := Config{Users: 1500, Seed: 2, For: 10 * 24 * time.Hour, Geo: true}
	play(t, cfg, func(_ *Bank, p *Published) {
		if p.Label.Lineage != "" {
			sessions[p.Label.Lineage] |= p.Label.Cause
		}
		if bytes.Contains(p.JSON, []byte(`"travel_notice"`)) {
			notices++
		}
	})
	for _, c := range sessions {
		for _, name := range c.Names() {
			by[name]++
		}
		if c == 0 {
			by["none"]++
		}
	}
	for _, name := range causeNames {
		if by[name] == 0 {
			t.Errorf("no session shows %s", name)
		}
	}
	if plain := float64(by["none"]) / float64(len(sessions)); plain < 0.15 || plain > 0.6 {
		t.Errorf("%.2f of the sessions show nothing odd", plain)
	}
	if notices == 0 {
		t.Error("nobody told the bank of a journey")
	}
	t.Log(len(sessions), by)
}

// showing is how a session showed itself before.
type showing struct {
	agent, cellular, ip, ja4 string
	vpn                      bool
}

func TestHonestLifeIsVaried(t *testing.T) {
	t.Parallel()
	cfg := Config{Users: 1500, Seed: 2, For: 36 * time.Hour, Geo: true}
	found := map[string]int{}
	sessions, perIP := map[string]showing{}, map[string]map[string]bool{}
	play(t, cfg, func(_ *Bank, p *Published) {
		e := decode(t, p)
		countEvent(found, e)
		if e.Data.Client == nil || e.Data.Session == nil || p.Label.Cause&CauseApproval != 0 {
			return
		}
		c := e.Data.Client
		now := showing{c.UserAgent, c.Geo.Type, c.IP.String(), c.JA4, len(c.Geo.Anonymous) > 0}
		if was, ok := sessions[p.Label.Lineage]; ok {
			countChange(t, found, was, now)
		}
		sessions[p.Label.Lineage] = now
		if perIP[now.ip] == nil {
			perIP[now.ip] = map[string]bool{}
		}
		if before := len(perIP[now.ip]); !perIP[now.ip][person(p)] && before == 2 {
			found["three customers on one address, "+c.Geo.Type]++
		}
		perIP[now.ip][person(p)] = true
	})
	for _, want := range []string{
		"session.created", "session.presented", "session.renewed", "session.ended", "auth.failed", "auth.reauthenticated", "action.requested", "action.completed", "place.observed",
		"ended by logout", "ended by idle", "in the background", "in the app", "in a browser", "by a program", "abroad", "desktop site", "web view", "wifi to cellular", "cellular to wifi",
		"v4 and v6", "QUIC and TCP", "VPN switched on", "three customers on one address, Corporate", "three customers on one address, Cellular", "card_present", "atm", "branch", "support",
	} {
		if found[want] == 0 {
			t.Errorf("nothing like this in a day and a half: %s", want)
		}
	}
	if n := found["three customers on one address, Cable/DSL"]; n != 0 {
		t.Errorf("%d homes with three customers", n)
	}
	t.Log(found)
}

func countEvent(found map[string]int, e *cloudEvent) {
	found[e.Type]++
	if s := e.Data.Session; s != nil && e.Type == "session.ended" {
		found["ended by "+s.EndReason]++
	}
	if s := e.Data.Session; s != nil && e.Type == "session.created" {
		found[map[string]string{"browser": "in a browser", "mobile_app": "in the app", "api": "by a program"}[s.Kind]]++
		if slices.Contains([]string{"US", "TH", "BR", "ES", "IT", "FR", "GR", "SG", "NG", "RO"}, e.Data.Client.Geo.Country) {
			found["abroad"]++
		}
	}
	if e.Data.Background {
		found["in the background"]++
	}
	if e.Data.User.ActorID != "" {
		found["support"]++
	}
	if p := e.Data.Place; p != nil {
		found[p.Kind]++
	}
}

func countChange(t *testing.T, found map[string]int, was, now showing) {
	t.Helper()
	switch {
	case was.agent == now.agent:
	case isView(was.agent) || isView(now.agent):
		found["web view"]++
	case strings.Contains(was.agent, "Android") != strings.Contains(now.agent, "Android"):
		found["desktop site"]++
	case strings.Contains(was.agent, "RetailBank") == strings.Contains(now.agent, "RetailBank") && len(was.agent) <= len(now.agent) && was.agent < now.agent:
		found["updated in session"]++
	default:
		t.Errorf("an honest client changed from %s to %s", was.agent, now.agent)
	}
	if !was.vpn && now.vpn {
		found["VPN switched on"]++
		return
	}
	if was.cellular == "Cellular" && now.cellular != "Cellular" {
		found["cellular to wifi"]++
	}
	if was.cellular != "Cellular" && now.cellular == "Cellular" {
		found["wifi to cellular"]++
	}
	if was.cellular == now.cellular && strings.Contains(was.ip, ":") != strings.Contains(now.ip, ":") {
		found["v4 and v6"]++
	}
	if was.ja4[0] != now.ja4[0] {
		found["QUIC and TCP"]++
	}
}

// isView says whether a user agent is a web view's: Android's says so, Apple's has no version of Safari.
func isView(ua string) bool {
	return strings.Contains(ua, "; wv)") || strings.Contains(ua, "Mobile/15E148") && !strings.Contains(ua, "Safari")
}
