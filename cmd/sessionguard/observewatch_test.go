package main

import (
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestObserveWatchTellsStandstillFromWork(t *testing.T) {
	began := time.Unix(1_790_000_000, 0)
	o := &observeWatch{group: "g-observe"}
	saw := func(after time.Duration, records, committed int64, want bool) {
		t.Helper()
		o.saw(kafka.Waiting{Records: records, Committed: committed}, began.Add(after))
		if what := o.degraded(began.Add(after)); (what != "") != want || want && !strings.Contains(what, "group g-observe") {
			t.Errorf("after %s: %q", after, what)
		}
	}
	saw(0, 0, 0, false)
	saw(10*time.Minute, 0, 0, false)                  // nothing waits
	saw(11*time.Minute, 5, 0, false)                  // something came
	saw(11*time.Minute+observeQuiet/2, 9, 0, false)   // a checkpoint takes its time
	saw(12*time.Minute+observeQuiet, 20, 0, true)     // nobody reads it
	saw(13*time.Minute+observeQuiet, 15, 5, false)    // it is back, and behind
	saw(13*time.Minute+2*observeQuiet, 15, 10, false) // it works
	saw(14*time.Minute+3*observeQuiet, 15, 10, true)  // it stands still again
	saw(15*time.Minute+3*observeQuiet, 0, 25, false)
}

// A second stage whose partition stops is said in the log and on /readyz; the first goes on.
func TestDetectionGoesOnWhenTheSecondStageStops(t *testing.T) {
	b := embeddedBroker(t)
	l := alive(t, b, rulesFile)
	l.until("both stages are ready", func() bool { return l.ready().Ready })
	topics := kafka.TopicNames("")
	client := newClient(t, b.Addr)
	for range 60 {
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: topics.Observations, Key: []byte("ip:192.0.2.0/24"), Value: []byte("no event")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	l.degraded("partition 0 of session.observations stopped: what shows only across users is not seen in it; detection goes on")
	l.logs(`level=WARN msg=degraded what="partition 0 of session.observations stopped`)
	state := l.ready()
	if p := state.Partitions; state.Ready || len(p) != 2 || p[0].State != "running" || p[1].State != "stopped" || !strings.Contains(p[1].Why, "dead letters") {
		t.Errorf("readyz shows %+v", state)
	}
	event := `{"id":"e-1","source":"/apps/web","type":"action.requested","time":"` + time.Now().UTC().Format(time.RFC3339) + `","data":{"session":{"id":"ses-1"},` +
		`"user":{"id":"u-1"},"client":{"ip":"192.0.2.7"},"action":{"name":"pay","sensitivity":"high"}}}`
	if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: topics.Events, Key: []byte("u-1"), Value: []byte(event)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	waitForRecord(t, b.Addr, topics.Decisions)
}
