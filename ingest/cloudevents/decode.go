// Package cloudevents reads session events: CloudEvents 1.0 in structured mode, in binary mode and as bare JSON.
package cloudevents

import "github.com/sessionguard/sessionguard/detector"

// Header is one header of a Kafka record.
type Header struct {
	Key   string
	Value []byte
}

// Message is what carries an event. Without headers Value is the JSON of structured mode.
type Message struct {
	Headers []Header
	Value   []byte
}

// Rejection says why a message cannot be an event. It never quotes the message's text: that may hold secrets.
type Rejection struct {
	Reason string // a stable word: not_json, missing_field, bad_time, ...; a label in metrics
	Detail string // one sentence for people, with the field's path and the byte's position where there is one
}

func (r *Rejection) Error() string { return r.Detail }

// Decoder reads messages. It is not safe for concurrent use; its zero value is ready.
type Decoder struct{}

// Decode fills e, which it resets first. The event's strings alias m's memory or the decoder's, and are valid until the next
// Decode. The error is a *Rejection.
func (d *Decoder) Decode(m Message, e *detector.Event) error { panic("not built") }
