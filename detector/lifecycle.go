package detector

import "slices"

// route does what an event's type asks for: a session begins, is shown, rotates, ends; a person proves who he is.
func (g *Engine) route(o *observation) {
	e := o.e
	switch e.Type {
	case AccountDisabled:
		g.openUser(o)
		o.u.disabled = max(o.u.disabled, o.now)
	case CommandAcknowledged:
		g.acknowledge(o)
	case OperatorControl:
		g.obey(o)
	case SessionEnded:
		g.openSession(o)
		if o.now >= o.s.created { // else the end of an earlier life of this id, come late
			g.end(o.s, o.now, e.Session.EndReason)
		}
	case AuthFailed:
		g.openGuessed(o)
		g.judge(o)
		o.noteAuth()
	case PlaceObserved:
		g.openUser(o)
		g.witnessed(o)
		g.judge(o)
	case SessionUnknownID:
		o.signals |= neverIssued
		o.print = g.printOf(e)
		g.judge(o)
		g.tellThief(o)
		g.tellUnknown(o)
	case ObservationVerdict:
		g.hear(o)
		// A verdict causes no observation, or the stages would talk to each other for ever. What it passes on is a verdict too.
		g.out.Observations = slices.DeleteFunc(g.out.Observations, func(e Event) bool { return e.Type == SessionObservation })
		if len(g.out.Decisions) == 0 {
			return // what is no finding here leaves no trace
		}
	case VerdictRecorded:
		g.recorded(o)
		g.judge(o)
	default:
		g.show(o)
		return
	}
	g.remember(o, 0)
}

// show is an event on a session that its client showed.
func (g *Engine) show(o *observation) {
	e := o.e
	if e.Session.ID == "" {
		g.showToken(o)
		g.remember(o, 0)
		return
	}
	if e.Type == SessionCreated && o.s != nil && o.s.ended != 0 && o.now >= o.s.ended {
		g.reborn(o)
	}
	g.rotate(o)
	g.openSession(o)
	if e.Type == SessionCreated {
		o.s.created = max(o.s.created, o.now)
	}
	g.endByUser(o)
	passed := e.Type == AuthReauthenticated && e.Outcome == OutcomeSuccess
	if passed {
		g.succeed(o)
	}
	g.openFamily(o)
	g.look(o)
	g.reconsider(o)
	o.approves = passed && g.fromElsewhere(o)
	teaches := !passed && g.judge(o) && accepted(e)
	g.tellShown(o)
	g.handle(o, teaches)
	o.prove()
	g.touch(o)
	if e.Type == SessionCreated || e.Type == AuthReauthenticated {
		o.noteAuth()
	}
	g.noteRefusal(o)
	g.noteToken(o)
	g.liveOn(o)
	g.remember(o, g.take(o, passed, teaches))
}

// showToken is an event that names no session: of a refresh, its token is looked at.
func (g *Engine) showToken(o *observation) {
	o.print = g.printOf(o.e)
	if presentsToken(o.e) && o.e.User.ActorID == "" {
		g.openUser(o)
		g.openFamily(o)
		o.signals |= tokenShown
		if g.revokedAt(o) != 0 {
			o.signals |= wasRevoked
		}
	}
	g.judge(o)
	g.tellToken(o)
	g.tellThief(o)
	g.noteToken(o)
}

// take lets a live session's event teach. It gives the event's time where its place was learned, else 0.
func (g *Engine) take(o *observation, passed, teaches bool) int64 {
	switch live := o.s.ended == 0 || o.now < o.s.ended; {
	case !live:
		return 0
	case passed:
		g.passStepUp(o)
	case teaches:
		g.learn(o)
	case o.signals&firstLook != 0 && accepted(o.e):
		g.begin(o)
	default:
		return 0
	}
	return o.now
}

// accepted says whether the app let the client in: only such an event teaches.
func accepted(e *Event) bool {
	return e.Outcome != OutcomeFailure && e.Type != AuthReauthenticated && e.Type != TokenReuseDetected
}

// openSession finds or makes the event's session and user.
func (g *Engine) openSession(o *observation) {
	if o.s == nil {
		o.session = g.newSession(o.sessionKey)
		o.s = g.sessions.at(o.session)
		o.s.first, o.s.last = o.now, o.now
	}
	s, e := o.s, o.e
	if s.first = min(s.first, o.now); e.Session.CreatedAt.Set {
		s.first = min(s.first, e.Session.CreatedAt.MS)
	}
	if s.kind == 0 {
		s.kind = e.Session.Kind
	}
	g.openUser(o)
	if o.user != 0 && g.userOf(s) == 0 {
		s.user, s.userCheck = o.user, o.u.key.lo
		g.attend(o.u, o.session)
		if s.ended == 0 {
			o.u.sessions++
		}
	}
	if s.trail != 0 {
		o.trail = g.trails.at(s.trail)
	}
}

func (g *Engine) openUser(o *observation) {
	if o.u == nil && o.e.User.ID != "" {
		o.user = g.newUser(o.userKey)
		o.u = g.users.at(o.user)
		o.u.first = o.now
	}
	if o.u != nil {
		o.u.last = max(o.u.last, o.now)
	}
}

// reborn begins a new session under an id that had ended. Only the memory of repeats lives on.
func (g *Engine) reborn(o *observation) {
	g.reconsider(o)
	old := *o.s
	g.trails.give(old.trail)
	g.risks.give(old.risk)
	g.hands.give(old.hands)
	g.visitors.give(old.life.visitor)
	g.dropFamily(g.familyAt[old.key])
	*o.s = session{key: old.key, first: o.now, last: o.now, repeats: old.repeats, times: old.times, next: old.next}
	g.live++
}

// end marks a session as ended. An end that nobody may outlive (logout, revoked, the account's) counts over a soft one (a timeout, a
// rotation), whichever came first; of two of a kind the earlier in event time.
func (g *Engine) end(s *session, at int64, reason Enum) {
	if s.ended == 0 {
		g.notLive(s)
	} else if hard, was := final(reason), final(s.endReason); was && !hard || was == hard && at >= s.ended {
		return
	}
	s.ended, s.endReason = at, reason
	s.last = max(s.last, at)
}

// final says whether nobody may show the session after this end.
func final(reason Enum) bool {
	return reason == EndLogout || reason == EndRevoked || reason == EndAccountDisabled
}

// endByUser ends a session that its user's disabled account took along.
func (g *Engine) endByUser(o *observation) {
	if o.u != nil && o.u.disabled != 0 && o.s.first <= o.u.disabled {
		g.end(o.s, o.u.disabled, EndAccountDisabled)
	}
}

// touch notes the event's time, and the network of an event by which the session was used, whatever was found.
func (g *Engine) touch(o *observation) {
	s, e := o.s, o.e
	s.events++
	defer func() { s.last = max(s.last, o.now) }()
	if !e.Client.IP.IsValid() || e.Outcome == OutcomeFailure || e.User.ActorID != "" || o.approves {
		return
	}
	s.pagesUntil, s.actionsUntil = o.hurry()
	if o.late {
		g.locate(o)
		g.trailOf(o).note(*o.networkHere())
		return
	}
	if e.Type == SessionCreated {
		g.locate(o)
		g.noteLogin(o)
	}
	if o.signals&networkChanged == 0 && s.flags&hasBaseline != 0 && e.Type != AuthReauthenticated {
		s.lastIPAt = o.now
		if s.lastASN == 0 && e.Client.Geo.ASN.Set && s.lastIP == e.Client.IP.As16() {
			g.locate(o)
			s.lastASN = o.place.asn // it was not known when the address was first seen
		}
		return
	}
	g.locate(o)
	ip := e.Client.IP.As16()
	if ip != s.lastIP && s.lastIP != ([16]byte{}) {
		s.moved = o.now
	}
	n := o.networkHere()
	s.lastIP, s.lastIPAt, s.lastASN, s.lastFlags, s.lastWhy = ip, o.now, n.asn, n.flags, o.travelWhy
	s.lastVeil = veilOf(&e.Client.Geo)
	s.flags &^= settled
	if o.trail != nil {
		o.trail.note(*n)
	}
}
