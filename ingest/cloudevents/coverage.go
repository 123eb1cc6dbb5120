package cloudevents

import (
	"slices"
	"strings"

	"github.com/sessionguard/sessionguard/detector"
)

// Coverage counts which fields a publisher sends, by type of event. Its zero value is ready. It is not safe for concurrent
// use.
type Coverage struct {
	events  [detector.NumEventTypes]uint64
	present [][detector.NumEventTypes]uint64 // by place in detector.EventFields; the last one is client.hints.brands
	dropped [][detector.NumEventTypes]uint64 // likewise
}

// brandsField is the one field that detector.EventFields does not have.
const brandsField = "client.hints.brands"

// FieldCount says how many events of a type carried a field.
type FieldCount struct {
	Type    detector.EventType // UnknownType: all the types that we do not know, together
	Field   string             // as in detector.EventFields: without "data."
	Present uint64             // events of the type that carried it
	Events  uint64             // events of the type
	Dropped uint64             // events whose field, or the object that it is in, or a member of it, had a wrong type
}

// Add counts one event. It must come fresh from the decoder: enrichment fills in fields that the publisher did not send.
// A field that is null or empty, or whose word is not in its list, is not present. dropped is the decoder's Dropped.
func (c *Coverage) Add(e *detector.Event, dropped ...string) {
	fields := detector.EventFields
	if c.present == nil {
		c.present = make([][detector.NumEventTypes]uint64, len(fields)+1)
		c.dropped = make([][detector.NumEventTypes]uint64, len(fields)+1)
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
	if len(dropped) > 0 {
		c.addDropped(e.Type, dropped)
	}
}

func (c *Coverage) addDropped(t detector.EventType, dropped []string) {
	for i := range c.dropped {
		field := "data." + fieldName(i)
		if slices.ContainsFunc(dropped, func(path string) bool {
			return strings.HasPrefix(field+".", path+".") || strings.HasPrefix(path, field+"[]")
		}) {
			c.dropped[i][t]++
		}
	}
}

// fieldName names the field at a place.
func fieldName(place int) string {
	if place == len(detector.EventFields) {
		return brandsField
	}
	return detector.EventFields[place].Name
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
			counts = append(counts, FieldCount{detector.EventType(t), fieldName(i), c.present[i][t], events, c.dropped[i][t]})
		}
	}
	return counts
}
