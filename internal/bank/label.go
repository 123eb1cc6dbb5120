package bank

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Published is one session event as an app of the bank publishes it.
type Published struct {
	JSON   []byte // a CloudEvent in structured mode, one line without the line end; the caller's to keep
	Key    string // Kafka key: the user's id; before the login the anonymous session's
	TimeMS int64  // event time, Unix ms; some events come minutes after younger ones
	Label  Label
}

// Label is the truth about one event. Its JSON form is a line of a labels file, which stands beside a file of events: the
// n-th label is the n-th event's. What is false or empty is left out.
type Label struct {
	EventID   string `json:"event_id"`
	Source    string `json:"source"`
	SessionID string `json:"session_id,omitempty"` // on the event
	Lineage   string `json:"lineage,omitempty"`    // the id with which the session began: rotation changes SessionID, not this
	Actor     Actor  `json:"actor"`
	Attack    string `json:"attack,omitempty"`    // of a thief's event: the name of its kind
	AttackID  string `json:"attack_id,omitempty"` // of a thief's event: a1, a2, ...
	Cause     Cause  `json:"cause,omitempty"`     // the oddities of honest life that the session has shown up to and with this event
	Group     string `json:"group,omitempty"`     // the shared network behind which the session's customer lives, or Others; "" where the population has no groups
	Campaign  string `json:"campaign,omitempty"`  // of a thief's event: the fleet of thefts to which this attack belongs
	Beside    string `json:"beside,omitempty"`    // of an honest event: the campaign whose exit it came through too
	Network   string `json:"network,omitempty"`   // of an unknown session id: the /24 or /48 that showed it
	Begins    bool   `json:"begins,omitempty"`    // the login with which a session of a customer begins
	Request   bool   `json:"request,omitempty"`   // the actor asked for something: a page, a login or an action
	Sensitive bool   `json:"sensitive,omitempty"` // an action.requested of high or critical sensitivity
	Completed bool   `json:"completed,omitempty"` // an action.completed of such an action
	Refused   bool   `json:"refused,omitempty"`   // the app itself refused it
}

// Actor is who made a request. What the app does by itself is the customer's.
type Actor uint8

// The actors.
const (
	Honest Actor = iota
	Thief
)

func (a Actor) String() string {
	if a == Thief {
		return "thief"
	}
	return "honest"
}

// MarshalText gives honest or thief.
func (a Actor) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads honest or thief.
func (a *Actor) UnmarshalText(text []byte) error {
	switch string(text) {
	case "honest":
		*a = Honest
	case "thief":
		*a = Thief
	default:
		return fmt.Errorf("read actor %q: want honest or thief", text)
	}
	return nil
}

// OtherCause stands for causes that this package does not know, in the labels of another population.
const OtherCause Cause = 1 << 63

// MarshalText gives the names with commas between.
func (c Cause) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads names with commas between. One that is unknown is OtherCause.
func (c *Cause) UnmarshalText(text []byte) error {
	*c = 0
	for name := range strings.SplitSeq(string(text), ",") {
		switch i := slices.Index(causeNames[:], strings.TrimSpace(name)); {
		case i >= 0:
			*c |= 1 << i
		case strings.TrimSpace(name) != "":
			*c |= OtherCause
		}
	}
	return nil
}

// Write writes the label as one line.
func (l *Label) Write(w io.Writer) error {
	line, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write label: %w", err)
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// Labels reads a labels file, a line at a time, so that a file of any length needs no memory. It is not safe for concurrent use.
type Labels struct {
	from *bufio.Reader
	line int64
}

// ReadLabels makes a reader of labels.
func ReadLabels(r io.Reader) *Labels { return &Labels{from: bufio.NewReaderSize(r, 1<<20)} }

// Line is the number of the line that Next read last, counted from 1.
func (l *Labels) Line() int64 { return l.line }

// Next reads the next label; blank lines are passed over. It gives io.EOF after the last one. After that it may be asked again:
// a file that is still being written has more then.
func (l *Labels) Next() (Label, error) {
	for {
		text, err := l.from.ReadBytes('\n')
		if len(text) == 0 && err != nil {
			return Label{}, err
		}
		l.line++
		if text = bytes.TrimSpace(text); len(text) > 0 {
			return parseLabel(text)
		}
	}
}

func parseLabel(text []byte) (Label, error) {
	var l Label
	if err := json.Unmarshal(text, &l); err != nil {
		return Label{}, fmt.Errorf("read label: %w", err)
	}
	switch {
	case l.EventID == "":
		return Label{}, errors.New("read label: it names no event_id")
	case l.Actor == Thief && (l.Attack == "" || l.AttackID == ""):
		return Label{}, fmt.Errorf("read label of %q: a thief's event has attack and attack_id", l.EventID)
	}
	return l, nil
}
