package bank

import "math/rand/v2"

// thief uses somebody else's session.
type thief struct {
	kind   AttackKind
	how    *attack
	id     string
	fleet  string // to which the theft belongs, "" for none
	rng    *rand.Rand
	s      *session
	as     *customer // in whose name the app sees him
	cookie string    // the session's id when it was stolen: a rotation leaves the thief behind
	client client
	access access
	later  disguise // of phishing: what he uses the session with

	careful  bool
	entered  bool
	slept    bool
	tries    int          // to get in
	left     int          // pages he looks at before he takes the loot
	loot     []*operation // still to take
	asked    bool         // for the first of it
	accepted bool         // at least once
	failing  bool         // the app wants a step-up
	refusals int
	done     bool
}

// disguise is a place on the internet and a client.
type disguise struct {
	client client
	access access
}

// More of the thief's own operations, see stealPayee.
var (
	stealLimit  = operation{"card.limit", "high", "limit", "/cards/limit", 0, 0, ""}
	stealFactor = operation{"factor.enroll", "high", "factor", "/profile/factors", 0, 0, "factor.changed"}

	usualLoot = []*operation{&stealPayee, &stealTransfer}
)

// newThief equips a thief for a session, which is his from now on.
func (b *Bank) newThief(p *plan, s *session) *thief {
	t := &thief{kind: p.kind, how: p.how, id: p.id, fleet: p.campaign, rng: p.rng, s: s, as: s.c, cookie: s.id, entered: p.how.enter == nil, loot: p.how.loot}
	t.careful = chance(t.rng, shareCareful)
	t.left = int(between(t.rng, 3, 8))
	if t.careful {
		t.left = int(between(t.rng, 1, 2))
	}
	if p.how.looks != [2]int64{} {
		t.left = int(between(t.rng, p.how.looks[0], p.how.looks[1]))
	}
	if t.loot == nil {
		t.loot = usualLoot
	}
	s.theft = t
	if p.how.equip != nil {
		p.how.equip(b, t)
	}
	return t
}

// firstDelay is how long the cookie travels. Careful thieves wait, not so long that the session expires.
func (t *thief) firstDelay() int64 {
	if t.careful && t.kind != TakingTurns {
		return between(t.rng, carefulDelayMin, carefulDelayMax)
	}
	return between(t.rng, 3_000, 30_000)
}

func (t *thief) pause() int64 {
	switch {
	case t.how.pause != [2]int64{}:
		return between(t.rng, t.how.pause[0], t.how.pause[1])
	case t.careful:
		return between(t.rng, 20_000, 80_000)
	}
	return between(t.rng, 3_000, 15_000)
}

// sessionEnded is called once, when the stolen session ends. For some that is when they begin.
func (t *thief) sessionEnded(b *Bank) {
	switch {
	case t.done:
		b.forget(t.s)
	case t.how.after == "":
	case t.s.verdict == t.how.after:
		b.in(between(t.rng, 90_000, 12*60_000), t)
	default:
		t.stop(b)
	}
}

func (t *thief) act(b *Bank) {
	switch {
	case t.done:
	case t.refused():
		t.knockInVain(b)
	case !t.accepted && t.waits() && !t.s.hasLeft():
		b.in(between(t.rng, 10_000, 30_000), t)
	case !t.slept && t.how.sleep != [2]int64{}:
		t.sleep(b)
	case !t.entered:
		t.enter(b)
	case t.left > 0:
		t.look(b)
	case len(t.loot) == 0:
		t.stop(b)
	case t.failing:
		t.failStepUp(b)
	case !t.asked:
		t.ask(b)
	default:
		t.take(b)
	}
}

func (t *thief) waits() bool {
	return t.how.absent == allWait || t.how.absent == carefulWait && t.careful
}

// hasLeft says that the customer has closed the window: nothing comes from her any more.
func (s *session) hasLeft() bool { return s.step == leave && s.left <= 0 && !s.logout && !s.native }

// sleep lets the session lie. Its app keeps it for so long.
func (t *thief) sleep(b *Bank) {
	t.slept = true
	ms := between(t.rng, t.how.sleep[0], t.how.sleep[1])
	t.s.seenMS = b.nowMS + ms
	b.in(ms, t)
}

func (t *thief) enter(b *Bank) {
	wait, in := t.how.enter(b, t)
	t.entered = in
	b.in(wait, t)
}

// refused says whether the app turns the thief down. The app of some attacks forgot to end sessions, or to let old ids end.
func (t *thief) refused() bool {
	if t.s.ended() {
		return t.how.after == "" || t.s.verdict != t.how.after
	}
	return t.entered && t.cookie != t.s.id && !t.how.old && !t.how.inside
}

// knockInVain shows a cookie that is worth nothing any more, once, and scripts once more.
func (t *thief) knockInVain(b *Bank) {
	t.say(b, event{kind: "session.presented", method: "GET", path: pick(t.rng, webPages), outcome: "failure", reason: "session ended", label: Label{Request: true, Refused: true}})
	t.refusals++
	if t.refusals > 1 || t.kind != ScriptedReplay {
		t.stop(b)
		return
	}
	b.in(t.pause(), t)
}

func (t *thief) look(b *Bank) {
	t.say(b, event{kind: "session.presented", method: "GET", path: pick(t.rng, webPages), label: Label{Request: true}})
	t.left--
	if t.s.challenged {
		t.left, t.failing = 0, true
	}
	b.in(t.pause(), t)
}

func (t *thief) ask(b *Bank) {
	op := t.loot[0]
	t.asked = true
	t.say(b, event{kind: "action.requested", method: "POST", path: op.path, op: op, amount: op.median, label: Label{Request: true, Sensitive: op.sensitive()}})
	b.in(between(t.rng, 300, 1500), t)
}

// take completes what was asked for, unless the app wants a step-up before.
func (t *thief) take(b *Bank) {
	if t.s.challenged || b.nowMS < t.s.armedMS {
		t.failing = true
		b.in(t.pause(), t)
		return
	}
	op := t.loot[0]
	if op.sensitivity == "critical" {
		b.deny(t)
		t.stop(b)
		return
	}
	t.loot, t.asked = t.loot[1:], false
	t.say(b, event{kind: "action.completed", method: "POST", path: op.path, op: op, amount: op.median, outcome: "success", label: Label{Completed: op.sensitive()}})
	if op.changes != "" {
		t.say(b, event{kind: op.changes, method: "POST", path: op.path})
	}
	if len(t.loot) == 0 {
		t.stop(b)
		return
	}
	b.in(t.pause(), t)
}

// failStepUp: half of the thieves try a code, the others give up at once. A fleet's ask the customer's phone.
func (t *thief) failStepUp(b *Bank) {
	if t.fleet != "" {
		b.deny(t)
	} else if chance(t.rng, 0.5) {
		t.say(b, event{kind: "auth.reauthenticated", method: "POST", path: "/step-up", outcome: "failure", reason: "wrong code", label: Label{Request: true}})
	}
	t.stop(b)
}

// stop is the end of this theft. A thief for whom the cookie came too late, before its first use, looks for another.
func (t *thief) stop(b *Bank) {
	t.done = true
	if !t.accepted {
		b.in(between(t.rng, 10_000, 40_000), &plan{kind: t.kind, how: t.how, id: t.id, campaign: t.fleet, rng: t.rng})
	}
	if t.s.ended() {
		b.forget(t.s)
	}
}

// say publishes an event of the thief's client, or of the one that he drives. What the app accepts keeps the session alive.
func (t *thief) say(b *Bank, e event) {
	e.customer, e.session, e.client, e.access, e.sessionID = t.as, t.s, &t.client, &t.access, t.cookie
	e.anonymous = t.s.anonymous
	if e.kind == "auth.failed" {
		e.session, e.sessionID = nil, ""
	}
	e.label.Actor, e.label.Attack, e.label.AttackID, e.label.Campaign = Thief, t.how.name, t.id, t.fleet
	ip := ""
	if t.how.inside {
		ip = t.throughVictim(&e)
	}
	if t.how.mark != nil {
		t.how.mark(t, &e)
	}
	if !e.label.Refused {
		t.accepted = true
		t.s.seenMS = max(t.s.seenMS, b.nowMS)
	}
	if ip == "" {
		ip = t.access.ip(t.rng)
	}
	b.emit(&e, ip, e.access.rttMS+t.rng.Int64N(6))
}

// throughVictim makes an event of the victim's own client, on the connection that it has.
func (t *thief) throughVictim(e *event) (ip string) {
	s := t.s
	e.sessionID, e.client, e.access, e.quic = s.id, &s.client, &s.access, s.quic
	e.binding, e.thumbprint = s.d.prove(t.rng)
	if s.native {
		s.seq++
		e.seq = s.seq
	}
	if s.ip == "" {
		return s.access.ip(t.rng)
	}
	return s.ip
}
