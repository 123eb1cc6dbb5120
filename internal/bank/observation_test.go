package bank

import (
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/enrich"
)

// TestObservationsSurviveTheTopic: the second stage says the same whether it is handed what the first one observed, as in replay, or reads
// it from a topic, as in run.
func TestObservationsSurviveTheTopic(t *testing.T) {
	w := newWatcher(t)
	handed, read := w.house, newWatcher(t).house
	topic := ingest.Worker{Enricher: enrich.New(nil, true)}
	observations, verdicts := 0, 0
	play(t, Config{Users: 600, Seed: 5, For: 48 * time.Hour, Attacks: Mix{FleetTakeover: 2, SilentFleet: 2, SessionIDGuessing: 2, SharedByUsers: 3}}, func(_ *Bank, p *Published) {
		e := w.read(t, p)
		want := handed.First[0].Observe(e)
		got := read.First[0].Observe(e)
		if len(want.Observations) != len(got.Observations) {
			t.Fatalf("%s: %d observations and %d", e.ID, len(want.Observations), len(got.Observations))
		}
		for i := range want.Observations {
			observations++
			direct, written := &want.Observations[i], throughATopic(t, &topic, &got.Observations[i])
			direct.Record, written.Record = detector.Record{Offset: w.line}, detector.Record{Offset: w.line}
			said := handed.Second[0].Observe(direct).Observations
			again := read.Second[0].Observe(written).Observations
			verdicts += len(said)
			sameEvents(t, said, again)
		}
	})
	if observations == 0 || verdicts == 0 {
		t.Errorf("%d observations and %d verdicts: the test shows nothing", observations, verdicts)
	}
	t.Logf("%d events, %d observations, %d verdicts", w.line, observations, verdicts)
}

// throughATopic writes an event and reads it as the other stage does.
func throughATopic(t *testing.T, topic *ingest.Worker, e *detector.Event) *detector.Event {
	t.Helper()
	text := cloudevents.AppendEvent(nil, e)
	read, err := topic.Read(cloudevents.Message{Value: text}, detector.Record{})
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return read
}

func sameEvents(t *testing.T, want, got []detector.Event) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%d verdicts, and %d of what was read", len(want), len(got))
	}
	for i := range want {
		if a, b := cloudevents.AppendEvent(nil, &want[i]), cloudevents.AppendEvent(nil, &got[i]); string(a) != string(b) {
			t.Fatalf("handed\n%s\nread\n%s", a, b)
		}
	}
}
