package detector_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
)

// What the first stage tells of who is where.
func TestSights(t *testing.T) {
	set := loadShipped(t)
	f := func(name string, want string, lines ...string) {
		t.Helper()
		st, told := story{set: set, cfg: detector.Config{Rules: set, GeoBuild: "story"}}, []string{}
		engine := detector.New(st.cfg)
		for i, line := range lines {
			e := st.event(t, strings.Fields(line), i)
			for _, o := range engine.Observe(&e).Observations {
				if o.Observation.Sight == "" {
					continue
				}
				told = append(told, fmt.Sprintf("%d %s %s", i, o.Observation.Sight, o.Observation.Key))
				if o.Observation.ClientChanged == detector.True {
					told[len(told)-1] += " another client"
				}
			}
		}
		if got := strings.Join(told, "; "); got != want {
			t.Errorf("%s\n got %s\nwant %s", name, got, want)
		}
	}
	f("A session tells once where it began, and once where it came to", "0 began ip:203.0.113.0/24; 2 came ip:198.51.100.0/24",
		"0m session.created at=stockholm with=chrome", "1m session.presented at=stockholm with=chrome",
		"2m session.presented at=carrier with=chrome", "3m session.presented at=stockholm with=chrome", "4m session.presented at=carrier with=chrome",
		"5m session.created s=ses_2 at=stockholm with=chrome")
	f("Another client from a network that is new to the session is a newcomer", "0 began ip:203.0.113.0/24; 1 newcomer ip:192.0.3.0/24 another client",
		"0m session.created at=stockholm with=chrome", "5m session.presented at=tokyo with=firefox", "6m session.presented at=tokyo with=firefox")
	f("On its own network it is none", "0 began ip:203.0.113.0/24",
		"0m session.created at=stockholm with=chrome", "5m session.presented at=stockholm with=firefox")
	f("The session's own client, but something was found", "0 began ip:203.0.113.0/24; 1 newcomer ip:192.0.3.0/24",
		"0m session.created at=stockholm with=chrome", "5m session.presented at=tokyo with=chrome")
	f("What the app refuses, and what has no person behind it, tells nothing", "0 began ip:203.0.113.0/24",
		"0m session.created at=stockholm with=chrome", "5m session.presented at=tokyo with=firefox outcome=failure", "5m session.presented at=tokyo with=firefox background=true",
		"5m session.presented at=tokyo with=firefox user.actor_id=support-7")
}
