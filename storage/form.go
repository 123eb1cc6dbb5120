package storage

import "github.com/sessionguard/sessionguard/detector"

// Form adds a record's row to a block: always exactly one. It owns nothing of the record after it returns.
type Form func(r *Record, b *Block)

// Decode makes the event of a record, decoded, its time clamped, and enriched. The event is valid until the next call. The
// error's text must not quote the record.
type Decode func(r *Record) (*detector.Event, error)

// FormEvents is the Form of session.events. What does not decode gets a row that only marks its place.
func FormEvents(decode Decode, p *Pseudonymizer) Form {
	return func(r *Record, b *Block) {
		e, err := decode(r)
		if err == nil {
			var row EventRow
			if row, err = NewEventRow(r, e, p); err == nil {
				b.Events = append(b.Events, row)
				return
			}
		}
		b.Events = append(b.Events, EventRow{Coordinates: r.Coordinates, EventTimeMS: r.RecordTimeMS, Rejected: err.Error()})
	}
}

// FormDecisions is the Form of session.decisions. What is no decision gets a row that only marks its place.
func FormDecisions(p *Pseudonymizer) Form {
	return func(r *Record, b *Block) {
		row, err := NewDecisionRow(r, p)
		if err != nil {
			row = DecisionRow{Coordinates: r.Coordinates, TimeMS: r.RecordTimeMS, Rejected: err.Error()}
		}
		b.Decisions = append(b.Decisions, row)
	}
}
