package cloudevents

import (
	"encoding/json"
	"fmt"
)

// The limits of a session event.
const (
	// MaxEventBytes limits the value; in binary mode the value and the headers that are read, together.
	MaxEventBytes = 64 << 10
	// MaxStringBytes limits each string, also keys and header values, in UTF-8 after its escapes are resolved.
	MaxStringBytes = 8 << 10
	// MaxDepth limits nested objects and arrays. The event is the first level, data the second: also in binary mode, where
	// data is the whole value, so that an event fits in all forms or in none.
	MaxDepth = 8
)

// The reasons of a Rejection: a closed list, stable words, fit for a metric's label.
const (
	NoValue      = "no_value"
	NotJSON      = "not_json"
	InvalidUTF8  = "invalid_utf8"
	DuplicateKey = "duplicate_key"
	OverLimit    = "over_limit"
	Unsupported  = "unsupported"
	WrongType    = "wrong_type"
	BadTime      = "bad_time"
	BadIP        = "bad_ip"
	MissingField = "missing_field"
)

// Reason documents one reason.
type Reason struct {
	Word string // as in Rejection.Reason
	Doc  string // what was wrong, in a sentence
}

// Reasons is the whole list, in the order of the documentation. Do not change it.
var Reasons = []Reason{
	{NoValue, "the record has no value (a tombstone), or the line is empty"},
	{NotJSON, "the value is not JSON as RFC 8259 has it, or something follows it"},
	{InvalidUTF8, "a string is not Unicode text: invalid UTF-8, or half of a surrogate pair as an escape"},
	{DuplicateKey, "an object has a key twice, known or unknown; or an attribute's header comes twice"},
	{OverLimit, "the event, a string or the nesting is over its limit"},
	{Unsupported, "specversion is not 1.0, the content type is not JSON, or the event carries data_base64"},
	{WrongType, "the event, `data`, `specversion` or a required field has another JSON type than documented"},
	{BadTime, "a time is not RFC 3339, as `2026-11-22T09:30:00.125Z`"},
	{BadIP, "client.ip is not an IPv4 or IPv6 address without port, as `203.0.113.7` or `2001:db8::1`"},
	{MissingField, "a field that the event's type requires is absent, null or empty"},
}

// Rejection says why a message cannot be an event. It never quotes the message's text: that may hold secrets.
type Rejection struct {
	Reason string // a Word of Reasons
	Detail string // one sentence for people, with the field's path and the byte's offset where there is one
}

func (r *Rejection) Error() string { return r.Detail }

// refuse records the rejection. It returns the position that stands for "refused", which every reading method passes on.
func (d *Decoder) refuse(reason, format string, args ...any) int {
	d.rejection = &Rejection{Reason: reason, Detail: fmt.Sprintf(format, args...)}
	return refused
}

// refused is no position: the reading method that returns it has set the rejection.
const refused = -1

func (d *Decoder) notJSON(i int, what string) int {
	if i >= len(d.in) {
		return d.refuse(NotJSON, "the JSON ends too early, after %d bytes", len(d.in))
	}
	return d.refuse(NotJSON, "not JSON at byte offset %d: %s", i, what)
}

// wholeEvent is the path of the event itself.
const wholeEvent = "the event"

// mistyped refuses the value at i, which is not what a field takes that the event cannot be without.
func (d *Decoder) mistyped(i int, path, want string) int {
	if path == wholeEvent && !json.Valid([]byte(d.in)) {
		return d.notJSON(i, "a JSON object was expected")
	}
	switch c := d.at(i); c {
	case '"', '{', '[', 't', 'f', 'n', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return d.refuse(WrongType, "%s must be %s, at byte offset %d", path, want, i)
	}
	return d.notJSON(i, "a value was expected")
}
