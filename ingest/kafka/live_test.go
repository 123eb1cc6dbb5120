package kafka

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/rules"
)

const travelRules = `version: 1
revision: "1"
rules:
  - id: impossible-travel
    mode: enforce
    score: 49
    evidence: network
    detector: impossible_travel
`

// liveStage makes a stage with the production judge, which believes the places that events bring.
func liveStage(t *testing.T, c *Cluster) *Stage {
	t.Helper()
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: []byte(travelRules)}}, detector.Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	s, err := NewStage(c, StageConfig{Group: "test", SessionTimeout: 2 * time.Second, CheckpointInterval: time.Millisecond, UntilIdle: true,
		TrustGeo: true, Log: testLog(t), Build: "v0-test", Engine: detector.Config{HashKey: [2]uint64{1, 2}},
		Current: func() (*rules.Set, *geo.Databases) { return set, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// seen is a session.presented from a place.
func seen(user int, minute int, ip, country string, lat, lon float64) Message {
	at := time.Now().UTC().Add(-time.Hour).Add(time.Duration(minute) * time.Minute)
	return Message{Key: fmt.Appendf(nil, "u-%d", user), TimeMS: at.UnixMilli(), Value: fmt.Appendf(nil,
		`{"id":"e-%d-%d","source":"/apps/web","type":"session.presented","time":%q,"data":{"session":{"id":"ses-%d"},"user":{"id":"u-%d"},`+
			`"client":{"ip":%q,"user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36","geo":{"lat":%g,"lon":%g,"accuracy_radius_km":20,"country":%q}}}}`,
		user, minute, at.Format(time.RFC3339Nano), user, user, ip, lat, lon, country)}
}

// The whole way with nothing replaced: decoder, enrichment, engine, snapshot. The theft falls into the second run, so it
// is seen only if the first run's snapshot came back.
func TestLiveStageSeesATheftAcrossARestart(t *testing.T) {
	c, _ := onKfake(t, 3)
	var first, second []Message
	for user := range 10 {
		first = append(first, seen(user, 0, "89.160.20.112", "SE", 58.41, 15.62), seen(user, 1, "89.160.20.112", "SE", 58.41, 15.62))
		second = append(second, seen(user, 12, "175.16.199.1", "CN", 43.88, 125.32))
	}
	for _, events := range [][]Message{first, second} {
		if err := c.Publish(soon(t), c.Topics.Events, events); err != nil {
			t.Fatal(err)
		}
		s := liveStage(t, c)
		runToEnd(t, s)
		for _, p := range s.Status() {
			if p.DeadLetters+p.Misrouted > 0 {
				t.Fatalf("partition %d: %d dead letters, %d misrouted", p.Partition, p.DeadLetters, p.Misrouted)
			}
		}
	}
	type decision struct {
		ID, Action string
		User       string `json:"user_id"`
		Command    string
		Rules      []struct{ ID string }
	}
	var users []string
	for _, value := range readAll(t, c, c.Topics.Decisions) {
		var d decision
		if err := json.Unmarshal([]byte(value), &d); err != nil {
			t.Fatal(err)
		}
		if d.Action != "require_reauth" || d.Command != "sent" || len(d.Rules) != 1 || d.Rules[0].ID != "impossible-travel" {
			t.Errorf("decision %s", value)
		}
		users = append(users, d.User)
	}
	if users = unique(users); len(users) != 10 || len(readAll(t, c, c.Topics.Commands)) != 10 {
		t.Errorf("decided about %v, want each of 10 users, with a command each", users)
	}
	// Judged again from the start, without snapshot or restart, every decision must have the same id.
	if got, again := readAll(t, c, c.Topics.Decisions), rejudged(t, c); !slices.Equal(unique(got), again) {
		t.Errorf("a run without a restart decides otherwise:\n%v\n%v", got, again)
	}
}

// rejudged runs another group over the same events and gives only what it decided.
func rejudged(t *testing.T, c *Cluster) []string {
	t.Helper()
	before := len(readAll(t, c, c.Topics.Decisions))
	s := liveStage(t, c)
	s.cfg.Group = "again"
	runToEnd(t, s)
	after := readAll(t, c, c.Topics.Decisions)
	if len(after) != 2*before {
		t.Errorf("%d decisions after a second group, want %d", len(after), 2*before)
	}
	return unique(after)
}
