package detector

import "github.com/sessionguard/sessionguard/rules"

// learn takes an event on which nothing fired into the session's and the user's normal.
func (g *Engine) learn(o *observation) {
	if !o.e.Client.IP.IsValid() || o.e.User.ActorID != "" {
		return
	}
	s := o.s
	g.learnTransfer(o)
	first := s.flags&hasBaseline == 0
	if first {
		g.learnHello(o)
	}
	if first && o.personal() {
		o.u.login(o.now)
		o.u.comeAt(o.now)
	}
	if o.signals&networkChanged != 0 && !g.apart(o) {
		g.notePath(o, o.now)
	}
	g.tellTwin(o)
	g.noteVPN(o)
	if o.signals&clientChanged != 0 && o.personal() && !g.stands(o, rules.RequireReauth) {
		o.u.use(&o.print, o.now)
	}
	if (!o.late || first) && !o.byApprover() {
		if o.signals&networkChanged == 0 {
			g.learnRelease(o)
		}
		g.absorb(o)
		o.usual()
	}
	if o.signals&networkChanged == 0 && !first {
		s.place.stayOn(s.lastIP, o.now)
		return
	}
	g.learnPlace(o)
	if !o.late {
		s.flags |= settled
	}
}

// begin takes the first use of a session on which something was found: the session is held against it from now on, but the user's normal
// learns nothing from it.
func (g *Engine) begin(o *observation) {
	g.absorb(o)
	o.usual()
	g.stayAt(o)
}

// absorb makes the event's client the session's. The first one that is known decides whether the session began in a browser.
func (g *Engine) absorb(o *observation) {
	s, a := o.s, &o.e.Client.Agent
	if s.client.agent == 0 && a.Hash != 0 && s.kind != KindAPI && s.kind != KindMobileApp &&
		a.Engine != UnknownEngine && a.Engine != NoEngine && !a.Scripted && !a.Headless && !a.Webview {
		s.flags |= beganInBrowser
	}
	s.client.absorb(&o.print)
	if b := o.e.Device.Binding; b != BindingFailed && b != BindingMissing {
		take(&s.boundKey, o.key)
	}
	s.flags |= hasBaseline
}

// usual notes the event's network as one that the session's own client uses. An event without a user agent shows no client.
func (o *observation) usual() {
	if o.print.agent == 0 && o.s.client.agent != 0 {
		return
	}
	o.s.settleAt(o.e)
	if o.trail == nil || o.signals&networkChanged == 0 {
		return
	}
	if k := o.trail.find(o.networkHere()); k != nil {
		k.flags |= networkUsual
	}
}

// stayOn is the ordinary event: still at the same address.
func (st *stay) stayOn(ip [16]byte, now int64) {
	if st.to != 0 && sameHost(st.ip, ip) {
		st.to = max(st.to, now)
	}
}

// learnPlace takes the event's place into what is normal for the session and its user; not into the user's while more than arm stands
// against the session.
func (g *Engine) learnPlace(o *observation) {
	if g.apart(o) {
		return
	}
	if !g.stands(o, rules.RequireReauth) {
		g.familiarise(o, o.now)
		if o.personal() {
			g.settle(o)
			g.tellStart(o)
		}
	}
	g.stayAt(o)
	g.doubtOthers(o)
}

// stayAt makes the event's place the previous one of the next event, in event time. A place of which neither country nor coordinates can
// be judged is never stored.
func (g *Engine) stayAt(o *observation) {
	s := o.s
	if o.travelWhy != 0 && o.countryWhy != 0 {
		return
	}
	g.namePlace(o)
	switch {
	case s.place.to == 0:
		s.place = stay{o.place, o.now, o.now}
	case s.place.sameAddress(&o.place):
		s.place.extend(o, g.braked())
	case o.now >= s.place.to:
		g.trailOf(o).push(s.place)
		s.place = stay{o.place, o.now, o.now}
	default:
		g.trailOf(o).insert(stay{o.place, o.now, o.now})
	}
}

// namePlace notes what people call the event's place.
func (g *Engine) namePlace(o *observation) {
	geo := &o.e.Client.Geo
	if o.place.name = g.names.number(geo.City); o.place.name == 0 {
		o.place.name = g.names.number(geo.Region)
	}
}

// extend takes a further time at the same address in, and what the databases say of it now; a late one only as far back as the place
// before. While a brake holds answers back the databases are not believed anew.
func (st *stay) extend(o *observation, braked bool) {
	if o.now >= st.to {
		if st.to = o.now; !braked {
			st.place = o.place
		}
	} else if o.trail == nil || o.now >= o.trail.stays[0].to {
		st.from = min(st.from, o.now)
	}
}

// trailOf gives the session's trail, which it makes for a session that moves for the first time.
func (g *Engine) trailOf(o *observation) *trail {
	if o.trail == nil {
		o.s.trail = g.trails.take()
		o.trail = g.trails.at(o.s.trail)
	}
	return o.trail
}

func (t *trail) push(st stay) {
	copy(t.stays[1:], t.stays[:len(t.stays)-1])
	t.stays[0] = st
}

// insert puts a late stay at its place in time, if there is room among the newest.
func (t *trail) insert(st stay) {
	for i := range t.stays {
		if st.to >= t.stays[i].to {
			copy(t.stays[i+1:], t.stays[i:len(t.stays)-1])
			t.stays[i] = st
			return
		}
	}
}

// apart says whether the event is at a place that impossible travel was found for and that no step-up has vouched for since. When there
// were more of them than there is room for, it is any place that the session has not stayed at.
func (g *Engine) apart(o *observation) bool {
	if o.s.risk == 0 {
		return false
	}
	n, r := o.networkHere(), g.risks.at(o.s.risk)
	for i := range r.apart {
		if r.apart[i].is(n) {
			return true
		}
	}
	return r.crowded != 0 && n.flags&networkLearned == 0 && !o.stayedAt()
}

// stayedAt says whether the event's address is one of the session's stays.
func (o *observation) stayedAt() (found bool) {
	o.s.eachStay(o.trail, func(st *stay) { found = found || st.sameAddress(&o.place) })
	return found
}

// passStepUp is a proven customer: network, place and client of this event belong to the baseline, the risk that they caused falls, and the
// same transition does not ask again. It vouches for nothing else: not for the place that the session came from, which may be the thief's.
func (g *Engine) passStepUp(o *observation) {
	s := o.s
	s.reauthed = max(s.reauthed, o.now)
	if !o.e.Client.IP.IsValid() || o.e.User.ActorID != "" {
		return
	}
	if s.risk != 0 {
		r := g.risks.at(s.risk)
		r.pass(o.context(), o.now)
		r.join(o.networkHere())
	}
	g.vouch(o)
}

// vouch takes network, place and client of an event into what is normal: somebody who can tell has said that it was the customer.
func (g *Engine) vouch(o *observation) {
	s := o.s
	g.vouchForPath(o)
	g.vouchForVPN(o)
	g.teach(o)
	g.familiarise(o, o.now-learnedAfterMS)
	if o.approves {
		o.trail.approver = o.print
		return
	}
	if !s.learnedSince(o.now) {
		g.learnRelease(o)
		g.absorb(o)
		o.usual()
	}
	if !o.late {
		s.flags |= settled
	}
	g.learnPlace(o)
}

// learnedSince says whether an event later than a moment was learned: a client older than that is not taken over.
func (s *session) learnedSince(now int64) bool {
	for _, sec := range s.times {
		if int64(sec)*1000 > now {
			return true
		}
	}
	return false
}

// fromElsewhere says whether a step-up was passed with another client than the session's, one that never showed the session: a phone on
// which the customer approved. Its place never becomes the session's (C22).
func (g *Engine) fromElsewhere(o *observation) bool {
	s := o.s
	if !o.compared || !s.client.known() || !o.print.known() || sameClient(&s.client, &o.print, s.kind == KindMobileApp) {
		return false
	}
	return s.risk == 0 || !g.risks.at(s.risk).spokenOf(o.context())
}

// byApprover says whether the event's client is the one that approved a step-up.
func (o *observation) byApprover() bool {
	return o.trail != nil && o.print.agent != 0 && o.trail.approver.known() && sameClient(&o.trail.approver, &o.print, o.s.kind == KindMobileApp)
}

// teach remembers the event's network as one that a passed step-up has vouched for.
func (g *Engine) teach(o *observation) {
	n := *o.networkHere()
	n.flags |= networkLearned
	g.trailOf(o).note(n)
}

// join forgets that a network was kept apart.
func (r *risk) join(n *network) {
	for i := range r.apart {
		if r.apart[i].is(n) {
			r.apart[i] = network{}
		}
	}
}

// setApart keeps the place of an impossible journey out of the baseline.
func (r *risk) setApart(n *network) {
	for i := range r.apart {
		if a := &r.apart[i]; a.last == 0 || a.is(n) {
			*a = *n
			return
		}
	}
	r.crowded = 1
}
