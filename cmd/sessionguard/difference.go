package main

import (
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
}

// beforeAfter counts under --against and under --rules.
type beforeAfter struct {
	Before uint64 `json:"before"`
	After  uint64 `json:"after"`
}

func newDifference() *difference {
	return &difference{changes: map[string]uint64{}, rules: map[string]*beforeAfter{}, actions: map[string]*beforeAfter{}}
}

// compare judges the line by the rules of --against too and appends how the decisions differ.
func (l *lane) compare(at line, _ *detector.Event, after detector.Outcome) {
	_, before, err := l.against.Process(cloudevents.Message{Value: at.text}, recordOf(at))
	if err != nil {
		return // the same decoder took the same line a moment ago
	}
	l.difference.count(before.Decisions, after.Decisions)
	for i := range before.Decisions {
		old := &before.Decisions[i]
		switch now := decisionOn(after.Decisions, old.SessionID); {
		case now == nil:
			l.appendChange(changeLost, at, old, nil)
		default:
			l.appendDifferent(at, old, now)
		}
	}
	for i := range after.Decisions {
		if now := &after.Decisions[i]; decisionOn(before.Decisions, now.SessionID) == nil {
			l.appendChange(changeNew, at, nil, now)
		}
	}
}

// decisionOn gives the decision on a session, nil for none: an event brings at most one for each.
func decisionOn(list []detector.Decision, session string) *detector.Decision {
	for i := range list {
		if list[i].SessionID == session {
			return &list[i]
		}
	}
	return nil
}

// appendDifferent appends a change when two decisions differ.
func (l *lane) appendDifferent(at line, before, after *detector.Decision) {
	switch differs := differences(before, after); {
	case len(differs) == 0:
	case slices.Equal(differs, []string{"score"}):
		l.appendChange(changeScore, at, before, after, differs...)
	default:
		l.appendChange(changeChanged, at, before, after, differs...)
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
func (l *lane) appendChange(kind string, at line, before, after *detector.Decision, differs ...string) {
	l.difference.changes[kind]++
	if l.difference.format == formatTable {
		l.out = appendChangeRow(l.out, kind, at, before, after)
		return
	}
	l.out = fmt.Appendf(l.out, `{"change":%q,"line":%d,`, kind, at.number)
	if len(differs) > 0 {
		l.out = fmt.Appendf(l.out, `"differs":["%s"],`, strings.Join(differs, `","`))
	}
	l.out = append(l.out, `"before":`...)
	l.out = appendDecisionOrNull(l.out, before)
	l.out = append(l.out, `,"after":`...)
	l.out = append(appendDecisionOrNull(l.out, after), "}\n"...)
}

func appendDecisionOrNull(dst []byte, d *detector.Decision) []byte {
	if d == nil {
		return append(dst, "null"...)
	}
	return detector.AppendDecision(dst, d, nil)
}

func appendChangeRow(dst []byte, kind string, at line, before, after *detector.Decision) []byte {
	one := after
	if one == nil {
		one = before
	}
	dst = fmt.Appendf(dst, "%-8s line %-8d %s  %s", kind, at.number, clockTime(one.TimeMS), one.SessionID)
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

func (d *difference) merge(other *difference) {
	for kind, n := range other.changes {
		d.changes[kind] += n
	}
	for _, m := range []struct{ to, from map[string]*beforeAfter }{{d.rules, other.rules}, {d.actions, other.actions}} {
		for name, n := range m.from {
			entry(m.to, name).Before += n.Before
			entry(m.to, name).After += n.After
		}
	}
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
