package detector

import "github.com/sessionguard/sessionguard/rules"

// detectorSpec is a detector: what the language says of it, what wakes it, and its judgement. judge is pure: it reads the
// observation and the state, and leaves its measurement in o.measured.
type detectorSpec struct {
	rules.Detector
	wakes   signal
	sees    sight
	judge   func(*Engine, *observation, *rules.Params) verdict
	missing func(*Engine, *observation) string // why it cannot be judged on this event, "" when it can; the place is looked up
	explain func(*Engine, *observation, *rules.Params) explanation
	placed  bool // it finds that the session is at a place: what explains the place explains the finding
	// tells and hears are of what the second stage finds: tells puts what was measured there into a verdict, and hears takes it from one.
	tells func(*observation, *Observation)
	hears func(*observation, *Observation)
	// accuses gives the verdicts on all sessions that are concerned, where these are others than the observation's own. spares says whether
	// the user's own state knows better than a verdict.
	accuses func(*Engine, *observation, *rules.Params)
	spares  func(*Engine, *observation) bool
	follows bool // it fires only after what others found: its own findings begin no chain
}

// sight widens what a detector looks at. Without it that is an accepted use of a session that has a baseline to compare with.
type sight uint8

// What else a detector may look at.
const (
	seesFirst   sight = 1 << iota // also an event that there is no baseline for, or that brings no address
	seesRefused                   // also what the app refused
)

// verdict is a detector's answer for one rule's parameters.
type verdict uint8

// The answers.
const (
	silent verdict = iota
	fires
	goesOn // what fired when it happened still stands, and nothing new happened: a move to where the session is since
	notEvaluable
)

// explanation is what a finding says of itself.
type explanation struct {
	reason  string // one sentence for people
	facts   []Fact
	nearest []Fact // of the facts: the nearest values at which it would not have fired
	score   int    // less than the rule's own, for a weaker form of what it finds; 0: the rule's own
}

func alwaysEvaluable(*Engine, *observation) string { return "" }
