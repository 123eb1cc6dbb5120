package detector

import "github.com/sessionguard/sessionguard/rules"

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

// RunTests runs the tests of a set, each on an engine of its own, and gives one result for each, in the set's order.
func RunTests(set *rules.Set) []TestResult { panic("not built") }
