package detector_test

import (
	"slices"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/rules"
	"pgregory.net/rapid"
)

// acrossUsers are rules of the second stage, with limits so low that drawn events reach them.
const acrossUsers = `version: 1
rules:
  - {id: session-id-guessing, score: 5, evidence: replay, detector: session_id_guessing, with: {per_minute: 1}}
`

func loadAcrossUsers(t testing.TB) *rules.Set {
	t.Helper()
	set, problems := rules.Load([]rules.Source{{Name: "across.yaml", Text: []byte(acrossUsers)}}, detector.Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}

// dealt is a dealing of so many partitions, as Kafka's clients deal.
func dealt(partitions int) detector.Dealing {
	return detector.Dealing{Partitions: partitions, Key: ingest.Key, PartitionOf: kafka.PartitionOf}
}

// A verdict that comes twice, as after a crash of the second stage, brings nothing that it had not brought before, and changes nothing.
func TestPropertyVerdictsTwice(t *testing.T) {
	set, verdicts := loadAcrossUsers(t), 0
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		once, twice := detector.NewHouse(detector.Config{Rules: set}, dealt(1)), detector.NewHouse(detector.Config{Rules: set}, dealt(1))
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			e := w.event()
			guessAtTimes(t, e)
			var want, got string
			once.Observe(e, func(_ *detector.Event, out detector.Outcome) { want += render(out) })
			twice.Observe(e, func(of *detector.Event, out detector.Outcome) {
				ids := decisionIDs(out)
				got += render(out)
				if of.Type != detector.ObservationVerdict {
					return
				}
				verdicts++
				again := *of
				again.Record.Offset += 1000
				for _, id := range decisionIDs(twice.First[0].Observe(&again)) {
					if !slices.Contains(ids, id) {
						t.Fatalf("the verdict on %q brought another decision when it came again%s", of.Observation.EventID, w.story())
					}
				}
			})
			if want != got {
				t.Fatalf("with verdicts twice\n%s\nonce\n%s%s", got, want, w.story())
			}
		}
	})
	if verdicts == 0 {
		t.Error("there never was a verdict")
	}
}

func decisionIDs(out detector.Outcome) (ids []string) {
	for i := range out.Decisions {
		ids = append(ids, out.Decisions[i].ID)
	}
	return ids
}

// guessAtTimes makes of an event, now and then, one that shows an id that was never issued.
func guessAtTimes(t *rapid.T, e *detector.Event) {
	if rapid.IntRange(0, 3).Draw(t, "guess") == 0 {
		e.Type, e.TypeName, e.User.ID, e.Session.ID = detector.SessionUnknownID, detector.SessionUnknownID.String(), "", ""
	}
}

// A house has one second stage of its own: what another one said, as a recording holds it, is not heard again.
func TestHouseLeavesForeignVerdictsOut(t *testing.T) {
	h := detector.NewHouse(detector.Config{Rules: loadAcrossUsers(t)}, dealt(48))
	for _, kind := range []detector.EventType{detector.ObservationVerdict, detector.SessionObservation} {
		e := detector.Event{ID: "1", Source: detector.Source, Type: kind, TypeName: kind.String(), TimeMS: storyStart.UnixMilli()}
		e.Observation = detector.Observation{Key: "ip:203.0.113.0/24", Rule: "session-id-guessing", Count: detector.Whole{V: 30, Set: true}}
		var fates []detector.Fate
		h.Observe(&e, func(_ *detector.Event, out detector.Outcome) { fates = append(fates, out.Fate) })
		if !slices.Equal(fates, []detector.Fate{detector.Ignored}) {
			t.Errorf("%s: %v", kind, fates)
		}
	}
}
