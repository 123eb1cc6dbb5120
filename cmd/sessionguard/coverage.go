package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/rules"
)

// coverage counts which fields a publishing team sends, by type of event, and which rules could not be judged.
type coverage struct {
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
	dropped         uint64 // came with a wrong JSON type
}

func newCoverage() *coverage {
	return &coverage{fields: map[fieldOfType]fieldCount{}, notEvaluable: map[string]uint64{}, why: map[string]string{}}
}

// fieldCoverage counts the fields of the lines that one reader takes.
type fieldCoverage struct {
	decoder cloudevents.Decoder
	event   detector.Event
	counts  cloudevents.Coverage
}

// add counts one event. The line is decoded for this once more, because enrichment fills in fields that the publisher did not send.
func (f *fieldCoverage) add(m cloudevents.Message) {
	if f.decoder.Decode(m, &f.event) == nil {
		f.counts.Add(&f.event, f.decoder.Dropped...)
	}
}

// noteWhy notes a reason for each rule that could not be judged. Nothing is printed before the end.
func (r *replay) noteWhy(o detector.Outcome) {
	for i := range o.Decisions {
		for _, n := range o.Decisions[i].NotEvaluable {
			r.coverage.why[n.Rule] = n.Why
		}
	}
}

// addFields adds what a reader counted.
func (c *coverage) addFields(counts *cloudevents.Coverage) {
	places := map[detector.EventType]int{}
	for _, n := range counts.Counts() {
		at := fieldOfType{n.Type, places[n.Type]}
		places[n.Type]++
		sum := c.fields[at]
		c.fields[at] = fieldCount{n.Field, sum.present + n.Present, sum.events + n.Events, sum.dropped + n.Dropped}
		if at.place == 0 {
			c.events += n.Events
		}
	}
}

// addRules adds what an engine could not judge.
func (c *coverage) addRules(stats *detector.Stats) {
	for rule, n := range stats.NotEvaluable {
		c.notEvaluable[rule] += n
	}
}

// sorted gives the fields by type of event and in the documentation's order.
func (c *coverage) sorted() []fieldOfType {
	return slices.SortedFunc(maps.Keys(c.fields), func(a, b fieldOfType) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.place, b.place))
	})
}

// finish writes the report: one JSON object a line, or a table.
func (c *coverage) finish(w io.Writer, set *rules.Set, format string) error {
	if format == formatNDJSON {
		return c.finishJSON(w, set)
	}
	out := &strings.Builder{}
	var never []string
	last := detector.NumEventTypes
	for _, at := range c.sorted() {
		f := c.fields[at]
		if int(at.kind) != last {
			writeNever(out, never)
			last, never = int(at.kind), nil
			fmt.Fprintf(out, "%s: %s\n", typeWords(at.kind), count(f.events, "event"))
		}
		if f.present == 0 && f.dropped == 0 {
			if !strings.HasPrefix(f.field, "observation.") { // no publisher sends what our stages tell each other
				never = append(never, f.field)
			}
			continue
		}
		fmt.Fprintf(out, "  %-32s %10d %7.1f%%%s\n", f.field, f.present, share(f.present, f.events), f.wrong())
	}
	writeNever(out, never)
	fmt.Fprintln(out, "rules")
	for _, r := range c.rules(set) {
		fmt.Fprintf(out, "  %-32s %s\n", r.Rule, r.words(c.events))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// wrong says how often a field came with a type that it does not have.
func (f fieldCount) wrong() string {
	if f.dropped == 0 {
		return ""
	}
	return fmt.Sprintf("  and %d times with a wrong JSON type", f.dropped)
}

// writeNever lists the fields that a type of event never brought, a few to a line.
func writeNever(out *strings.Builder, fields []string) {
	line := "  never sent:"
	for i, f := range fields {
		if i > 0 && len(line)+len(f) > 100 {
			fmt.Fprintln(out, line)
			line = "    "
		}
		line += " " + f
	}
	if len(fields) > 0 {
		fmt.Fprintln(out, line)
	}
}

// ruleCoverage is what the events allow of one rule.
type ruleCoverage struct {
	Rule         string  `json:"rule"`
	CanFire      bool    `json:"can_fire"`
	Missing      string  `json:"missing,omitempty"`       // the first field or type of event that never came
	Least        string  `json:"least,omitempty"`         // the field that it needs and that came least often
	LeastPercent float64 `json:"least_percent,omitempty"` // of the events
	NotEvaluable uint64  `json:"not_evaluable"`           // events on which it could not be judged
	Why          string  `json:"why,omitempty"`           // one reason
}

func (r *ruleCoverage) words(events uint64) string {
	text := "can fire"
	switch {
	case !r.CanFire:
		text = "CANNOT FIRE: " + r.Missing + " never comes"
	case r.Least != "":
		text = fmt.Sprintf("can fire where %s is sent: %.1f%% of the events", r.Least, r.LeastPercent)
	}
	if r.NotEvaluable > 0 {
		text += fmt.Sprintf("; could not be judged on %d of %s", r.NotEvaluable, count(events, "event"))
		if r.Why != "" {
			text += ": " + r.Why
		}
	}
	return text
}

// rules holds what each rule needs against what came.
func (c *coverage) rules(set *rules.Set) []ruleCoverage {
	var list []ruleCoverage
	for _, r := range set.Rules {
		row := ruleCoverage{Rule: r.ID, CanFire: true, NotEvaluable: c.notEvaluable[r.ID], Why: c.why[r.ID]}
		for _, need := range needs(r) {
			present, events := c.came(need, r)
			percent := share(present, events)
			switch {
			case present == 0 && row.CanFire:
				row.CanFire, row.Missing = false, need
			case detector.ParseEventType(need) == detector.UnknownType && (row.Least == "" || percent < row.LeastPercent):
				row.Least, row.LeastPercent = need, percent
			}
		}
		list = append(list, row)
	}
	return list
}

// needs lists the fields and types of event without which a rule can never fire.
func needs(r *rules.Rule) []string {
	var list []string
	if r.Detector >= 0 {
		list = append(list, detector.Language().Detectors[r.Detector].Needs...)
	}
	if r.When != nil {
		for _, i := range r.When.Fields() {
			if i < len(detector.EventFields) {
				list = append(list, detector.EventFields[i].Name)
			}
		}
	}
	return list
}

// came counts how often a field, or a type of event, came among the events that a rule looks at.
func (c *coverage) came(need string, r *rules.Rule) (present, events uint64) {
	for at, f := range c.fields {
		if at.place == 0 && at.kind.String() == need {
			return f.events, f.events
		}
		if f.field == need && r.LooksAt(int(at.kind)) {
			present, events = present+f.present, events+f.events
		}
	}
	return present, events
}

func (c *coverage) finishJSON(w io.Writer, set *rules.Set) error {
	out := json.NewEncoder(w)
	for _, at := range c.sorted() {
		f := c.fields[at]
		row := map[string]any{"type": at.kind.String(), "field": f.field, "present": f.present, "events": f.events, "wrong_type": f.dropped}
		if err := out.Encode(row); err != nil {
			return err
		}
	}
	for _, r := range c.rules(set) {
		if err := out.Encode(r); err != nil {
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
