package bank

import (
	"strconv"
	"strings"
)

// The results of Obey, in the words of command.acknowledged.
const (
	Applied        = "applied"
	AlreadyEnded   = "already_ended"
	UnknownSession = "unknown_session"
)

// revokeDelayMS is how long the app takes to end a session that it was told to end.
const revokeDelayMS = 100

// Obey lets the bank's apps obey a command: action, sessionID and userID are the command's, atMS is the time of the
// event that caused it. What follows comes from the next calls of Next: after a revoke the session ends for whoever
// uses it, the thief is refused and the customer logs in again; a require_reauth is passed by the customer and not by
// the thief; arm asks both before a sensitive action. A world that obeys the same commands between the same calls of
// Next is the same world. Other actions change nothing.
//
// The result is Applied, AlreadyEnded or UnknownSession, for the acknowledgement.
func (b *Bank) Obey(action, sessionID, userID string, atMS int64) string {
	s := b.sessions[sessionID]
	if action == "revoke_user_sessions" {
		return b.revokeAll(userID, s)
	}
	if s == nil {
		if c := b.customer(userID); c != nil && c.ended == sessionID {
			return AlreadyEnded
		}
		return UnknownSession
	}
	if s.ended() {
		b.enforceEnd(action, s)
		return AlreadyEnded
	}
	switch action {
	case "arm":
		s.armedMS = max(b.nowMS, atMS) + armedForMS
	case "require_reauth":
		s.challenged = s.challenged || s.passedMS <= atMS // it lapses when the customer did so meanwhile
	case "retract":
		s.armedMS, s.challenged = 0, false
	case "revoke_session":
		b.in(revokeDelayMS, &revoke{s})
	}
	return Applied
}

// enforceEnd makes an app that forgot to end a session end it when it is told.
func (b *Bank) enforceEnd(action string, s *session) {
	if strings.HasPrefix(action, "revoke") {
		s.verdict = "revoked"
	}
}

func (b *Bank) revokeAll(userID string, s *session) string {
	if s != nil && s.ended() {
		s.verdict = "revoked"
	}
	named := s != nil && !s.ended() // it may be another customer's, whose session somebody shows under his own login
	if named {
		b.in(revokeDelayMS, &revoke{s})
	}
	c := b.customer(userID)
	switch {
	case named && c == nil:
		return Applied
	case c == nil:
		return UnknownSession
	case !named && len(c.open) == 0:
		return AlreadyEnded
	}
	for _, o := range c.open {
		b.in(revokeDelayMS, &revoke{o})
	}
	return Applied
}

func (b *Bank) customer(userID string) *customer {
	n, err := strconv.Atoi(strings.TrimPrefix(userID, "u-"))
	if err != nil || n < 0 || n >= len(b.customers) || b.customers[n].id != userID {
		return nil
	}
	return &b.customers[n]
}

// revoke ends a session by order.
type revoke struct{ s *session }

func (v *revoke) act(b *Bank) {
	if v.s.ended() {
		return
	}
	b.emit(&event{kind: "session.ended", customer: v.s.c, session: v.s, sessionID: v.s.id, endReason: "revoked"}, "", 0)
	b.end(v.s, "revoked")
}
