package detector

import "github.com/sessionguard/sessionguard/rules"

// Outcome is what one event brought, and states the order of duties of whoever called Observe: publish Decisions and
// Commands and have them acknowledged BEFORE a snapshot that covers this event is written, and have that snapshot
// acknowledged BEFORE the event's offset is committed. The slices are valid until the next Observe.
type Outcome struct {
	Fate      Fate
	Decisions []Decision
	Commands  []Command
	// Observations are sent on to a stage, before the snapshot too: session.observation events, which the first stage makes, to the second by
	// session.observations; observation.verdict events, of either stage, to the first by session.events. Record.Key is the Kafka key, Record.TimeMS the
	// record's timestamp. A verdict without a key is for every partition.
	Observations []Event
}

// Fate is what became of an event.
type Fate uint8

// The fates. Only an Evaluated event can have decisions.
const (
	Evaluated Fate = iota
	Duplicate      // source and id were seen before
	TooLate        // more than 24 hours behind the partition's clock
	Ignored        // an unknown type
	Exempt         // rules.yaml exempts it
	NumFates  = int(iota)
)

var fateNames = [NumFates]string{"evaluated", "duplicate", "too_late", "ignored", "exempt"}

func (f Fate) String() string { return fateNames[f] }

// Decision is what was decided for one event and session. Its JSON form is DecisionJSON's.
type Decision struct {
	ID            string
	TimeMS        int64 // of the event
	Tenant        string
	SessionID     string
	UserID        string
	EventID       string
	EventSource   string
	Action        rules.Action
	Mode          rules.Mode   // Enforce, or Shadow when only shadow rules led to it
	Would         rules.Action // of a shadow decision, or one that a person's trust held back: the action it would have been; else None
	Score         int
	PreviousScore int
	Findings      []Finding
	NotEvaluable  []NotEvaluable
	Braked        rules.Action // the answer that the brake held back; else None
	Command       string       // "sent", "repeated" (the same command is still in force) or ""
	Attempt       int          // of the command that was sent
	Reason        string       // of a retract: why; of a person's order: by whom and why
	Control       string       // what a person ordered by this event: one of Controls; else ""
	TrustedUntil  int64        // Unix ms: a person's trust begins, or held this answer back, until then; else 0
	Lifted        []Tripped    // of resume_brake: the brakes that held answers back until now
	Retracts      string       // the id of the decision that a retract takes back
	Ruleset       string       // sha256:...
	Revision      string
	GeoBuild      string
	Misrouted     bool
	ClampedTime   bool // the event's time was set to its record's timestamp
	Truncated     bool // the state of this key was evicted before: what it was compared with may be incomplete
}

// Finding is a rule that fired.
type Finding struct {
	Rule       string
	Score      int
	Mode       rules.Mode
	Evidence   rules.Kind
	Proof      bool
	Reason     string // one sentence for people
	Facts      []Fact
	Nearest    []Fact // of the facts: the nearest values at which it would not have fired
	ExceptedBy string // the exception that silenced it
	Suppressed int    // how many of its like its cooldown hid since the last one shown
}

// Fact is a measured value of a finding, in the order in which it is written.
type Fact struct {
	Name string
	Kind FactKind
	Int  int64
	Num  float64
	Text string
	Sub  []Fact
}

// FactKind says which of a Fact's values holds.
type FactKind uint8

// The kinds of fact.
const (
	FactText FactKind = iota
	FactInt
	FactNum
	FactBool // Int is 1 or 0
	FactObject
)

// NotEvaluable is a rule that could not be judged on an event, and why.
type NotEvaluable struct{ Rule, Why string }

// Command is what the auth service is asked to do. Its wire form is CommandJSON's.
type Command struct {
	ID            string
	Action        rules.Action
	DecisionID    string
	Tenant        string
	SessionID     string
	UserID        string
	Attempt       int
	IssuedAtMS    int64
	ExpiresAtMS   int64
	EventID       string
	EventSource   string
	EventTimeMS   int64
	Code          string // the leading rule
	ReasonAdmin   string
	ReasonUser    string
	MinAAL        int   // of require_reauth; 0: none
	MaxAgeS       int64 // of require_reauth
	CreatedBefore int64 // of revoke_user_sessions, Unix ms
	Score         int
	Rules         []string
	Retracts      string
}
