package rules

import (
	"fmt"
	"net/netip"
)

// Kind is a kind of evidence. Findings of one kind are correlated (one change of address makes travel, country
// and ASN rules fire together), so only the best one of a kind counts.
type Kind uint8

// The kinds of evidence, in the order in which scores are kept.
const (
	Network Kind = iota
	Client
	Replay
	Behaviour
	Account
	NumKinds = int(iota)
)

var kindNames = [NumKinds]string{"network", "client", "replay", "behaviour", "account"}

func (k Kind) String() string { return kindNames[k] }

// Action is an answer to a session's risk, ordered from nothing to the hardest.
type Action uint8

// The actions. Retract stands apart: it takes an earlier decision back.
const (
	None Action = iota
	Observe
	Arm
	RequireReauth
	RevokeSession
	RevokeUserSessions
	Retract
	NumActions = int(iota)
)

var actionNames = [NumActions]string{"none", "observe", "arm", "require_reauth", "revoke_session", "revoke_user_sessions", "retract"}

func (a Action) String() string { return actionNames[a] }

// ParseAction gives the action of a name as it stands in rules.yaml and on the wire.
func ParseAction(name string) (Action, bool) {
	for i, n := range actionNames {
		if n == name {
			return Action(i), true
		}
	}
	return None, false
}

// Mode says how far a rule reaches: Off is not evaluated, Shadow is evaluated and archived but never answers,
// Enforce answers. The zero value never answers.
type Mode uint8

// The modes, weakest first.
const (
	Off Mode = iota
	Shadow
	Enforce
)

var modeNames = [...]string{"off", "shadow", "enforce"}

func (m Mode) String() string { return modeNames[m] }

// Type is the type of a value in the rules language.
type Type uint8

// The types. A Duration is counted in milliseconds, a Number is a 64-bit float, an Integer an int64;
// Country is an ISO 3166-1 alpha-2 code in upper case.
const (
	String Type = iota
	Integer
	Number
	Bool
	Duration
	IP
	ASN
	Country
	Strings
)

var typeNames = [...]string{"text", "whole number", "number", "true or false", "duration", "address", "asn", "country", "list of text"}

// String names the type in an analyst's words.
func (t Type) String() string { return typeNames[t] }

// Value is what a field holds in one event. The zero Value is absent: whatever compares with it is unknown,
// and what is unknown never fires a rule.
type Value struct {
	Present bool
	Str     string // String, Country
	Int     int64  // Integer, Duration (ms), ASN
	Num     float64
	Bool    bool
	IP      netip.Addr
	Strs    []string
}

// Facts gives the value of the language's i-th field for the event that is being judged. It must not allocate.
type Facts interface{ Fact(i int) Value }

// Field is a name that conditions may use: "client.ip", "session.age".
type Field struct {
	Name string
	Type Type
	Enum []string // the values a String (or the members of a Strings) can have; nil: any
	Unit string   // of a number, as a person writes it: "km", "ms"
	Test bool     // an event of an inline test may set it
	Doc  string   // one sentence, plain
}

// Param is a parameter of a detector, set under `with:`.
type Param struct {
	Name    string    // carries its unit: max_speed_kmh
	Kind    ParamKind // what may be written
	Default float64   // of Amount, Toggle (0 or 1) and Period (milliseconds)
	Min     float64   // outside Min..Max is an error
	Max     float64
	Sane    [2]float64 // outside is a warning; {0, 0}: no such range
	Parts   []Part     // of Weights: the names that may be weighed
	List    ListType   // of ListRef
	Words   []string   // of Word: what may be written; the first is the default. Of WordSet: the members, all by default
	Doc     string     // one sentence, with the source of the default
}

// Part is a named weight and its default.
type Part struct {
	Name    string
	Default float64
}

// ParamKind says what a parameter takes.
type ParamKind uint8

// The kinds of parameter: a number; true or false; a duration with its unit; a map of name to number;
// the name of a list in `lists:`; one of some words; a list of words.
const (
	Amount ParamKind = iota
	Toggle
	Period
	Weights
	ListRef
	Word
	WordSet
)

// ListType is the type of a list's members.
type ListType uint8

// The types of list.
const (
	CIDRs ListType = iota
	ASNs
	Countries
	Texts
)

var listTypeNames = [...]string{"cidr", "asn", "country", "string"}

func (t ListType) String() string { return listTypeNames[t] }

// Detector describes a native detector to the language: what `detector:` and `with:` accept.
type Detector struct {
	Name   string // impossible_travel
	Doc    string
	Params []Param
	Needs  []string // fields and event types without which it can never fire
	Facts  []Field  // what a finding of it measures, for `expect: facts` and for `explain`
}

// Language is everything that a rules file may refer to. The detector package owns the one value of it;
// rules knows only its shape.
type Language struct {
	Fields     []Field
	EventTypes []string
	Detectors  []Detector
}

// Detector gives the index of a detector by its name.
func (l *Language) Detector(name string) (int, bool) {
	for i := range l.Detectors {
		if l.Detectors[i].Name == name {
			return i, true
		}
	}
	return -1, false
}

// Field gives the index of a field by its name.
func (l *Language) Field(name string) (int, bool) {
	for i := range l.Fields {
		if l.Fields[i].Name == name {
			return i, true
		}
	}
	return -1, false
}

// ParseKind gives the kind of evidence of a name.
func ParseKind(name string) (Kind, error) {
	for i, n := range kindNames {
		if n == name {
			return Kind(i), nil
		}
	}
	return 0, fmt.Errorf("%q is not a kind of evidence", name)
}
