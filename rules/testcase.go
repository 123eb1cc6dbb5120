package rules

import "fmt"

// Position is a place in a rules file; lines and columns count from 1, columns in characters.
type Position struct {
	File         string
	Line, Column int
}

// TestCase is one inline test, parsed and type-checked; the detector package runs it.
type TestCase struct {
	Rule   string // the rule it stands under; "" in a *_test.yaml case for the whole file
	Name   string
	Pos    Position
	State  []Setting // `baseline:` and `state:`: what the session and the user looked like before
	Events []TestEvent
	Expect Expect
}

// TestEvent is one event of a sequence.
type TestEvent struct {
	Pos      Position
	AtMS     int64 // after the test's start
	Settings []Setting
}

// Setting gives a field a value. Field is an index in Language.Fields.
type Setting struct {
	Field int
	Value Value
	Pos   Position
}

// Expect is what a test demands. A nil pointer or map demands nothing.
type Expect struct {
	Pos      Position
	Fires    []int          // the numbers (from 1) of the events on which the test's rule fires and is not silenced; always given
	Excepted map[int]string // event number to the exception that silences the rule there
	Action   *Action        // of the last decision of the session
	Would    *Action        // likewise, what a shadow decision would have been
	Score    *int
	Facts    map[string]ExpectedFact // of the last event that fires
}

// ExpectedFact is a demanded fact: a number or a text, or one of the words >, >=, <, <= before a number.
type ExpectedFact struct {
	Pos  Position
	Text string // as written
}

// String gives the position as editors link it: FILE:LINE:COL.
func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }
