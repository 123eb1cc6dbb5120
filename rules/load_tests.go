package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// tally counts a rule's tests.
type tally struct {
	firing, silent int
	faulty         bool // one of them could not be read: what is missing is not known
}

var testKeys = []string{"name", "baseline", "state", "events", "expect"}

func (l *loader) loadInlineTests(object) {
	for _, d := range l.drafts {
		if v, ok := l.get(d.object, "tests"); ok {
			for _, item := range l.items(v, "tests") {
				l.loadTest(item, d.rule, testKeys)
			}
		}
	}
	l.drafts, l.tested = nil, append(l.tested, l.drafts...)
}

// loadTestFile reads a *_test.yaml: the same cases, each of which names its rule.
func (l *loader) loadTestFile(o object) {
	if v, ok := l.get(o, "version"); ok {
		l.checkVersion(v)
	}
	v, ok := l.must(o, "tests", "")
	if !ok {
		return
	}
	for _, item := range l.items(v, "tests") {
		l.loadTest(item, nil, append([]string{"rule"}, testKeys...))
	}
}

// loadTest reads one case of a rule; of the rule that it names where r is nil.
func (l *loader) loadTest(item node, r *Rule, keys []string) {
	o, ok := l.object(item, "a test", keys...)
	if !ok {
		return
	}
	if r == nil {
		v, ok := l.must(o, "rule", "say which rule the case tests")
		if !ok {
			return
		}
		if r = l.ruleNamed(v); r == nil {
			return
		}
	}
	before := len(l.problems)
	t := TestCase{Rule: r.ID, Pos: item.position()}
	if v, ok := l.must(o, "name", "say what happens, as an analyst would"); ok {
		t.Name, _ = l.text(v, "name")
	}
	if v, ok := l.get(o, "baseline"); ok {
		t.State = l.settings(v, l.baselineWords())
	}
	if v, ok := l.get(o, "state"); ok {
		t.State = append(t.State, l.settings(v, nil)...)
	}
	if v, ok := l.must(o, "events", "a test without events cannot fail"); ok {
		t.Events = l.loadTestEvents(v)
	}
	if v, ok := l.must(o, "expect", "write expect: {fires: [2]}, or fires: [] for silence"); ok {
		t.Expect = l.loadExpect(v, r, len(t.Events))
	}
	l.count(r, &t, HasErrors(l.problems[before:]))
	l.set.Tests = append(l.set.Tests, t)
}

func (l *loader) ruleNamed(n node) *Rule {
	name, ok := l.text(n, "rule")
	if !ok {
		return nil
	}
	r, ok := l.ruleNames[name]
	if !ok {
		l.fail(n, codeUnknownName, didYouMean(name, sortedKeys(l.ruleNames)), "there is no rule %q", name)
	}
	return r
}

func (l *loader) count(r *Rule, t *TestCase, faulty bool) {
	c := l.ruleTests[r.ID]
	if c == nil {
		c = &tally{}
		l.ruleTests[r.ID] = c
	}
	c.faulty = c.faulty || faulty
	if len(t.Expect.Fires) > 0 {
		c.firing++
	} else if len(t.Expect.Excepted) == 0 {
		c.silent++
	}
}

func (l *loader) loadTestEvents(n node) []TestEvent {
	list := l.items(n, "events")
	if n.Kind == yaml.SequenceNode && len(list) == 0 {
		l.fail(n, codeUntested, "", "a test without events cannot fail")
	}
	events := make([]TestEvent, 0, len(list))
	for _, item := range list {
		e := TestEvent{Pos: item.position()}
		if item.Kind != yaml.MappingNode {
			l.fail(item, codeForm, "write {at: 1m, ip: 203.0.113.7}", "an event is written as key: value pairs")
			continue
		}
		if at := lookup(item, "at"); at.Node != nil {
			e.AtMS, _ = l.period(at, "at")
		} else {
			l.fail(item, codeMissing, "write at: 0s", "an event needs at, its time after the test's start")
		}
		e.Settings = l.settings(item, map[string]string{"at": "", "times": "", "every": ""})
		times, everyMS := l.loadTimes(item)
		for range times {
			events = append(events, e)
			e.AtMS += everyMS
		}
	}
	return events
}

// maxTimes bounds how often an event is written once for.
const maxTimes = 1000

// loadTimes gives how many events an entry stands for, and the time between two of them.
func (l *loader) loadTimes(item node) (times int, everyMS int64) {
	n, every := lookup(item, "times"), lookup(item, "every")
	if n.Node == nil && every.Node == nil {
		return 1, 0
	}
	if n.Node == nil || every.Node == nil {
		l.fail(item, codeMissing, "write times: 20, every: 3s", "times and every go together: so many events, so far apart")
		return 1, 0
	}
	everyMS, _ = l.period(every, "every")
	if times, ok := l.whole(n, "how many events", 1, maxTimes); ok {
		return times, everyMS
	}
	return 1, everyMS
}

// lookup gives the value of a key of a mapping.
func lookup(n node, key string) node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.child(n.Content[i+1])
		}
	}
	return node{}
}

var expectKeys = []string{"fires", "excepted", "action", "would", "score", "facts"}

func (l *loader) loadExpect(n node, r *Rule, events int) Expect {
	x := Expect{Pos: n.position()}
	o, ok := l.object(n, "expect", expectKeys...)
	if !ok {
		return x
	}
	if v, ok := l.must(o, "fires", "write fires: [2] for the second event, fires: [] for none"); ok {
		x.Fires = []int{}
		for _, item := range l.items(v, "fires") {
			if i, ok := l.whole(item, "the number of an event", 1, max(events, 1)); ok {
				x.Fires = append(x.Fires, i)
			}
		}
		slices.Sort(x.Fires)
	}
	if v, ok := l.get(o, "excepted"); ok {
		x.Excepted = l.loadExcepted(v, r, events, x.Fires)
	}
	x.Action, x.Would = l.expectAction(o, "action"), l.expectAction(o, "would")
	if v, ok := l.get(o, "score"); ok {
		if score, ok := l.whole(v, "score", 0, maxScore*NumKinds); ok {
			x.Score = &score
		}
	}
	if v, ok := l.get(o, "facts"); ok {
		x.Facts = l.loadExpectedFacts(v, r)
	}
	return x
}

func (l *loader) expectAction(o object, key string) *Action {
	v, ok := l.get(o, key)
	if !ok {
		return nil
	}
	i, ok := l.word(v, key, actionNames[:])
	if !ok {
		return nil
	}
	a := Action(i)
	return &a
}

func (l *loader) loadExcepted(n node, r *Rule, events int, fires []int) map[int]string {
	x := map[int]string{}
	if n.Kind != yaml.MappingNode {
		l.fail(n, codeForm, "write excepted: {2: corp-vpn}", "excepted is written as key: value pairs")
		return x
	}
	ids := make([]string, len(r.exceptions))
	for i := range r.exceptions {
		ids[i] = r.exceptions[i].id
	}
	l.pairs(n, func(_ string, k, v node) {
		i, ok := l.whole(k, "the number of an event", 1, max(events, 1))
		id, given := l.text(v, "an exception")
		if given && !contains(ids, id) {
			l.fail(v, codeUnknownName, didYouMean(id, ids), "the rule %s has no exception %q", r.ID, id)
		} else if ok && given && slices.Contains(fires, i) {
			l.fail(k, codeUntested, "", "event %d cannot both fire and be excepted", i)
		} else if ok && given {
			x[i] = id
		}
	})
	return x
}

var expectedNumber = regexp.MustCompile(`^(>=|<=|>|<)\s*-?[0-9][0-9.]*$`)

func (l *loader) loadExpectedFacts(n node, r *Rule) map[string]ExpectedFact {
	facts := map[string]ExpectedFact{}
	if r.Detector < 0 && l.unclear[r] {
		return facts
	}
	var names []string
	if r.Detector >= 0 {
		for _, f := range l.lang.Detectors[r.Detector].Facts {
			names = append(names, f.Name)
		}
	}
	if _, ok := l.objectOf(n, "the finding of "+r.ID, "fact", names); !ok {
		return facts
	}
	l.pairs(n, func(name string, k, v node) {
		text, ok := l.text(v, name)
		if ok && strings.ContainsAny(text[:min(1, len(text))], "<>") && !expectedNumber.MatchString(text) {
			l.fail(v, codeForm, `write ">= 500"`, "%q is not a bound", text)
		}
		facts[name] = ExpectedFact{Pos: v.position(), Text: text}
	})
	return facts
}

// untested reports an enforced rule without the tests that show it firing and keeping silent.
func (l *loader) untested(d draft) {
	if !slices.ContainsFunc(d.rule.variants, func(v Variant) bool { return v.Mode == Enforce }) || d.rule.ID == "" {
		return
	}
	c := l.ruleTests[d.rule.ID]
	if c == nil {
		c = &tally{}
	}
	if c.faulty || c.firing >= l.defaults.minFiring && c.silent >= l.defaults.minSilent {
		return
	}
	severity := Warning
	if l.opt.NeedTests {
		severity = Error
	}
	at := d.object.node
	if v, ok := d.values["id"]; ok {
		at = v
	}
	l.report(Problem{at.position(), severity, codeUntested, fmt.Sprintf("the enforced rule %s has %s and %s; it needs at least %d and %d", d.rule.ID,
		plural(c.firing, "firing test"), plural(c.silent, "silent test"), l.defaults.minFiring, l.defaults.minSilent),
		"add tests, or mode: shadow until it has them"})
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
