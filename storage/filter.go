package storage

import "strings"

// Order is the order in which rows are wanted.
type Order uint8

// The orders: the oldest first by event time, the newest first, and that of the log (partition, then offset), in which
// replay must see events.
const (
	OldestFirst Order = iota
	NewestFirst
	LogOrder
)

// EventFilter says which events are wanted; a zero field asks for nothing. "Everything of this user, in time" is
// {Tenant: t, User: u}; "of this session" is {Tenant: t, Session: pseudonym}; a replay's input is {Topic: t, FromMS: f,
// ToMS: u, Order: LogOrder}. Rows that only mark a record's place are left out.
type EventFilter struct {
	Topic   string
	Type    string
	Tenant  string // "" is the tenant named "" when User or Session is set
	User    string
	Session string // pseudonym; also finds the event by which the session took over from, or gave way to, another id
	FromMS  int64  // event time, Unix ms, inside
	ToMS    int64  // event time, Unix ms, outside; 0: no end
	Order   Order
	Limit   int // 0: all
}

// DecisionFilter says which decisions are wanted, as EventFilter does. "The last 100" is {Order: NewestFirst, Limit: 100}.
type DecisionFilter struct {
	ID      string
	Rule    string // that fired
	Tenant  string // "" is the tenant named "" when User or Session is set
	User    string
	Session string // pseudonym
	FromMS  int64
	ToMS    int64
	Order   Order
	Limit   int
}

// Dialect is where the engines' SQL differs. Both call their columns alike.
type Dialect struct {
	Moment string // a parameter that is a time in Unix ms, with one ?
	Fired  string // says that the rule of one ? is among the rules of a decision
}

// Conditions gives the filter as SQL: what stands behind WHERE, and its parameters.
func (f *EventFilter) Conditions(d Dialect) (where string, args []any) {
	c := conditions{terms: []string{"rejected = ''"}}
	if f.Topic != "" {
		c.add("topic = ?", f.Topic)
	}
	if f.Type != "" {
		c.add("type = ?", f.Type)
	}
	c.person(f.Tenant, f.User, f.Session != "")
	if f.Session != "" {
		c.add("(session = ? OR previous_session = ?)", f.Session, f.Session)
	}
	c.between(d, f.FromMS, f.ToMS)
	return strings.Join(c.terms, " AND "), c.args
}

// Conditions gives the filter as SQL: what stands behind WHERE, and its parameters.
func (f *DecisionFilter) Conditions(d Dialect) (where string, args []any) {
	c := conditions{terms: []string{"rejected = ''"}}
	if f.ID != "" {
		c.add("id = ?", f.ID)
	}
	if f.Rule != "" {
		c.add(d.Fired, f.Rule)
	}
	c.person(f.Tenant, f.User, f.Session != "")
	if f.Session != "" {
		c.add("session = ?", f.Session)
	}
	c.between(d, f.FromMS, f.ToMS)
	return strings.Join(c.terms, " AND "), c.args
}

// By gives the order as SQL: what stands behind ORDER BY. It is total, so the same archive gives the same sequence.
func (o Order) By() string {
	switch o {
	case NewestFirst:
		return "event_time DESC, topic DESC, partition DESC, offset DESC"
	case LogOrder:
		return "topic, partition, offset"
	}
	return "event_time, topic, partition, offset"
}

type conditions struct {
	terms []string
	args  []any
}

func (c *conditions) add(term string, args ...any) {
	c.terms, c.args = append(c.terms, term), append(c.args, args...)
}

func (c *conditions) person(tenant, user string, session bool) {
	if tenant != "" || user != "" || session {
		c.add("tenant = ?", tenant)
	}
	if user != "" {
		c.add("user_id = ?", user)
	}
}

func (c *conditions) between(d Dialect, fromMS, toMS int64) {
	if fromMS != 0 {
		c.add("event_time >= "+d.Moment, fromMS)
	}
	if toMS != 0 {
		c.add("event_time < "+d.Moment, toMS)
	}
}
