package detector

// A session across partitions. A user's events are all on one partition, so a second user of a session, and the time before its login, are on others.
//
// To tell of every session and user would cost a record for each login, 8 in 100 events, to find what happens to one session in a million. So a
// partition tells only what does not begin there: a user's session whose beginning it did not see. An honest one of these comes when events
// overtake each other, 2 in 10,000 (the simulated bank). The beginning is a login whose session.created_at says that the id is new, or a
// rotation. An app that does not attest session.created_at has each of its logins told: 8 in 100 events.
//
// Who else shows the session is nobody's knowledge but the partition's that saw it begin, and that told nothing. So the question goes to it, not
// its answer to the second stage: the showing is sent to the partition of the user that the second stage knows for the session; where it knows
// none, to all of them. One that does not know the session keeps a claim: should it begin there later, but earlier in time (partitions do not
// keep step), that is told after all. The partition of the key without a user, where the time before the login was seen, is always among those
// that hear. There the showing is judged as if it had come there, by the same detectors with the same state; so a verdict is final, and no second
// question is asked. What all partitions are told costs a record each: at most one record for 100 events of one's own is spent on that (askEvents),
// the rest goes to where the user, or the time before the login, is known to be.

// beginsWithinMS is how old the attested beginning of a session may be at its login: the app writes both within one request.
const beginsWithinMS = 10_000

// overtakenMS is how long the beginning of a session may be on its way, overtaken by the session's first uses: while the session is younger, as it
// attests, nothing is told; its next use tells.
const overtakenMS = 60_000

// Asking all partitions costs credit: askEvents events for each, of which a partition starts with enough for maxAsks.
const (
	askEvents = 100
	maxAsks   = 64
)

// tellSession sends on that a user shows a session that did not begin here.
func (g *Engine) tellSession(o *observation) {
	s, e := o.s, o.e
	stepUp := e.Type == AuthReauthenticated
	again := s.flags&(placed|steppedUp) == placed|steppedUp && !stepUp
	another := g.userOf(s) != o.user // that it is another's was found here
	if g.cfg.Partitions == 1 || s.flags&placed != 0 && !again || !usesAsUser(e) || o.user == 0 || another && !again {
		return
	}
	if young(e) {
		return
	}
	s.flags = s.flags&^steppedUp | placed
	if stepUp {
		s.flags |= steppedUp
	}
	if begins(e) && !g.claimedSince(o) {
		return
	}
	t := g.tell(o, "sid:"+e.Session.ID)
	if t.Score.Set = another; !another {
		t.AskAll = yes(g.mayAsk())
	}
}

// usesAsUser says whether an event is the use of a session in a user's own name.
func usesAsUser(e *Event) bool {
	return e.User.ID != "" && e.User.ActorID == "" && e.Outcome != OutcomeFailure &&
		(presentsOrBegins(e) || e.Type == CredentialChanged || e.Type == FactorChanged || e.Type == AuthReauthenticated)
}

// begins says whether an event says of itself that the session's id is new.
func begins(e *Event) bool {
	rotated := e.Session.PreviousID != "" && e.Session.PreviousID != e.Session.ID
	return rotated || e.Type == SessionCreated && e.Session.CreatedAt.Set && e.TimeMS-e.Session.CreatedAt.MS <= beginsWithinMS
}

// young says whether the session's beginning may still be on its way.
func young(e *Event) bool {
	return e.Session.CreatedAt.Set && e.TimeMS-e.Session.CreatedAt.MS <= overtakenMS && !begins(e)
}

// earn counts an event as credit.
func (g *Engine) earn() {
	g.credit = min(g.credit+1, g.maxCredit())
}

func (g *Engine) maxCredit() int64 { return maxAsks * askEvents * int64(g.cfg.Partitions) }

func (g *Engine) mayAsk() bool {
	cost := askEvents * int64(g.cfg.Partitions)
	if g.credit < cost {
		return false
	}
	g.credit -= cost
	return true
}

// weighShowing takes a showing to where it may be judged: to the user who was told of first, else to all; and to where the session is known without
// a user.
func (g *Engine) weighShowing(o *observation) {
	e := o.e
	c, to, first := g.claimOf(o.sessionKey), e.Session.ID, Absent
	if c == nil {
		c = g.newClaim(o.sessionKey)
		c.user, c.name = o.userKey, g.texts.put(e.User.ID)
	}
	c.at = max(c.at, o.now)
	switch {
	case e.Observation.Score.Set: // found already: what is left is the time before the login
		first = True
	case c.user != o.userKey:
		c.others++
		g.sendShowing(o, g.texts.get(c.name), Absent)
	case c.others > 0:
		first = True
	case e.Observation.AskAll == True:
		to = ""
	}
	g.sendShowing(o, to, first)
}

// sendShowing takes a showing to the partition of a key, to all for "". One that is told twice does not listen the second time.
func (g *Engine) sendShowing(o *observation, key string, first Flag) {
	g.report(o, "").FirstUser = first
	g.out.Observations[len(g.out.Observations)-1].Record.Key = key
}

// ownerOf is the user who used a session in his own name here; 0 where nobody did.
func (g *Engine) ownerOf(s *session) uint32 {
	if s.flags&placed == 0 {
		return 0
	}
	return g.userOf(s)
}

// hearShowing judges what a user showed on another partition, as if it had come here. A step-up is not judged: what follows it is, and is told too.
func (g *Engine) hearShowing(o *observation) {
	g.asShown(o)
	if o.s == nil {
		g.noteClaim(o)
		return
	}
	if g.signalShowing(o); o.signals == 0 || o.e.Type == AuthReauthenticated {
		return
	}
	if o.s.endReason == EndSuperseded && o.now < o.s.ended { // what was shown before a rotation goes on with the new id
		g.succeed(o)
	}
	g.judgeShowing(o)
	if o.s.life.visitor != 0 { // who shows it without a user now comes after the login
		g.visitors.give(o.s.life.visitor)
		o.s.life.visitor = 0
		o.s.flags |= claimedAfar
	}
}

// judgeShowing holds a showing from afar against the session. Where it is another's or was planted, what changed since then counts too: the partition
// that it came to had nothing to compare with. What needs no comparison was judged there.
func (g *Engine) judgeShowing(o *observation) {
	why := o.signals
	g.look(o)
	g.found = g.found[:0]
	for k, d := range detectors {
		if d.wakes&why != 0 && (d == &sessionSharedByUsers || d == &sessionFixation) {
			g.judgeDetector(o, k, d)
		}
	}
	if len(g.found) == 0 {
		return
	}
	for k, d := range detectors {
		if d.wakes&o.signals&^why != 0 && (d.follows || d.sees&seesFirst == 0 && d != &sessionFixation) {
			g.judgeDetector(o, k, d)
		}
	}
	g.decide(o, false)
	g.passOn(o)
}

// signalShowing finds what a showing from afar is to the session that is known here: another user's, or the login of what had no user. A login that
// gives an ended id a new life is neither.
func (g *Engine) signalShowing(o *observation) {
	if o.s.life.visitor != 0 {
		o.signals |= claimed
	}
	switch owner := g.ownerOf(o.s); {
	case owner == 0, owner == o.user, o.e.Observation.FirstUser == True:
	case o.e.Type == SessionCreated && o.s.ended != 0 && o.now >= o.s.ended:
		g.evict(o.session)
		o.s, o.session, o.signals = nil, 0, 0
	default:
		o.signals |= userChanged
	}
}
