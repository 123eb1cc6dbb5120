package bank

// Some visits in the app go on after minutes in the pocket, each time anew, and some of these phones meanwhile left the
// wifi or found one; plausible, not measured.
const (
	shareReturn = 0.4
	sharePocket = 0.06
)

// leave logs out or closes the window; the app ends a session that nobody uses any more.
func (b *Bank) leave(s *session) {
	if s.native && !s.logout && !s.c.trip.underway(b.nowMS) && chance(s.c.rng, shareReturn) {
		s.left, s.step = int(between(s.c.rng, 1, 4)), browse
		if s.d.phone && chance(s.c.rng, sharePocket) {
			b.handOver(s)
		}
		b.in(between(s.c.rng, 2*60_000, idleMS-60_000), s)
		return
	}
	if !s.logout {
		return
	}
	b.say(s, event{kind: "session.ended", method: "POST", path: "/logout", endReason: "logout", label: Label{Request: true}})
	b.end(s, "logout")
	switch x := s.c.rng.Float64(); {
	case x < shareCrosses:
		b.in(between(s.c.rng, 30, 1500), &tab{s: s, crosses: true})
	case x < shareCrosses+shareTabLogout:
		b.in(between(s.c.rng, 5, 1800)*1000, &tab{s: s})
	}
}

// Requests after the end (C15): one that was underway when the customer logged out and is still answered, and an open
// tab or an app that comes back from the background and is refused. The shares are plausible, not measured.
const (
	shareCrosses   = 0.05 // of the logouts
	shareTabLogout = 0.04
	shareTabIdle   = 0.12 // of the sessions that ended because nobody used them
	shareTabLogin  = 0.6  // of those who are refused there log in again
)

// tab is a window of a session that ended.
type tab struct {
	s       *session
	crosses bool
}

func (t *tab) act(b *Bank) {
	s := t.s
	if s.c.flying(b.nowMS) || s.c.place(b.nowMS) != s.city {
		return // she is not there any more
	}
	e := event{kind: "session.presented", method: "GET", path: pick(s.c.rng, webPages), label: Label{Request: true, Cause: CauseLogout}}
	if !t.crosses {
		e.outcome, e.reason, e.label.Refused = "failure", "session ended", true
	}
	b.say(s, e)
	if !t.crosses && s.verdict == "idle" && chance(s.c.rng, shareTabLogin) {
		b.in(between(s.c.rng, 4_000, 20_000), &relogin{s.c, s.d})
	}
}

// end takes a session out of the world. What a thief holds stays known until he is done.
func (b *Bank) end(s *session, why string) {
	s.verdict = why
	s.c.ended = s.id
	s.c.drop(s)
	if s.slot >= 0 {
		last := len(b.live) - 1
		b.live[s.slot] = b.live[last]
		b.live[s.slot].slot = s.slot
		b.live[last] = nil
		b.live = b.live[:last]
		s.slot = -1
	}
	if s.theft == nil {
		b.forget(s)
		return
	}
	s.theft.sessionEnded(b)
}

func (b *Bank) forget(s *session) {
	for _, id := range s.ids {
		delete(b.sessions, id)
	}
}

// sentAway is the customer's next click after the app ended her session: refused, and she logs in again.
func (b *Bank) sentAway(s *session) {
	if s.verdict != "revoked" || s.left <= 0 {
		return
	}
	s.left = 0
	b.say(s, event{kind: "session.presented", method: "GET", path: pick(s.c.rng, webPages), outcome: "failure", reason: "session revoked", label: Label{Request: true, Refused: true}})
	b.in(between(s.c.rng, 15_000, 90_000), &relogin{s.c, s.d})
}

// expiry ends a session that was not used for the idle time, whoever used it last.
type expiry struct{ s *session }

func (x *expiry) act(b *Bank) {
	s := x.s
	if s.ended() {
		return
	}
	if rest := s.seenMS + idleMS - b.nowMS; rest > 0 {
		b.in(rest, x)
		return
	}
	b.emit(&event{kind: "session.ended", customer: s.c, session: s, sessionID: s.id, endReason: "idle"}, "", 0)
	b.end(s, "idle")
	if !s.thiefs && chance(s.c.rng, shareTabIdle) {
		b.in(between(s.c.rng, 1, 60)*60_000, &tab{s: s})
	}
}
