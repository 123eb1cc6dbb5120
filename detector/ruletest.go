package detector

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// TestResult is what one inline test showed.
type TestResult struct {
	Test     *rules.TestCase
	Segment  string // the segment whose overrides the test ran under once more; "" for the rule as it stands
	Failures []TestFailure
}

// TestFailure is one thing that came otherwise than a test expects.
type TestFailure struct {
	Pos       rules.Position // of the event, or of the expectation
	Event     int            // the event's number, from 1; 0: the test as a whole
	Want, Got string
}

// RunTests runs the tests of a set, each in a house of its own with one partition, and gives one result for each, in the set's order. enrich
// fills Client.Agent of an event that gives a user agent. A silent test runs once more under every segment that changes its rule.
func RunTests(set *rules.Set, enrich func(*Event)) []TestResult {
	return RunTestsDealt(set, enrich, Dealing{})
}

// RunTestsDealt is RunTests in houses with the partitions of a dealing.
func RunTestsDealt(set *rules.Set, enrich func(*Event), dealing Dealing) []TestResult {
	var results []TestResult
	for i := range set.Tests {
		t := &set.Tests[i]
		results = append(results, newTestRun(set, t, 0, enrich, dealing).play())
		for seg := range changedSegments(set, t) {
			results = append(results, newTestRun(set, t, seg, enrich, dealing).play())
		}
	}
	return results
}

// changedSegments gives the segments under which a silent test must stay silent too.
func changedSegments(set *rules.Set, t *rules.TestCase) func(func(int) bool) {
	return func(yield func(int) bool) {
		r := ruleOf(set, t.Rule)
		if r == nil || len(t.Expect.Fires) > 0 {
			return
		}
		for seg := 1; seg < len(set.Segments); seg++ {
			if !reflect.DeepEqual(r.In(seg), r.In(0)) && !yield(seg) {
				return
			}
		}
	}
}

func ruleOf(set *rules.Set, id string) *rules.Rule {
	for _, r := range set.Rules {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// testStartMS is when every test begins: a Monday noon, so that nothing depends on the day of the run.
const testStartMS = 1767614400_000

// baselineBeforeMS is how long before its first event a test's baseline was established.
const baselineBeforeMS = 10 * 60_000

// testRun is one test in progress.
type testRun struct {
	set    *rules.Set
	test   *rules.TestCase
	house  *House
	engine *Engine // of the first stage, to which the last event was dealt
	enrich func(*Event)
	result TestResult
	last   *Decision
	fired  *Finding // of the test's rule, on the last event that fired
}

func newTestRun(set *rules.Set, t *rules.TestCase, segment int, enrich func(*Event), dealing Dealing) *testRun {
	run := &testRun{set: set, test: t, enrich: enrich, house: NewHouse(Config{Rules: set, GeoBuild: "test"}, dealing), result: TestResult{Test: t}}
	if segment > 0 {
		run.result.Segment = set.Segments[segment]
	}
	for i := range run.house.First {
		for _, g := range [...]*Engine{run.house.First[i], run.house.Second[i]} {
			g.wholeRollout, g.namesLast, g.forcedSegment = true, true, segment
		}
	}
	return run
}

func (run *testRun) play() TestResult {
	run.establish()
	for i := range run.test.Events {
		run.step(i)
	}
	run.conclude()
	return run.result
}

// establish plays the baseline: an event of the same session and address some minutes before, then what `state:` sets.
func (run *testRun) establish() {
	if len(run.test.State) == 0 {
		return
	}
	e := run.event(0, -baselineBeforeMS, run.test.Events[:min(1, len(run.test.Events))], true)
	for _, s := range run.test.State {
		assign(e, s)
	}
	e.Type, e.TypeName = SessionCreated, SessionCreated.String()
	run.observe(e, func(*Event, Outcome) {})
	o := &run.engine.obs
	o.now = testStartMS
	if len(run.test.Events) > 0 {
		o.now += run.test.Events[0].AtMS
	}
	for _, s := range run.test.State {
		if i := s.Field - len(EventFields) - len(agentFields); i >= 0 && baselineFields[i].set != nil {
			baselineFields[i].set(o, s.Value)
		}
	}
}

// event makes a test's event. Of a baseline's model event, only what says who and where is taken.
func (run *testRun) event(n int, atMS int64, from []rules.TestEvent, onlyWhere bool) *Event {
	e := &Event{ID: "event-" + strconv.Itoa(n), Source: "/test", Type: SessionPresented, TypeName: SessionPresented.String(), TimeMS: testStartMS + atMS}
	e.Record = Record{Topic: "test", Offset: int64(n)}
	e.Session.ID, e.User.ID = "s-1", "u-1"
	e.Client.IP = testAddress
	for _, t := range from {
		for _, s := range t.Settings {
			name := Language().Fields[s.Field].Name
			if !onlyWhere || name == "client.ip" || name == "tenant" || strings.HasPrefix(name, "client.geo.") || strings.HasSuffix(name, ".id") && name != "device.id" {
				assign(e, s)
			}
		}
	}
	return e
}

// testAddress stands for a client whose address a test does not give (RFC 5737).
var testAddress = netip.MustParseAddr("192.0.2.10")

func assign(e *Event, s rules.Setting) {
	switch {
	case s.Field < len(EventFields):
		f := &EventFields[s.Field]
		f.Assign(e, s.Value)
		if strings.HasPrefix(f.Name, "client.hints.") && e.Client.Agent.Hash != 0 {
			e.Client.Agent.Hash = agentHash(&e.Client)
		}
		if f.Name == "type" {
			e.Type = ParseEventType(e.TypeName)
		}
		if strings.HasPrefix(f.Name, "client.geo.") {
			e.Client.Geo.Build = "test"
		}
	case s.Field < len(EventFields)+len(agentFields):
		agentFields[s.Field-len(EventFields)].set(&e.Client.Agent, s.Value)
		e.Client.Agent.Hash = agentHash(&e.Client)
	}
}

// agentHash stands for the hash of a user agent that a test describes by its parts, and of its hints.
func agentHash(c *Client) uint64 {
	parts := c.Agent
	parts.Hash = 0
	h := fnv.New64a()
	fmt.Fprintf(h, "%+v %v %q %q %q", parts, c.Mobile, c.Platform, c.PlatformVersion, c.Model)
	return h.Sum64() | 1
}

func (run *testRun) observe(e *Event, show func(*Event, Outcome)) {
	if run.enrich != nil && e.Client.Agent.Hash == 0 {
		run.enrich(e)
	}
	run.engine = run.house.home(e)
	run.house.Observe(e, show)
}

// step plays one event and holds what fired against what is expected: on the event itself or on a verdict that it completed, on whichever
// session.
func (run *testRun) step(i int) {
	t, n := &run.test.Events[i], i+1
	e := run.event(n, t.AtMS, run.test.Events[i:i+1], false)
	shown, excepted, fate := false, "", Evaluated
	run.observe(e, func(of *Event, out Outcome) {
		if of == e {
			fate = out.Fate
		}
		for d := range out.Decisions {
			decision := out.Decisions[d]
			run.last = &decision
			by, fires := run.look(&decision)
			shown, excepted = shown || fires, cmp.Or(by, excepted)
		}
	})
	run.compareStep(t.Pos, n, shown, excepted, fate)
}

// look finds the test's rule in a decision: it fired, or an exception silenced it.
func (run *testRun) look(d *Decision) (exceptedBy string, fires bool) {
	for i := range d.Findings {
		f := d.Findings[i]
		if f.Rule != run.test.Rule {
			continue
		}
		if exceptedBy = f.ExceptedBy; exceptedBy == "" {
			fires, run.fired = true, &f
		}
	}
	return exceptedBy, fires
}

func (run *testRun) compareStep(pos rules.Position, n int, shown bool, excepted string, fate Fate) {
	want := slices.Contains(run.test.Expect.Fires, n)
	if fate != Evaluated && fate != Exempt {
		run.fail(pos, n, "an event that is evaluated", fate.String())
	}
	if want && !shown {
		run.fail(pos, n, "it fires", run.whyNot(excepted))
	}
	if !want && shown {
		run.fail(pos, n, "it is silent", "it fires: "+run.fired.Reason+measurements(run.fired.Facts))
	}
	if by := run.test.Expect.Excepted[n]; by != excepted {
		run.fail(pos, n, "excepted by "+quoteOrNothing(by), exceptedBy(n, excepted))
	}
}

// whyNot says what is known of a rule that stayed silent on the last event.
func (run *testRun) whyNot(excepted string) string {
	if excepted != "" {
		return "silenced by " + excepted
	}
	g := run.engine
	if r := ruleOf(run.set, run.test.Rule); r != nil {
		g.locate(&g.obs)
		if why := g.missing(&g.obs, r); why != "" {
			return "not evaluable: " + why
		}
		if r.Detector == detectorIndex(&impossibleTravel) && g.obs.travel.elapsedMS > 0 {
			j := &g.obs.travel
			return fmt.Sprintf("silent: at least %s km in %s is at least %s km/h", thousands(j.distanceM/1000), span(j.elapsedMS), thousands(j.speedKMH))
		}
	}
	return "silent"
}

func detectorIndex(d *detectorSpec) int { return slices.Index(detectors, d) }

// conclude holds the last decision and the last finding against what is expected.
func (run *testRun) conclude() {
	x := &run.test.Expect
	action, would, score := rules.None, rules.None, 0
	if run.last != nil {
		action, would, score = run.last.Action, run.last.Would, run.last.Score
	}
	if x.Action != nil && *x.Action != action {
		run.fail(x.Pos, 0, "action "+x.Action.String(), action.String())
	}
	if x.Would != nil && *x.Would != would {
		run.fail(x.Pos, 0, "would "+x.Would.String(), would.String())
	}
	if x.Score != nil && *x.Score != score {
		run.fail(x.Pos, 0, "score "+strconv.Itoa(*x.Score), strconv.Itoa(score))
	}
	names := make([]string, 0, len(x.Facts))
	for name := range x.Facts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		run.compareFact(name, x.Facts[name])
	}
}

func (run *testRun) compareFact(name string, want rules.ExpectedFact) {
	if run.fired == nil {
		run.fail(want.Pos, 0, name+" "+want.Text, "the rule never fired")
		return
	}
	for i := range run.fired.Facts {
		if f := &run.fired.Facts[i]; f.Name == name {
			if !f.meets(want.Text) {
				run.fail(want.Pos, 0, name+" "+want.Text, f.String())
			}
			return
		}
	}
	run.fail(want.Pos, 0, name+" "+want.Text, "no such fact"+measurements(run.fired.Facts))
}

func (run *testRun) fail(pos rules.Position, event int, want, got string) {
	run.result.Failures = append(run.result.Failures, TestFailure{Pos: pos, Event: event, Want: want, Got: got})
}

// exceptedBy names the exception that silenced an event, and the key by which a test expects it.
func exceptedBy(n int, id string) string {
	if id == "" {
		return "nothing"
	}
	return fmt.Sprintf("excepted by %q; if that is meant, add to expect: excepted: {%d: %s}", id, n, id)
}

func quoteOrNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return strconv.Quote(s)
}
