package kafka

import (
	"context"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// What one stage tells the other goes to the partition of its own key, wherever its cause was: the first stage's observations into
// session.observations, verdicts into session.events. Only so both are part of a partition's own log, and judged
// again as they were judged before.

// observe encodes what a record brought for a stage. One without a key is for all who know what it speaks of: every partition gets it.
func (o *owner) observe(r *Record, events []detector.Event) {
	for i := range events {
		e, at := &events[i], origin{Began: o.began, Offset: r.Offset, Index: i}
		m := Message{Key: []byte(e.Record.Key), Value: cloudevents.AppendEvent(nil, e), TimeMS: e.Record.TimeMS,
			Headers: []cloudevents.Header{structuredMode, at.header(o.store.source)}}
		into := &o.out.observations
		if e.Type == detector.ObservationVerdict {
			into = &o.out.verdicts
		}
		if len(m.Key) > 0 {
			o.out.tell(into, m)
			continue
		}
		for _, m.Key = range keysOnEach("net:"+e.Observation.Key, o.part.Count) {
			o.out.tell(into, m)
		}
	}
}

func (o *outbox) tell(into *[]Message, m Message) {
	*into = append(*into, m)
	o.bytes += m.size()
}

// structuredMode is the header of an event whose value has all of it.
var structuredMode = header("content-type", "application/cloudevents+json; charset=UTF-8")

// publishObservations writes what the stages are told, and waits until all of it is acknowledged.
func (o *owner) publishObservations(ctx context.Context) error {
	t := o.stage.cluster.Topics
	for _, share := range []struct {
		topic    string
		messages []Message
	}{{t.Observations, o.out.observations}, {t.Events, o.out.verdicts}} {
		if len(share.messages) == 0 {
			continue
		}
		if err := o.stage.cluster.spread(ctx, share.topic, deal(share.messages, o.part.Count)); err != nil {
			return err
		}
	}
	return nil
}
