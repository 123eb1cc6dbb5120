package detector

// claim is a session that a partition told of, with the user who was the first to show it.
type claim struct {
	session, user key
	at            int64  // the latest telling, in event time
	name          uint32 // text: the user's id; first stage: 0
	others        uint32 // second stage: how often other users were told of
}

// How many claims are kept at a time, and how long.
const (
	maxClaims   = 1 << 16
	claimKeptMS = 24 * 3600_000
)

// noteClaim keeps who was told of in a session's name and is not known to have it.
func (g *Engine) noteClaim(o *observation) {
	if g.claimOf(o.sessionKey) == nil {
		c := g.newClaim(o.sessionKey)
		c.user, c.at = o.userKey, o.now
	}
}

// claimedSince says whether another user was told of to have shown the session after an event: partitions do not keep step.
func (g *Engine) claimedSince(o *observation) bool {
	c := g.claimOf(o.sessionKey)
	return c != nil && c.user != o.userKey && o.now < c.at
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
		g.claims.next(&g.claimHand)
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
