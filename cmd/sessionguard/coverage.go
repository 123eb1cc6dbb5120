package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// coverage counts which fields a publishing team sends, by type of event, and which rules could not be judged.
type coverage struct {
	decoder      cloudevents.Decoder
	event        detector.Event
	counts       cloudevents.Coverage
	fields       map[fieldOfType]fieldCount
	events       uint64
	notEvaluable map[string]uint64 // events, by rule id
	why          map[string]string // a reason, by rule id, where a decision named one
}

// fieldOfType is a field of one type of event, by its place in the documentation's order.
type fieldOfType struct {
	kind  detector.EventType
	place int
}

type fieldCount struct {
	field           string
	present, events uint64
}

func newCoverage() *coverage {
	return &coverage{fields: map[fieldOfType]fieldCount{}, notEvaluable: map[string]uint64{}, why: map[string]string{}}
}

// cover counts one event; it prints nothing before the end. The line is decoded once more, because enrichment filled in
// fields that the publisher did not send.
func (l *lane) cover(at line, _ *detector.Event, o detector.Outcome) {
	c := l.coverage
	if c.decoder.Decode(cloudevents.Message{Value: at.text}, &c.event) == nil {
		c.counts.Add(&c.event)
	}
	for i := range o.Decisions {
		for _, n := range o.Decisions[i].NotEvaluable {
			c.why[n.Rule] = n.Why
		}
	}
}

func (c *coverage) merge(other *coverage, stats detector.Stats) {
	places := map[detector.EventType]int{}
	for _, n := range other.counts.Counts() {
		at := fieldOfType{n.Type, places[n.Type]}
		places[n.Type]++
		sum := c.fields[at]
		c.fields[at] = fieldCount{n.Field, sum.present + n.Present, sum.events + n.Events}
		if at.place == 0 {
			c.events += n.Events
		}
	}
	for rule, n := range stats.NotEvaluable {
		c.notEvaluable[rule] += n
	}
	maps.Copy(c.why, other.why)
}

// sorted gives the fields by type of event and in the documentation's order.
func (c *coverage) sorted() []fieldOfType {
	return slices.SortedFunc(maps.Keys(c.fields), func(a, b fieldOfType) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.place, b.place))
	})
}

// finish writes the report: one JSON object a line, or a table.
func (c *coverage) finish(w io.Writer, format string) error {
	if format == formatNDJSON {
		return c.finishJSON(w)
	}
	last := detector.NumEventTypes
	for _, at := range c.sorted() {
		f := c.fields[at]
		if int(at.kind) != last {
			last = int(at.kind)
			fmt.Fprintf(w, "%s: %s\n", typeWords(at.kind), count(f.events, "event"))
		}
		fmt.Fprintf(w, "  %-32s %10d %7.1f%%\n", f.field, f.present, share(f.present, f.events))
	}
	if len(c.notEvaluable) == 0 {
		_, err := fmt.Fprintln(w, "Every rule could be judged on every event that it looks at.")
		return err
	}
	_, err := fmt.Fprintln(w, "Rules that could not be judged:")
	for _, rule := range slices.Sorted(maps.Keys(c.notEvaluable)) {
		n := c.notEvaluable[rule]
		_, err = fmt.Fprintf(w, "  %-32s %10d %7.1f%% of all events  %s\n", rule, n, share(n, c.events), c.why[rule])
	}
	return err
}

func (c *coverage) finishJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	for _, at := range c.sorted() {
		f := c.fields[at]
		row := map[string]any{"type": at.kind.String(), "field": f.field, "present": f.present, "events": f.events}
		if err := out.Encode(row); err != nil {
			return err
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(c.notEvaluable)) {
		row := map[string]any{"rule": rule, "not_evaluable": c.notEvaluable[rule], "events": c.events, "why": c.why[rule]}
		if err := out.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

func typeWords(t detector.EventType) string {
	if t == detector.UnknownType {
		return "types that are not known"
	}
	return t.String()
}

// share gives n in percent of all.
func share(n, all uint64) float64 {
	return 100 * float64(n) / float64(max(all, 1))
}
