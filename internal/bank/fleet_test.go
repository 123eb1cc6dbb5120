package bank

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// raid is what a watcher can see of one fleet.
type raid struct {
	victims, prefixes, clients map[string]bool
	firstMS, lastBegunMS       int64
	denied                     int
	beside, alike              map[string]bool // honest sessions by the same exit; those with the operator's user agent
	agent                      string
	elsewhere                  int // thefts whose session was behind another prefix before
}

func raids(t *testing.T, cfg Config) map[string]*raid {
	t.Helper()
	list, last, stolen := map[string]*raid{}, map[string]string{}, map[string]bool{}
	play(t, cfg, func(b *Bank, p *Published) {
		l := &p.Label
		if s := b.sessions[l.SessionID]; s != nil && l.Actor == Honest && s.ip != "" {
			last[l.Lineage] = networkOf(s.ip)
		}
		if l.Campaign == "" && l.Beside == "" && l.Cause&CauseApproval == 0 {
			return
		}
		var e shown
		if err := json.Unmarshal(p.JSON, &e); err != nil {
			t.Fatal(err)
		}
		if !e.Data.Client.IP.IsValid() {
			return // the app's own event
		}
		prefix := networkOf(e.Data.Client.IP.String())
		switch x := list[l.Campaign]; {
		case l.Campaign != "" && !l.Refused:
			if x == nil {
				x = &raid{victims: map[string]bool{}, prefixes: map[string]bool{}, clients: map[string]bool{}, beside: map[string]bool{}, alike: map[string]bool{}, firstMS: p.TimeMS, agent: e.Data.Client.UserAgent}
				list[l.Campaign] = x
			}
			if !stolen[l.Lineage] {
				stolen[l.Lineage], x.lastBegunMS = true, p.TimeMS
				if last[l.Lineage] != "" && last[l.Lineage] != prefix {
					x.elsewhere++
				}
			}
			x.victims[e.Data.User.ID], x.prefixes[prefix] = true, true
			x.clients[strings.Join([]string{e.Data.Client.UserAgent, e.Data.Client.JA4, e.Data.Client.Timezone}, " ")] = true
		case l.Beside != "" && list[l.Beside] != nil:
			list[l.Beside].beside[l.Lineage] = true
			if e.Data.Client.UserAgent == list[l.Beside].agent {
				list[l.Beside].alike[l.Lineage] = true
			}
		case strings.Contains(string(p.JSON), `"reason":"denied"`):
			for _, x := range list {
				x.denied++
			}
		}
	})
	return list
}

func TestAFleetTakesManySessionsThroughOneExitAndOneClient(t *testing.T) {
	t.Parallel()
	alike := 0
	list := raids(t, Config{Users: 2000, Seed: 21, For: 36 * time.Hour, Geo: true, Attacks: Mix{FleetTakeover: 2, FleetAlike: 1}})
	if len(list) != 3 {
		t.Fatalf("%d fleets, want 3", len(list))
	}
	for id, x := range list {
		span := time.Duration(x.lastBegunMS-x.firstMS) * time.Millisecond
		if len(x.victims) < 35 || len(x.prefixes) != 1 || len(x.clients) != 1 || span > 150*time.Minute {
			t.Errorf("%s: %d victims through %v by %d clients within %s", id, len(x.victims), x.prefixes, len(x.clients), span)
		}
		if x.elsewhere < len(x.victims)*9/10 {
			t.Errorf("%s: only %d of the sessions began elsewhere", id, x.elsewhere)
		}
		if len(x.beside) < 5 {
			t.Errorf("%s: only %d honest sessions by the same exit", id, len(x.beside))
		}
		if x.denied == 0 {
			t.Errorf("%s: nobody denied a step-up", id)
		}
		alike += len(x.alike)
	}
	if alike == 0 {
		t.Error("no honest customer by the same exit has the operator's browser")
	}
}

func TestAnUnseenFleetWaitsUntilTheCustomersHaveLeft(t *testing.T) {
	t.Parallel()
	last, first := map[string]int64{}, map[string]int64{}
	list := map[string]map[string]bool{}
	play(t, Config{Users: 2000, Seed: 22, For: 48 * time.Hour, Geo: true, Attacks: Mix{SilentFleet: 6}}, func(_ *Bank, p *Published) {
		l := &p.Label
		switch {
		case l.Actor == Honest && l.Request && l.Lineage != "":
			last[l.Lineage] = p.TimeMS
		case l.Campaign != "" && !l.Refused:
			if first[l.Lineage] == 0 {
				first[l.Lineage] = p.TimeMS
			}
			if list[l.Campaign] == nil {
				list[l.Campaign] = map[string]bool{}
			}
			list[l.Campaign][l.Lineage] = true
		}
	})
	for id, sessions := range list {
		if len(sessions) < 3 {
			t.Errorf("%s: %d sessions", id, len(sessions))
		}
		seen := 0
		for s := range sessions {
			if last[s] > first[s] {
				seen++
			}
		}
		if seen > len(sessions)/3 {
			t.Errorf("%s: the customer was there in %d of %d sessions", id, seen, len(sessions))
		}
	}
	if len(list) != 6 {
		t.Errorf("%d fleets, want 6", len(list))
	}
}
