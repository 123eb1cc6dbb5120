package cloudevents

import "github.com/sessionguard/sessionguard/detector"

// Coverage counts which fields a publisher sends, by type of event. Its zero value is ready. It is not safe for concurrent
// use.
type Coverage struct {
	events  [detector.NumEventTypes]uint64
	present [][detector.NumEventTypes]uint64 // by place in detector.EventFields; the last one is client.hints.brands
}

// FieldCount says how many events of a type carried a field.
type FieldCount struct {
	Type    detector.EventType // UnknownType: all the types that we do not know, together
	Field   string             // as in detector.EventFields: without "data."
	Present uint64             // events of the type that carried it
	Events  uint64             // events of the type
}

// Add counts one event. It must come fresh from the decoder: enrichment fills in fields that the publisher did not send.
// A field that is null or empty, or whose word is not in its list, is not present.
func (c *Coverage) Add(e *detector.Event) {
	fields := detector.EventFields
	if c.present == nil {
		c.present = make([][detector.NumEventTypes]uint64, len(fields)+1)
	}
	c.events[e.Type]++
	for i := range fields {
		if fields[i].Present(e) {
			c.present[i][e.Type]++
		}
	}
	if len(e.Client.Brands) > 0 {
		c.present[len(fields)][e.Type]++
	}
}

// Counts lists every field for each type that came, also the fields that never came: by type, then in the order of the
// table.
func (c *Coverage) Counts() []FieldCount {
	var counts []FieldCount
	for t, events := range c.events {
		if events == 0 {
			continue
		}
		for i := range c.present {
			name := "client.hints.brands"
			if i < len(detector.EventFields) {
				name = detector.EventFields[i].Name
			}
			counts = append(counts, FieldCount{detector.EventType(t), name, c.present[i][t], events})
		}
	}
	return counts
}
