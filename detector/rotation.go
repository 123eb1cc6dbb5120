package detector

import "net/netip"

// A session that is renewed goes on under a new id: this is how its baseline, and what was found of it, goes along.

// rotate moves the baseline of a renewed session to its new id; the old id has ended as superseded. Only an accepted event of the same
// user does it, and only to an id that has no life of its own: nobody takes a session over by naming another as the one before.
func (g *Engine) rotate(o *observation) {
	e := o.e
	if e.Session.PreviousID == "" || e.Session.PreviousID == e.Session.ID || !accepted(e) || e.User.ActorID != "" {
		return
	}
	previous := g.hash.key(sessionKey, e.Tenant, e.Session.PreviousID)
	slot := g.sessionAt[previous]
	if slot != 0 && g.expired(g.sessions.at(slot)) {
		g.evict(slot)
		slot = 0
	}
	if slot == 0 {
		g.supersede(o, previous)
		return
	}
	old := g.sessions.at(slot)
	if old.ended != 0 || !g.mayInherit(o, old) {
		return
	}
	if o.s == nil {
		o.session = g.newSession(o.sessionKey)
		o.s = g.sessions.at(o.session)
		o.s.last = o.now
	}
	if old.key == (key{}) { // making room evicted it
		return
	}
	g.inherit(o, old)
	g.moveFamily(old.key, o.s.key)
	if u := g.userOf(o.s); u != 0 && o.u == nil {
		o.user, o.u = u, g.users.at(u)
	}
	g.end(old, o.now, EndSuperseded)
	old.successor, old.successorCheck = o.session, o.s.key.lo
}

// supersede notes the end of an id that was never seen here: before the login its events named no user, and went to another partition. Who
// still shows it is held against the client that got the new one.
func (g *Engine) supersede(o *observation, previous key) {
	e := o.e
	old := g.sessions.at(g.newSession(previous))
	if o.s != nil && o.s.key != o.sessionKey { // making room evicted it
		o.session, o.s = 0, nil
	}
	old.first, old.last, old.kind = o.now, o.now, e.Session.Kind
	if e.Client.IP.IsValid() {
		g.locate(o)
		n := o.networkHere()
		old.client, old.lastIP, old.lastIPAt = g.printOf(e), e.Client.IP.As16(), o.now
		old.lastASN, old.lastFlags, old.lastWhy, old.lastVeil = n.asn, n.flags, o.travelWhy, veilOf(&e.Client.Geo)
		old.settleAt(e)
		old.flags |= hasBaseline
		if o.travelWhy == 0 || o.countryWhy == 0 {
			old.place = stay{o.place, o.now, o.now}
		}
	}
	g.end(old, o.now, EndSuperseded)
}

// mayInherit says whether the event's session may take an old one's baseline: it must be the same user's. Where a user is not known, only
// an id without a life of its own may.
func (g *Engine) mayInherit(o *observation, old *session) bool {
	user, s := g.userOf(old), o.s
	if s != nil {
		if known := g.userOf(s); known != 0 && user != 0 && known != user {
			return false
		}
	}
	if user != 0 && o.e.User.ID != "" {
		return o.user == user
	}
	return s == nil || s.ended == 0 && s.first >= o.now && s.created == 0
}

// inherit gives a renewed session the baseline of the old one, and takes what was found of it along. What the new id did before its renewal
// was known is judged no more, but what it does next is held against the old baseline; unless a step-up on the new id has proven its own.
func (g *Engine) inherit(o *observation, old *session) {
	s, fresh := o.s, *o.s
	if fresh.reauthed == 0 {
		*s = *old
		s.key, s.trail, s.risk, s.hands = fresh.key, fresh.trail, fresh.risk, fresh.hands
		s.user, s.userCheck = fresh.user, fresh.userCheck
		s.ended, s.endReason, s.created = fresh.ended, fresh.endReason, fresh.created
		s.last, s.events, s.successor, s.successorCheck = max(fresh.last, old.last), fresh.events+old.events, 0, 0
		if fresh.events > 0 {
			s.repeats, s.times, s.next = fresh.repeats, fresh.times, fresh.next
			s.flags &^= settled
		}
		g.inheritTrail(s, old)
	}
	g.inheritHands(s, old)
	g.visitors.give(fresh.life.visitor)
	s.life = fresh.life.following(&old.life, o.now)
	s.first = min(s.first, old.first)
	if s.user == 0 {
		s.user, s.userCheck = old.user, old.userCheck
		if u := g.userOf(s); u != 0 && s.ended == 0 {
			g.users.at(u).sessions++
		}
	}
	if u := g.userOf(s); u != 0 {
		g.attend(g.users.at(u), o.session)
	}
	g.inheritRisk(s, old)
	if fresh.reauthed != 0 && s.risk != 0 {
		g.risks.at(s.risk).pass(contextOf(&fresh.client, netip.AddrFrom16(fresh.lastIP).Unmap()), fresh.reauthed)
	}
}

func (g *Engine) inheritTrail(s, old *session) {
	if old.trail == 0 {
		return
	}
	if s.trail == 0 {
		s.trail = g.trails.take()
	}
	*g.trails.at(s.trail) = *g.trails.at(old.trail)
}

func (g *Engine) inheritRisk(s, old *session) {
	switch {
	case old.risk == 0:
	case s.risk == 0:
		s.risk, old.risk = old.risk, 0
	default:
		g.risks.at(s.risk).add(&g.set.Policy, g.risks.at(old.risk))
	}
}

// succeed leads a step-up on a superseded id to the session that goes on under the new one.
func (g *Engine) succeed(o *observation) {
	for hops := 0; hops < 4 && o.s.endReason == EndSuperseded && o.s.successor != 0; hops++ {
		next := g.sessions.at(o.s.successor)
		if next.key.lo != o.s.successorCheck {
			return
		}
		o.session, o.s, o.trail = o.s.successor, next, nil
		if next.trail != 0 {
			o.trail = g.trails.at(next.trail)
		}
	}
}
