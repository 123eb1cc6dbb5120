package bank

import (
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// sighting is where a customer was last seen.
type sighting struct {
	atMS             int64
	lat, lon, radius float64
	json             string
}

func TestNoHonestCustomerIsFasterThanAPlane(t *testing.T) {
	cfg := Config{Users: 300, Seed: 5, For: 20 * 24 * time.Hour, Geo: true}
	seen, journeys := map[string]sighting{}, 0
	play(t, cfg, func(_ *Bank, p *Published) {
		e := decode(t, p)
		if e.Data.Client == nil || len(e.Data.Client.Geo.Anonymous) > 0 {
			return
		}
		g := e.Data.Client.Geo
		now := sighting{p.TimeMS, g.Lat, g.Lon, g.RadiusKM, string(p.JSON)}
		if was, ok := seen[p.Key]; ok {
			low := internet.DistanceKM(was.lat, was.lon, now.lat, now.lon) - was.radius - now.radius
			hours := float64(now.atMS-was.atMS) / hourMS
			if low > 0 && low > 1000*hours {
				t.Fatalf("at least %.0f km in %.2f h:\n%s\n%s", low, hours, was.json, now.json)
			}
			if low > 500 {
				journeys++
			}
		}
		seen[p.Key] = now
	})
	if journeys < 20 {
		t.Errorf("only %d journeys of more than 500 km", journeys)
	}
}

// showing is how a session showed itself before.
type showing struct {
	agent, cellular, ip, ja4 string
	vpn                      bool
}

func TestHonestLifeIsVaried(t *testing.T) {
	cfg := Config{Users: 1500, Seed: 2, For: 3 * 24 * time.Hour, Geo: true}
	found := map[string]int{}
	sessions, perIP := map[string]showing{}, map[string]map[string]bool{}
	play(t, cfg, func(_ *Bank, p *Published) {
		e := decode(t, p)
		countEvent(found, e)
		if e.Data.Client == nil || e.Data.Session == nil {
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
		if perIP[now.ip][p.Key] = true; len(perIP[now.ip]) == 5 {
			found["five customers on one address, "+c.Geo.Type]++
		}
	})
	for _, want := range []string{
		"session.created", "session.presented", "session.renewed", "session.ended", "auth.failed", "auth.reauthenticated", "action.requested", "action.completed",
		"ended by logout", "ended by idle", "in the background", "in the app", "in a browser", "abroad", "updated in session", "desktop site", "wifi to cellular", "cellular to wifi",
		"v4 and v6", "QUIC and TCP", "VPN switched on", "five customers on one address, Corporate", "five customers on one address, Cellular",
	} {
		if found[want] == 0 {
			t.Errorf("nothing like this in three days: %s", want)
		}
	}
	t.Log(found)
}

func countEvent(found map[string]int, e *cloudEvent) {
	found[e.Type]++
	if s := e.Data.Session; s != nil && e.Type == "session.ended" {
		found["ended by "+s.EndReason]++
	}
	if s := e.Data.Session; s != nil && e.Type == "session.created" {
		found[map[string]string{"browser": "in a browser", "mobile_app": "in the app"}[s.Kind]]++
		switch e.Data.Client.Geo.Country {
		case "US", "TH", "BR", "ES", "IT", "FR", "GR", "SG", "NG", "RO":
			found["abroad"]++
		}
	}
	if e.Data.Background {
		found["in the background"]++
	}
}

func countChange(t *testing.T, found map[string]int, was, now showing) {
	t.Helper()
	switch {
	case was.agent == now.agent:
	case strings.Contains(was.agent, "Android") && strings.Contains(now.agent, "X11"):
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
