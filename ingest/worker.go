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
	e, err := w.Read(m, at)
	if err != nil {
		return nil, detector.Outcome{}, err
	}
	return e, w.Engine.Observe(e), nil
}

// Read makes the event of a message as the engine is shown it, decoded, its time clamped and enriched, and judges nothing: it
// needs no Engine. The archive takes its events so. Errors and validity are those of Process.
func (w *Worker) Read(m cloudevents.Message, at detector.Record) (*detector.Event, error) {
	e := &w.event
	if err := w.decoder.Decode(m, e); err != nil {
		return nil, err
	}
	e.Record, e.Dropped = at, len(w.decoder.Dropped)
	if at.TimeMS != 0 && e.TimeMS > at.TimeMS+MaxAheadMS {
		e.TimeMS, e.Clamped = at.TimeMS, true
	}
	w.Enricher.Enrich(e)
	return e, nil
}
