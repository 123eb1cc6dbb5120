// Package ingest gets events in order and outcomes out.
package ingest

import (
	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/enrich"
)

// MaxAheadMS is how far an event's time may lie after its record's timestamp; a later one is set to that timestamp.
const MaxAheadMS = 5 * 60 * 1000

// Worker turns messages into outcomes: decode, enrich, observe. run, replay, demo and test data all go through it. One
// goroutine owns it.
type Worker struct {
	Enricher *enrich.Enricher
	Engine   *detector.Engine
	decoder  cloudevents.Decoder
	event    detector.Event
}

// Process judges one message. The error is a *cloudevents.Rejection: a dead letter. The event and the outcome are valid until
// the next call.
func (w *Worker) Process(m cloudevents.Message, at detector.Record) (*detector.Event, detector.Outcome, error) {
	e := &w.event
	if err := w.decoder.Decode(m, e); err != nil {
		return nil, detector.Outcome{}, err
	}
	e.Record = at
	if at.TimeMS != 0 && e.TimeMS > at.TimeMS+MaxAheadMS {
		e.TimeMS, e.Clamped = at.TimeMS, true
	}
	w.Enricher.Enrich(e)
	return e, w.Engine.Observe(e), nil
}
