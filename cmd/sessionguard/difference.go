package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
)

// The kinds of change between two rules files.
const (
	changeNew     = "new"     // only --rules decides
	changeLost    = "lost"    // only --against decides
	changeChanged = "changed" // both decide, otherwise
	changeScore   = "score"   // both decide, and only the score differs
)

// difference counts what changes when the rules of --against are replaced by those of --rules.
type difference struct {
	format  string
	changes map[string]uint64
	rules   map[string]*beforeAfter // how often each rule stands in a decision
	actions map[string]*beforeAfter

	before, after []detector.Decision // of the line, under --against and under --rules
}

// beforeAfter counts under --against and under --rules.
type beforeAfter struct {
	Before uint64 `json:"before"`
	After  uint64 `json:"after"`
}

func newDifference(format string) *difference {
	return &difference{format: format, changes: map[string]uint64{}, rules: map[string]*beforeAfter{}, actions: map[string]*beforeAfter{}}
}

// keepAfter keeps the decisions of --rules on the line.
func (r *replay) keepAfter(o detector.Outcome) {
	r.difference.after = append(r.difference.after, o.Decisions...)
}

// compare judges the line by the rules of --against too and appends how the decisions differ.
func (r *replay) compare() {
	d := r.difference
	d.before = d.before[:0]
	r.against.Observe(r.line.event, func(_ *detector.Event, o detector.Outcome) { d.before = append(d.before, o.Decisions...) })
	d.count(d.before, d.after)
	for i := range d.before {
		old := &d.before[i]
		switch now := counterpart(d.after, d.before, i); {
		case now == nil:
			r.appendChange(changeLost, old, nil)
		default:
			r.appendDifferent(old, now)
		}
	}
	for i := range d.after {
		if counterpart(d.before, d.after, i) == nil {
			r.appendChange(changeNew, nil, &d.after[i])
		}
	}
	d.after = d.after[:0]
}

// counterpart gives the decision of others that answers mine[i]: the first on its session to the first, the second, which a
// verdict brought, to the second; nil for none.
func counterpart(others, mine []detector.Decision, i int) *detector.Decision {
	nth := 0
	for k := range mine[:i] {
		if mine[k].SessionID == mine[i].SessionID {
			nth++
		}
	}
	for k := range others {
		if others[k].SessionID != mine[i].SessionID {
			continue
		}
		if nth == 0 {
			return &others[k]
		}
		nth--
	}
	return nil
}

// appendDifferent appends a change when two decisions differ.
func (r *replay) appendDifferent(before, after *detector.Decision) {
	switch differs := differences(before, after); {
	case len(differs) == 0:
	case slices.Equal(differs, []string{"score"}):
		r.appendChange(changeScore, before, after, differs...)
	default:
		r.appendChange(changeChanged, before, after, differs...)
	}
}

// differences names what differs between two decisions, by their members in contracts.md section 3.
func differences(a, b *detector.Decision) []string {
	sameRule := func(a, b detector.Finding) bool { return a.Rule == b.Rule && a.ExceptedBy == b.ExceptedBy }
	var list []string
	for _, member := range []struct {
		name string
		same bool
	}{
		{"action", a.Action == b.Action}, {"mode", a.Mode == b.Mode}, {"would", a.Would == b.Would}, {"score", a.Score == b.Score},
		{"rules", slices.EqualFunc(a.Findings, b.Findings, sameRule)},
	} {
		if !member.same {
			list = append(list, member.name)
		}
	}
	return list
}

// appendChange appends one change as a JSON line or as a row.
func (r *replay) appendChange(kind string, before, after *detector.Decision, differs ...string) {
	r.difference.changes[kind]++
	if r.difference.format == formatTable {
		r.out = appendChangeRow(r.out, kind, r.line.number, before, after)
		return
	}
	r.out = fmt.Appendf(r.out, `{"change":%q,"line":%d,`, kind, r.line.number)
	if len(differs) > 0 {
		r.out = fmt.Appendf(r.out, `"differs":["%s"],`, strings.Join(differs, `","`))
	}
	r.out = append(r.out, `"before":`...)
	r.out = appendDecisionOrNull(r.out, before)
	r.out = append(r.out, `,"after":`...)
	r.out = append(appendDecisionOrNull(r.out, after), "}\n"...)
}

func appendDecisionOrNull(dst []byte, d *detector.Decision) []byte {
	if d == nil {
		return append(dst, "null"...)
	}
	return detector.AppendDecision(dst, d, nil)
}

func appendChangeRow(dst []byte, kind string, line int64, before, after *detector.Decision) []byte {
	one := after
	if one == nil {
		one = before
	}
	dst = fmt.Appendf(dst, "%-8s line %-8d %s  %s", kind, line, clockTime(one.TimeMS), one.SessionID)
	return fmt.Appendf(dst, "  %s -> %s\n", answerOf(before), answerOf(after))
}

// answerOf gives a decision's action, score and rules in a few words.
func answerOf(d *detector.Decision) string {
	if d == nil {
		return "nothing"
	}
	return fmt.Sprintf("%s %d (%s)", actionWords(d), d.Score, ruleNames(d))
}

func (d *difference) count(before, after []detector.Decision) {
	for i := range before {
		d.action(&before[i]).Before++
		for j := range before[i].Findings {
			entry(d.rules, before[i].Findings[j].Rule).Before++
		}
	}
	for i := range after {
		d.action(&after[i]).After++
		for j := range after[i].Findings {
			entry(d.rules, after[i].Findings[j].Rule).After++
		}
	}
}

func (d *difference) action(one *detector.Decision) *beforeAfter {
	name := one.Action.String()
	if one.Mode == rules.Shadow {
		name += " (shadow)"
	}
	return entry(d.actions, name)
}

func entry(m map[string]*beforeAfter, name string) *beforeAfter {
	if m[name] == nil {
		m[name] = &beforeAfter{}
	}
	return m[name]
}

// headline gives the counts of changes on one line.
func (d *difference) headline() string {
	return fmt.Sprintf("new %d, lost %d, changed %d, only scores %d\n", d.changes[changeNew], d.changes[changeLost], d.changes[changeChanged], d.changes[changeScore])
}

// finish writes the counts: as the last JSON line, or as tables.
func (d *difference) finish(w io.Writer, format string) error {
	if format == formatNDJSON {
		return json.NewEncoder(w).Encode(map[string]any{"summary": map[string]any{
			changeNew: d.changes[changeNew], changeLost: d.changes[changeLost], changeChanged: d.changes[changeChanged],
			"only_scores": d.changes[changeScore], "rules": d.rules, "actions": d.actions}})
	}
	var err error
	for _, part := range []struct {
		title string
		of    map[string]*beforeAfter
	}{{"ACTION", d.actions}, {"RULE", d.rules}} {
		fmt.Fprintf(w, "\n%-36s %10s %10s\n", part.title, "BEFORE", "AFTER")
		for _, name := range slices.Sorted(maps.Keys(part.of)) {
			_, err = fmt.Fprintf(w, "%-36s %10d %10d\n", name, part.of[name].Before, part.of[name].After)
		}
	}
	return err
}
