// Package authservice is an example of what consumes session.commands: it keeps a table of sessions, obeys commands so
// that doing it twice does no harm, and acknowledges each on session.events.
package authservice

import (
	"sync"
	"time"
)

// Command is what this service reads of a command (docs/kafka.md): a CloudEvent of type session.command in structured
// mode.
type Command struct {
	Type string `json:"type"`
	Data struct {
		ID            string    `json:"command_id"`
		Action        string    `json:"action"`
		DecisionID    string    `json:"decision_id"`
		Retracts      string    `json:"retracts"` // of retract: the decision that is taken back
		Tenant        string    `json:"tenant"`
		SessionID     string    `json:"session_id"`
		UserID        string    `json:"user_id"`
		ExpiresAt     time.Time `json:"expires_at"`
		CreatedBefore time.Time `json:"created_before"`
		IssuedFor     struct {
			EventTime time.Time `json:"event_time"`
		} `json:"issued_for"`
		Reauth *struct {
			MinAAL int `json:"min_aal"`
		} `json:"reauth"`
	} `json:"data"`
}

// Session is one row of the table.
type Session struct {
	Tenant, ID, User string
	CreatedAt        time.Time
	Ended            bool      // every request on it must be refused
	EndedAt          time.Time // when it did
	StepUp           bool      // the next request must re-authenticate first
	StepUpFor        string    // the decision that asked for it
	MinAAL           int       // to at least this authenticator assurance level; 0: any
	ArmedUntil       time.Time // until then a sensitive action needs a step-up
	ArmedFor         string    // the decision that asked for it
	ReauthAt         time.Time // when the customer last re-authenticated
}

// Result is the answer to a command, as data.command.result of command.acknowledged.
type Result string

// The results that this service gives.
const (
	Applied        Result = "applied"
	AlreadyEnded   Result = "already_ended"
	UnknownSession Result = "unknown_session"
	Rejected       Result = "rejected" // not a command that this service knows
	Expired        Result = "expired"
)

type key struct{ tenant, id string }

// Table is the service's memory; a real one has a database. It is safe for concurrent use. Its zero value is not ready:
// use NewTable.
type Table struct {
	mu       sync.Mutex
	sessions map[key]*Session
	answers  map[string]answer // by command id, until the command expires
}

type answer struct {
	result  Result
	expires time.Time
}

// NewTable gives an empty table.
func NewTable() *Table {
	return &Table{sessions: map[key]*Session{}, answers: map[string]answer{}}
}

// Begin notes a session that began. An id that had ended before that begins a new session.
func (t *Table) Begin(tenant, id, user string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.sessions[key{tenant, id}]; s == nil || s.Ended && at.After(s.EndedAt) {
		t.sessions[key{tenant, id}] = &Session{Tenant: tenant, ID: id, User: user, CreatedAt: at}
	}
}

// Know notes a session that was seen. One that is known stays as it is.
func (t *Table) Know(tenant, id, user string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sessions[key{tenant, id}] == nil {
		t.sessions[key{tenant, id}] = &Session{Tenant: tenant, ID: id, User: user, CreatedAt: at}
	}
}

// End notes that a session ended.
func (t *Table) End(tenant, id string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.sessions[key{tenant, id}]; s != nil {
		s.end(at)
	}
}

func (s *Session) end(at time.Time) { s.Ended, s.EndedAt = true, at }

// Reauthenticated notes a passed step-up: what it was asked for is done.
func (t *Table) Reauthenticated(tenant, id string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.sessions[key{tenant, id}]; s != nil {
		s.StepUp, s.StepUpFor, s.MinAAL, s.ReauthAt = false, "", 0, at
		s.ArmedUntil, s.ArmedFor = time.Time{}, ""
	}
}

// Look gives a session as it stands.
func (t *Table) Look(tenant, id string) (s Session, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.sessions[key{tenant, id}]; s != nil {
		return *s, true
	}
	return Session{}, false
}

// Obey does what a command asks, once: the same command again gives the same answer and changes nothing.
func (t *Table) Obey(c *Command, now time.Time) Result {
	t.mu.Lock()
	defer t.mu.Unlock()
	if before, known := t.answers[c.Data.ID]; known {
		return before.result
	}
	result := t.obey(c, now)
	t.answers[c.Data.ID] = answer{result, c.Data.ExpiresAt}
	for id, a := range t.answers {
		if now.After(a.expires) {
			delete(t.answers, id) // it would be answered as expired anyway
		}
	}
	return result
}

func (t *Table) obey(c *Command, now time.Time) Result {
	d := &c.Data
	if d.ID == "" || d.ExpiresAt.IsZero() {
		return Rejected
	}
	if now.After(d.ExpiresAt) {
		return Expired
	}
	if d.Action == "revoke_user_sessions" {
		return t.endAll(d.Tenant, d.UserID, d.CreatedBefore, now)
	}
	s := t.sessions[key{d.Tenant, d.SessionID}]
	if s == nil {
		// Remember it as ended: if it exists after all, its next request is refused.
		if d.Action == "revoke_session" {
			t.sessions[key{d.Tenant, d.SessionID}] = &Session{Tenant: d.Tenant, ID: d.SessionID, User: d.UserID, Ended: true, EndedAt: now}
		}
		return UnknownSession
	}
	return s.obey(c, now)
}

func (s *Session) obey(c *Command, now time.Time) Result {
	d := &c.Data
	if s.Ended {
		return AlreadyEnded
	}
	// A step-up after the event that the command is about has answered it; a revoke never lapses.
	answered := s.ReauthAt.After(d.IssuedFor.EventTime)
	switch d.Action {
	case "arm":
		if !answered && d.ExpiresAt.After(s.ArmedUntil) {
			s.ArmedUntil, s.ArmedFor = d.ExpiresAt, d.DecisionID
		}
	case "require_reauth":
		if !answered {
			s.StepUp, s.StepUpFor = true, d.DecisionID
		}
		if !answered && d.Reauth != nil {
			s.MinAAL = max(s.MinAAL, d.Reauth.MinAAL)
		}
	case "revoke_session":
		s.end(now)
	case "retract":
		s.retract(d.Retracts)
	default:
		return Rejected
	}
	return Applied
}

// retract drops what one decision asked for. What another one asked for since stands, and an ended session stays ended.
func (s *Session) retract(decision string) {
	if s.StepUpFor == decision {
		s.StepUp, s.StepUpFor, s.MinAAL = false, "", 0
	}
	if s.ArmedFor == decision {
		s.ArmedUntil, s.ArmedFor = time.Time{}, ""
	}
}

// endAll ends a user's sessions that began before a moment.
func (t *Table) endAll(tenant, user string, before, now time.Time) Result {
	result := UnknownSession
	for _, s := range t.sessions {
		if s.Tenant != tenant || s.User != user || !s.CreatedAt.Before(before) {
			continue
		}
		if !s.Ended {
			s.end(now)
			result = Applied
		} else if result == UnknownSession {
			result = AlreadyEnded
		}
	}
	return result
}
