package kafka

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/rules"
)

// counting is a judge whose decisions depend on everything that it saw before: it counts events by key, and every third
// of a key brings a decision that names the count and the rules in force, every fourth tells the other stage by another key, and every
// eighth tells all partitions; what came back from the other stage tells nothing more. A lost, repeated or misordered state shows.
type counting struct {
	Seen  map[string]int
	set   *rules.Set
	tells detector.EventType // a stage's own
}

// countingIn makes the judges of a stage.
func countingIn(stage detector.Stage) func(*rules.Set, *geo.Databases, int) judge {
	tells := detector.SessionObservation
	if stage == detector.SecondStage {
		tells = detector.ObservationVerdict
	}
	return func(set *rules.Set, _ *geo.Databases, _ int) judge {
		return &counting{Seen: map[string]int{}, set: set, tells: tells}
	}
}

func (c *counting) Process(m cloudevents.Message, at detector.Record) (*detector.Event, detector.Outcome, error) {
	switch text := string(m.Value); {
	case strings.HasPrefix(text, "bad"):
		return nil, detector.Outcome{}, &cloudevents.Rejection{Reason: "not_json", Detail: "not JSON at byte 0"}
	case strings.HasPrefix(text, "panic"):
		panic("secret " + text)
	}
	key := strings.Clone(at.Key)
	c.Seen[key]++
	n := c.Seen[key]
	var out detector.Outcome
	if n%3 == 0 {
		id := fmt.Sprintf("d-%d-%d", at.Partition, at.Offset)
		out.Decisions = []detector.Decision{{ID: id, Score: n, Ruleset: c.set.Hash, SessionID: key}}
		out.Commands = []detector.Command{{ID: "c" + id}}
	}
	if n%4 == 0 && strings.Count(key, "of ")+strings.Count(key, "net:") < 2 {
		tells := detector.Event{ID: fmt.Sprintf("o-%d-%d-%d", at.Partition, at.Offset, n), Type: c.tells, TypeName: "test", Record: detector.Record{Key: "of " + key, TimeMS: at.TimeMS}}
		if n%8 == 0 {
			tells.Record.Key, tells.Observation.Key = "", "ip:"+key
		}
		out.Observations = []detector.Event{tells}
	}
	return nil, out, nil
}

func (c *counting) Adopt(set *rules.Set, _ *geo.Databases) { c.set = set }
func (c *counting) ObserveOnly(bool)                       {}
func (c *counting) Snapshot(w io.Writer) error             { return json.NewEncoder(w).Encode(c.Seen) }
func (c *counting) Restore(r io.Reader) error              { return json.NewDecoder(r).Decode(&c.Seen) }
func (c *counting) Stats() detector.Stats                  { return detector.Stats{Sessions: len(c.Seen)} }
