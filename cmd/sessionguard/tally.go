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
	shadow    uint64               // decisions among them that only shadow rules led to
	commands  uint64               // that were sent
	unknown   map[string]*sighting // types of event that are not known, by name
	tooLate   sighting
	verdicts  uint64 // of the second stage, as often as they were delivered
}

// sighting is how often something came, and in which line first.
type sighting struct {
	n     uint64
	first int64 // 0: never
}

func (s *sighting) add(line int64) {
	if s.n++; s.n == 1 {
		s.first = line
	}
}

// maxUnknown bounds how many unknown types are told apart; the rest are counted under "other types".
const maxUnknown = 20

func (t *tally) sawUnknown(name string, line int64) {
	if t.unknown == nil {
		t.unknown = map[string]*sighting{}
	}
	if t.unknown[name] == nil && len(t.unknown) >= maxUnknown {
		name = "other types"
	}
	if t.unknown[name] == nil {
		t.unknown[strings.Clone(name)] = &sighting{}
	}
	t.unknown[name].add(line)
}

// addEvent counts an event of the input.
func (t *tally) addEvent(line int64, e *detector.Event, fate detector.Fate) {
	t.fates[fate]++
	switch fate {
	case detector.Ignored:
		t.sawUnknown(e.TypeName, line)
	case detector.TooLate:
		t.tooLate.add(line)
	}
}

// addAnswers counts what an outcome answers.
func (t *tally) addAnswers(o *detector.Outcome) {
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

// notEvaluated writes a line for each type of event that is not known, and one for what came too late, with the first line of
// each in the file called name.
func (t *tally) notEvaluated(w io.Writer, name string) {
	for _, kind := range slices.Sorted(maps.Keys(t.unknown)) {
		fmt.Fprintf(w, "replay: ignored %d: %s, first at %s:%d\n", t.unknown[kind].n, oneLine(kind), name, t.unknown[kind].first)
	}
	if t.tooLate.n > 0 {
		fmt.Fprintf(w, "replay: too late %d: more than 24 h behind the newest event before, first at %s:%d\n", t.tooLate.n, name, t.tooLate.first)
	}
}

// summary writes the counts in two to four lines. observations is how many the second stage was shown.
func (t *tally) summary(w io.Writer, observations uint64) {
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
	if t.verdicts > 0 {
		fmt.Fprintf(w, "replay: %s of the second stage, on %s\n", count(t.verdicts, "verdict"), count(observations, "observation"))
	}
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
