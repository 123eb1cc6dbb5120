package detector

// claim is a session that another partition told of, with the user who showed it: for what may come of it here later. The second stage keeps of
// each session that it was told of who showed it first.
type claim struct {
	session, user key
	first         int64 // the session's beginning, as far as it is known
	at            int64 // the latest telling
	name          uint32
	_             [4]uint8
}

// How many claims are kept at a time, and how long.
const (
	maxClaims   = 1 << 16
	claimKeptMS = 24 * 3600_000
)

// beginning is the earliest that an event says of its session's beginning.
func beginning(e *Event) int64 {
	if e.Session.CreatedAt.Set {
		return min(e.TimeMS, e.Session.CreatedAt.MS)
	}
	return e.TimeMS
}

// noteClaim keeps what another partition told of a session that is not known here.
func (g *Engine) noteClaim(o *observation) {
	if c := g.claimOf(o.sessionKey); c != nil {
		return
	}
	c := g.newClaim(o.sessionKey)
	c.user, c.first, c.at = o.userKey, beginning(o.e), o.now
}

// honour gives a session that begins here to who showed it elsewhere before; but not where it is a login after that: the id has a new life.
func (g *Engine) honour(o *observation) {
	c := g.claimOf(o.sessionKey)
	if c == nil {
		return
	}
	if later := o.e.Type == SessionCreated && o.now >= c.at; !later && c.user != o.userKey {
		slot, known := g.userAt[c.user]
		if !known {
			slot = g.newUser(c.user)
			if o.u != nil && o.u.key != o.userKey { // making room evicted it
				o.user, o.u = 0, nil
			}
		}
		u := g.users.at(slot)
		u.first, u.last = min(c.first, max(u.first, c.first)), max(u.last, c.at)
		o.s.user, o.s.userCheck, o.s.first = slot, u.key.lo, min(o.s.first, c.first)
		g.attend(u, o.session)
		u.sessions++
	}
	g.dropClaim(g.claimAt[o.sessionKey])
}

// claimOf gives what is known of a session; nil for nothing.
func (g *Engine) claimOf(session key) *claim {
	slot := g.claimAt[session]
	if slot == 0 {
		return nil
	}
	if c := g.claims.at(slot); g.clock-c.at <= claimKeptMS {
		return c
	}
	g.dropClaim(slot)
	return nil
}

// newClaim makes room, in the order of the slots, where there is none.
func (g *Engine) newClaim(session key) *claim {
	if g.claims.live() >= maxClaims {
		g.claimHand = g.claimHand%g.claims.used + 1
		g.dropClaim(g.claimHand)
		g.evicted++
	}
	slot := g.claims.take()
	c := g.claims.at(slot)
	c.session = session
	g.claimAt[session] = slot
	return c
}

func (g *Engine) dropClaim(slot uint32) {
	c := g.claims.at(slot)
	delete(g.claimAt, c.session)
	g.texts.drop(c.name)
	g.claims.give(slot)
}

// sweepClaims looks at one claim, and forgets it when it is old.
func (g *Engine) sweepClaims() {
	if g.claims.used == 0 {
		return
	}
	g.claimHand = g.claimHand%g.claims.used + 1
	if c := g.claims.at(g.claimHand); c.session != (key{}) && g.clock-c.at > claimKeptMS {
		g.dropClaim(g.claimHand)
	}
}
