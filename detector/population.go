package detector

// How long the state remembers what is silent. Reading checks it, so that eviction is invisible; sweeping only gives memory back.
const (
	sessionSilentMS = 30 * 24 * 3600_000 // NIST SP 800-63B-4 AAL1: a session lasts 30 days at most
	endedMS         = 24 * 3600_000      // ended ids are remembered for 24 hours
	userSilentMS    = 180 * 24 * 3600_000
)

// silentMS is how long a user is remembered who is silent; one of whom only failed logins are known no longer than these can matter.
func (u *user) silentMS() int64 {
	if u.logins == 0 && u.devices == [len(u.devices)]ownDevice{} && u.disabled == 0 && u.truth == 0 {
		return endedMS
	}
	return userSilentMS
}

// forgotten says whether a user is as good as dropped.
func (g *Engine) forgotten(u *user) bool { return u.sessions == 0 && g.clock-u.last > u.silentMS() }

func (g *Engine) expired(s *session) bool {
	if s.ended != 0 {
		return g.clock-s.last > endedMS // not since its end: who still uses it is not forgotten with what he did
	}
	return g.clock-s.last > sessionSilentMS
}

func (g *Engine) newSession(k key) uint32 {
	truncated := false
	if g.sessions.live() >= g.cfg.MaxSessions {
		g.evict(g.sessions.victim(&g.hand, (*session).taken, lessWorth))
		g.evicted++
		truncated = true
	}
	slot := g.sessions.take()
	s := g.sessions.at(slot)
	s.key = k
	if truncated {
		s.flags |= wasTruncated
	}
	g.sessionAt[k] = slot
	g.live++
	return slot
}

func (s *session) taken() bool { return s.key != (key{}) }

// lessWorth says whether a session makes room before another: one without risk first, then the one that was silent longest.
func lessWorth(a, b *session) bool {
	if (a.risk == 0) != (b.risk == 0) {
		return a.risk == 0
	}
	return a.last < b.last
}

func (g *Engine) evict(slot uint32) {
	s := g.sessions.at(slot)
	if s.ended == 0 {
		g.notLive(s)
	}
	delete(g.sessionAt, s.key)
	g.trails.give(s.trail)
	g.risks.give(s.risk)
	g.hands.give(s.hands)
	g.visitors.give(s.life.visitor)
	g.dropFamily(g.familyAt[s.key])
	g.sessions.give(slot)
}

func (g *Engine) newUser(k key) uint32 {
	if g.users.live() >= g.cfg.MaxUsers {
		g.evictUser()
	}
	slot := g.users.take()
	g.users.at(slot).key = k
	g.userAt[k] = slot
	return slot
}

// evictUser drops one without a live session that was silent longest.
func (g *Engine) evictUser() {
	g.dropUser(g.users.victim(&g.userHand, (*user).taken, olderUser))
	g.evicted++
}

func (u *user) taken() bool { return u.key != (key{}) }

func olderUser(a, b *user) bool {
	if (a.sessions == 0) != (b.sessions == 0) {
		return a.sessions == 0
	}
	return a.last < b.last
}

// notLive counts a session that ended or was forgotten.
func (g *Engine) notLive(s *session) {
	g.live--
	if slot := g.userOf(s); slot != 0 {
		if u := g.users.at(slot); u.sessions > 0 {
			u.sessions--
		}
	}
}

// userOf gives the slot of a session's user; 0 when it is unknown or was forgotten since.
func (g *Engine) userOf(s *session) uint32 {
	if s.user == 0 || g.users.at(s.user).key.lo != s.userCheck || g.forgotten(g.users.at(s.user)) {
		return 0
	}
	return s.user
}

// dropUser forgets a user. Its sessions may still name the slot; userOf sees that it is another's.
func (g *Engine) dropUser(slot uint32) {
	delete(g.userAt, g.users.at(slot).key)
	g.spendings.give(g.users.at(slot).spending)
	g.truths.give(g.users.at(slot).truth)
	g.users.give(slot)
}

// sweepEvery is how many events, on average, come between two sweeps: each costs two cache misses, and a day's events sweep a
// partition's population many times over.
const sweepEvery = 16 // ids are odd: every eighth

// sweep looks at one session, user, family of tokens, network and claim, and forgets what has been silent too long.
func (g *Engine) sweep() {
	if s := g.sessions.next(&g.hand); s != nil && s.taken() && g.expired(s) {
		g.evict(g.hand)
	}
	if u := g.users.next(&g.userHand); u != nil {
		g.forgetTruth(u)
		if u.taken() && g.forgotten(u) {
			g.dropUser(g.userHand)
		}
	}
	if f := g.families.next(&g.familyHand); f != nil && f.taken() && g.clock-f.last > sessionSilentMS {
		g.dropFamily(g.familyHand)
	}
	if n := g.nodes.next(&g.nodeHand); n != nil && n.taken() {
		g.forget(n)
	}
	if c := g.claims.next(&g.claimHand); c != nil && c.session != (key{}) && g.clock-c.at > claimKeptMS {
		g.dropClaim(g.claimHand)
	}
}
