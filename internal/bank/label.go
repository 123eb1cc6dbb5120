package bank

// Published is one session event as an app of the bank publishes it.
type Published struct {
	JSON   []byte // a CloudEvent in structured mode, one line without the line end; the caller's to keep
	Key    string // Kafka key: the user's id; before the login the anonymous session's
	TimeMS int64  // event time, Unix ms; some events come minutes after younger ones
	Label  Label
}

// Label is the truth about one event.
type Label struct {
	Actor     Actor
	Attack    AttackKind // of a thief's event
	AttackID  string     // of a thief's event: a1, a2, ...
	EventID   string
	SessionID string // on the event
	Lineage   string // the id with which the session began: rotation changes SessionID, not this
	Begins    bool   // the login with which a session of a customer begins
	Request   bool   // the actor asked for something: a page, a login or an action
	Sensitive bool   // an action.requested of high or critical sensitivity
	Completed bool   // an action.completed of such an action
	Refused   bool   // the app itself refused it
	Cause     Cause  // the oddities of honest life that the session has shown up to and with this event
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
