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
// none, to all of them, and each notes it, for a session that it may see only later (partitions do not keep step). The partition of the key
// without a user, where the time before the login was seen, is always among those told. There the showing is judged as if it had come there, by
// the same detectors with the same state; so a verdict is final, and no second question is asked. What all partitions are told costs a record
// each: at most one record for 50 events of one's own is spent on that (askEvents), the rest goes to where the user, or the time before the
// login, is known to be.

// beginsWithinMS is how old the attested beginning of a session may be at its login: the app writes both within one request.
const beginsWithinMS = 10_000

// Asking all partitions costs credit: askEvents events for each, of which a partition starts with enough for maxAsks.
const (
	askEvents = 50
	maxAsks   = 64
)

// tellSession sends on that a user shows a session that did not begin here.
func (g *Engine) tellSession(o *observation) {
	s, e := o.s, o.e
	if g.cfg.Partitions == 1 || s.flags&placed != 0 || !usesAsUser(e) || o.user == 0 || g.userOf(s) != o.user {
		return
	}
	s.flags |= placed
	if begins(e) {
		return
	}
	g.tell(o, "sid:"+e.Session.ID).AskAll = yes(g.mayAsk())
}

// usesAsUser says whether an event is the use of a session in a user's own name.
func usesAsUser(e *Event) bool {
	return e.User.ID != "" && e.User.ActorID == "" && e.Outcome != OutcomeFailure &&
		(presentsOrBegins(e) || e.Type == CredentialChanged || e.Type == FactorChanged)
}

// begins says whether an event says of itself that the session's id is new.
func begins(e *Event) bool {
	rotated := e.Session.PreviousID != "" && e.Session.PreviousID != e.Session.ID
	return rotated || e.Type == SessionCreated && e.Session.CreatedAt.Set && e.TimeMS-e.Session.CreatedAt.MS <= beginsWithinMS
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

// weighShowing takes a showing to where it may be judged: to the user who was told of first, else to all, or to where the session is known
// without a user.
func (g *Engine) weighShowing(o *observation) {
	e := o.e
	k := g.hash.key(sessionKey, e.Tenant, e.Session.ID)
	to := e.Session.ID
	switch c := g.claimOf(k); {
	case c == nil:
		c = g.newClaim(k)
		c.user, c.name, c.first, c.at = o.userKey, g.texts.put(e.User.ID), beginning(e), o.now
		if e.Observation.AskAll == True {
			to = ""
		}
	case c.user == o.userKey:
		c.at = max(c.at, o.now)
	default:
		c.at = max(c.at, o.now)
		to = g.texts.get(c.name)
	}
	g.report(o, "")
	g.out.Observations[len(g.out.Observations)-1].Record.Key = to
}

// hearShowing judges what a user showed on another partition, as if it had come here. A login that gives an ended id a new life is none of the
// old one; what was shown before a rotation goes on with the new id.
func (g *Engine) hearShowing(o *observation) {
	g.asShown(o)
	e := o.e
	if o.s == nil {
		g.noteClaim(o)
		return
	}
	switch owner := g.userOf(o.s); {
	case owner == 0 && o.s.life.visitor != 0:
		o.signals |= claimed
	case owner == 0, owner == o.user:
	case e.Type == SessionCreated && o.s.ended != 0 && o.now >= o.s.ended:
		g.evict(o.session)
		o.s, o.session = nil, 0
		g.noteClaim(o)
		return
	default:
		o.signals |= userChanged
	}
	if o.s.endReason == EndSuperseded && o.now < o.s.ended {
		g.succeed(o)
	}
	o.print, o.late = g.printOf(e), o.now < o.s.last
	o.compared = o.s.flags&hasBaseline != 0 && e.Client.IP.IsValid()
	g.found = g.found[:0]
	for _, d := range [...]*detectorSpec{&sessionSharedByUsers, &sessionFixation} {
		if d.wakes&o.signals != 0 {
			g.judgeDetector(o, detectorIndex(d), d)
		}
	}
	if len(g.found) > 0 {
		g.decide(o, false)
	}
	if g.userOf(o.s) == 0 { // its login was judged: who shows it without a user now comes after that
		g.visitors.give(o.s.life.visitor)
		o.s.life.visitor = 0
		o.s.flags |= claimedAfar
	}
}
