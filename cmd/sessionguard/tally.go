package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/rules"
)

// tally counts what events and their outcomes were.
type tally struct {
	fates     [detector.NumFates]uint64
	rejected  map[string]uint64 // by reason
	decisions [rules.NumActions]uint64
	shadow    uint64 // decisions among them that only shadow rules led to
	commands  uint64 // that were sent
}

func (t *tally) add(o detector.Outcome) {
	t.fates[o.Fate]++
	for i := range o.Decisions {
		t.decisions[o.Decisions[i].Action]++
		if o.Decisions[i].Mode == rules.Shadow {
			t.shadow++
		}
	}
	t.commands += uint64(len(o.Commands))
}

// refused counts a dead letter and gives its line: the reason and the detail.
func (t *tally) refused(err error) string {
	reason := "rejected"
	var r *cloudevents.Rejection
	if errors.As(err, &r) {
		reason = r.Reason
	}
	if t.rejected == nil {
		t.rejected = map[string]uint64{}
	}
	t.rejected[reason]++
	return reason + ": " + oneLine(err.Error())
}

func (t *tally) merge(other *tally) {
	for i := range t.fates {
		t.fates[i] += other.fates[i]
	}
	for i := range t.decisions {
		t.decisions[i] += other.decisions[i]
	}
	if t.rejected == nil {
		t.rejected = map[string]uint64{}
	}
	for reason, n := range other.rejected {
		t.rejected[reason] += n
	}
	t.shadow += other.shadow
	t.commands += other.commands
}

// summary writes the counts in two or three lines.
func (t *tally) summary(w io.Writer) {
	var events, refused, decisions uint64
	var fates, reasons, actions []string
	for i, n := range t.fates {
		events += n
		fates = appendCount(fates, detector.Fate(i).String(), n)
	}
	for _, reason := range slices.Sorted(maps.Keys(t.rejected)) {
		refused += t.rejected[reason]
		reasons = appendCount(reasons, reason, t.rejected[reason])
	}
	for i, n := range t.decisions {
		decisions += n
		actions = appendCount(actions, rules.Action(i).String(), n)
	}
	fmt.Fprintf(w, "replay: %s%s\n", count(events, "event"), inBrackets(fates))
	fmt.Fprintf(w, "replay: %s%s", count(decisions, "decision"), inBrackets(actions))
	if t.shadow > 0 {
		fmt.Fprintf(w, ", %d of them by shadow rules alone", t.shadow)
	}
	fmt.Fprintln(w)
	if refused > 0 {
		fmt.Fprintf(w, "replay: %s%s\n", count(refused, "dead letter"), inBrackets(reasons))
	}
}

func appendCount(list []string, name string, n uint64) []string {
	if n == 0 {
		return list
	}
	return append(list, fmt.Sprintf("%s %d", name, n))
}

func inBrackets(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}

// count gives a number with its noun: "1 event", "2 events".
func count(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
