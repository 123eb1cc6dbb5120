package detector

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
		if e.Control.Do == ControlResumeBrake {
			g.resumeBrakes()
		}
	case SessionEnded:
		g.openSession(o)
		g.end(o, o.s, e.Session.EndReason)
	case SessionUnknownID, AuthFailed, PlaceObserved, VerdictRecorded:
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
		g.judge(o)
		g.remember(o, 0)
		return
	}
	if e.Type == SessionCreated && o.s != nil && o.s.ended != 0 {
		g.evict(o.session)
		o.session, o.s = 0, nil
	}
	g.rotate(o)
	g.openSession(o)
	g.endByUser(o)
	if o.s.ended == 0 && o.s.events == 0 {
		g.begin(o)
	}
	g.look(o)
	passed := e.Type == AuthReauthenticated && e.Outcome == OutcomeSuccess
	teaches := false
	if !passed {
		teaches = g.judge(o) && accepted(e)
	}
	g.touch(o)
	switch {
	case passed && o.s.ended == 0:
		g.passStepUp(o)
		g.remember(o, o.now)
	case teaches && o.s.ended == 0:
		g.learn(o)
		g.remember(o, o.now)
	default:
		g.remember(o, 0)
	}
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
	g.openUser(o)
	if o.user != 0 && g.userOf(o.s) == 0 {
		o.s.user, o.s.userCheck = o.user, o.u.key.lo
		if o.s.ended == 0 {
			o.u.sessions++
		}
	}
	if o.s.trail != 0 {
		o.trail = g.trails.at(o.s.trail)
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

// begin notes what a session began with.
func (g *Engine) begin(o *observation) {
	e, s := o.e, o.s
	if e.Session.CreatedAt.Set && e.Session.CreatedAt.MS < s.first {
		s.first = e.Session.CreatedAt.MS
	}
	s.kind = e.Session.Kind
	s.actor = g.hash.word(e.User.ActorID)
	a := &e.Client.Agent
	if s.kind != KindAPI && s.kind != KindMobileApp && a.Hash != 0 && a.Engine != UnknownEngine && a.Engine != NoEngine && !a.Scripted && !a.Headless {
		s.flags |= beganInBrowser
	}
}

// rotate moves the baseline of a renewed session to its new id; the old id has ended as superseded.
func (g *Engine) rotate(o *observation) {
	e := o.e
	if e.Session.PreviousID == "" || e.Session.PreviousID == e.Session.ID {
		return
	}
	old := g.sessionAt[g.hash.key(sessionKey, e.Tenant, e.Session.PreviousID)]
	if old == 0 || g.sessions.at(old).ended != 0 {
		return
	}
	s := g.sessions.at(old)
	if o.s == nil {
		o.session = g.newSession(o.sessionKey)
		o.s = g.sessions.at(o.session)
		g.inherit(o.s, s)
		if o.user = g.userOf(o.s); o.user != 0 {
			o.u = g.users.at(o.user)
			o.u.sessions++
		}
	}
	if s.key != (key{}) { // making room did not evict it
		g.end(o, s, EndSuperseded)
	}
}

// inherit gives a new session the baseline of an old one, and takes what was found of it along.
func (g *Engine) inherit(s, old *session) {
	k := s.key
	*s = *old
	s.key = k
	old.risk = 0
	if old.trail != 0 {
		s.trail = g.trails.take()
		*g.trails.at(s.trail) = *g.trails.at(old.trail)
	}
}

// end marks a session as ended; the first end counts.
func (g *Engine) end(o *observation, s *session, reason Enum) {
	if s.ended != 0 {
		return
	}
	s.ended, s.endReason = o.now, reason
	s.last = max(s.last, o.now)
	g.notLive(s)
}

// endByUser ends a session that its user's disabled account took along.
func (g *Engine) endByUser(o *observation) {
	if o.u == nil || o.u.disabled == 0 || o.s.ended != 0 || o.s.events == 0 || o.s.first > o.u.disabled {
		return
	}
	g.end(o, o.s, EndAccountDisabled)
	o.s.ended = o.u.disabled
}

// touch notes the event's time and network in the session, whatever was found.
func (g *Engine) touch(o *observation) {
	s := o.s
	s.events++
	if !o.e.Client.IP.IsValid() || o.late {
		s.last = max(s.last, o.now)
		return
	}
	if o.signals&networkChanged != 0 || s.events == 1 {
		n := o.network()
		s.lastASN, s.lastFlags = n.asn, n.flags
		s.flags &^= settled
		if ip := o.e.Client.IP.As16(); ip != s.lastIP {
			if s.events > 1 {
				s.moved = o.now
			}
			s.lastIP = ip
		}
		if o.trail != nil {
			o.trail.note(n)
		}
	}
	s.last = max(s.last, o.now)
}

// note keeps a network among the last ones in use, and gives it with what was known of it.
func (t *trail) note(n network) network {
	oldest := 0
	for i := range t.networks {
		k := &t.networks[i]
		if k.last != 0 && k.prefix == n.prefix && (k.flags^n.flags)&networkV6 == 0 {
			n.flags |= k.flags & networkLearned
			n.last = max(n.last, k.last)
			*k = n
			return n
		}
		if k.last < t.networks[oldest].last {
			oldest = i
		}
	}
	t.networks[oldest] = n
	return n
}
