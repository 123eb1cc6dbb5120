package bank

// plant is session fixation: the thief gets an anonymous session from the bank and makes a customer log in with it, at an app
// that keeps the id. Then it is his too.
func plant(b *Bank, p *plan) *thief {
	c, d := b.somebody(p)
	if d == nil {
		return nil
	}
	s := b.newSession(c, d)
	s.anonymous, s.logout = true, false
	s.left = max(s.left, 8)
	t := b.newThief(p, s)
	b.sessions[s.id] = s
	if p.kind == FixationClone && t.careful {
		t.plantOwn(b)
	} else {
		t.say(b, event{kind: "session.created", method: "GET", path: "/", site: "none"})
	}
	b.in(between(t.rng, 60_000, 15*60_000), &lured{t})
	return t
}

// plantOwn plants a session into which the thief, a customer of the bank himself, has logged in: the id is known under his name.
func (t *thief) plantOwn(b *Bank) {
	t.as, t.s.anonymous = b.otherCustomer(t), false
	t.say(b, event{kind: "session.created", method: "POST", path: "/login", authMethods: t.s.methods})
	t.as = t.s.c
}

// lured is a customer who follows a link with the thief's session in it and logs in.
type lured struct{ t *thief }

func (l *lured) act(b *Bank) {
	t, s := l.t, l.t.s
	s.anonymous = false
	s.authMS, s.seenMS = b.nowMS, b.nowMS
	s.c.open = append(s.c.open, s)
	b.remember(s)
	s.slot = len(b.live)
	b.live = append(b.live, s)
	b.say(s, event{kind: "session.privilege_changed", method: "POST", path: "/login", site: "cross-site", authMethods: s.methods, label: Label{Begins: true, Request: true}})
	b.in(idleMS, &s.expiry)
	s.goOn(b)
	b.in(t.firstDelay(), t)
}

// canarySession is the id that rules.yaml lists as planted: it lies where only thieves look, and nobody uses it.
const canarySession = "canary-session-example-1"

// takeBait uses a planted session, which is nobody's. The decoy's number follows the last customer's.
func takeBait(b *Bank, p *plan) *thief {
	if b.decoy == nil {
		b.decoy = &customer{n: uint32(len(b.customers)), id: "u-decoy", segment: "retail", rng: p.rng}
	}
	s := &session{c: b.decoy, d: &device{}, id: canarySession, lineage: canarySession, slot: -1, createdMS: b.cfg.Start.UnixMilli(), authMS: b.cfg.Start.UnixMilli(), seenMS: b.nowMS, aal: 2}
	t := b.newThief(p, s)
	equipAnywhere(b, t)
	b.in(t.firstDelay(), t)
	return t
}

// showStolenToken is how the thief of a refresh token begins. Most have one that the app has spent since; others come before the app
// needs it next, and it is the app that shows a spent one then.
func showStolenToken(b *Bank, t *thief) (int64, bool) {
	tokens := &t.s.tokens
	id, generation := tokens.previous, tokens.generation-1
	if id == "" || chance(t.rng, 0.3) {
		id, generation = tokens.id, tokens.generation
	}
	t.say(b, event{kind: "token.refreshed", method: "POST", path: "/token", tokenID: id, generation: generation, label: Label{Request: true}})
	return t.pause(), true
}
