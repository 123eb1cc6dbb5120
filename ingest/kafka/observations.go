package kafka

import (
	"context"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// What one stage tells the other goes to the partition of its own key, wherever its cause was: the first stage's observations into
// session.observations, the second's verdicts into session.events. Only so both are part of a partition's own log, and judged
// again as they were judged before.

// observe encodes what a record brought for the other stage. One without a key is for all who know the network that it speaks of: every
// partition gets it.
func (o *owner) observe(r *Record, events []detector.Event) {
	for i := range events {
		e, at := &events[i], origin{Began: o.began, Offset: r.Offset, Index: i}
		m := Message{Key: []byte(e.Record.Key), Value: cloudevents.AppendEvent(nil, e), TimeMS: e.Record.TimeMS,
			Headers: []cloudevents.Header{structuredMode, at.header(o.store.source)}}
		if len(m.Key) > 0 {
			o.out.addObservation(m)
			continue
		}
		for _, m.Key = range keysOnEach("net:"+e.Observation.Key, o.part.Count) {
			o.out.addObservation(m)
		}
	}
}

func (o *outbox) addObservation(m Message) {
	o.observations = append(o.observations, m)
	o.bytes += m.size()
}

// structuredMode is the header of an event whose value has all of it.
var structuredMode = header("content-type", "application/cloudevents+json; charset=UTF-8")

// publishObservations writes what the other stage is told, and waits until all of it is acknowledged.
func (o *owner) publishObservations(ctx context.Context) error {
	if len(o.out.observations) == 0 {
		return nil
	}
	return o.stage.cluster.spread(ctx, o.stage.output(), deal(o.out.observations, o.part.Count))
}
