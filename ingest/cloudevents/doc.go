// Package cloudevents reads session events: CloudEvents 1.0 in structured mode, in binary mode and as bare JSON.
//
// # One table
//
// The fields are those of detector.EventFields. The table is compiled once into a tree with a small hash table for each
// JSON object; a new row is all that a new field takes. The JSON Schema (WriteSchema) and the reference in docs/events.md
// (WriteReference) are products of the same table.
//
// # Strict where it matters
//
// Two readers that disagree about a message are a way past one of them, so whatever parsers are known to disagree about is
// refused: duplicate keys, invalid UTF-8, malformed numbers. Unknown fields are passed over, but read by the same
// rules, and so are values of known optional fields that have another JSON type or do not fit: such a field is absent, and
// Decoder.Dropped names it. The work is bounded by the limits: no message costs more than its length times a small constant (a logarithm for
// objects with many unknown keys).
//
// # Memory
//
// A Decoder does not allocate for an ordinary event. The strings of an event alias the message, or, where the JSON had
// escapes, the decoder; whoever keeps one past the next Decode must clone it.
package cloudevents

//go:generate go test -run TestProductsAreCurrent -update .
