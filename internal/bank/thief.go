package bank

import "math/rand/v2"

// thief holds the cookie of somebody else's session.
type thief struct {
	kind   AttackKind
	id     string
	rng    *rand.Rand
	s      *session
	cookie string // the session's id when it was stolen: a rotation leaves the thief behind
	client client
	access access

	careful  bool
	left     int // pages he looks at before he takes the money
	step     thiefStep
	accepted bool // at least once
	refusals int
	done     bool
}

// thiefStep is what the thief does next.
type thiefStep uint8

const (
	lookAround thiefStep = iota
	askPayee
	getPayee
	askTransfer
	getTransfer
	failStepUp
)

func (b *Bank) newThief(p *plan, s *session) *thief {
	t := &thief{kind: p.kind, id: p.id, rng: p.rng, s: s, cookie: s.id}
	t.careful = chance(t.rng, shareCareful)
	t.left = int(between(t.rng, 3, 8))
	if t.careful {
		t.left = int(between(t.rng, 1, 2))
	}
	if t.kind == TakingTurns {
		t.left = int(between(t.rng, 4, 8))
	}
	b.equipThief(t)
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
	case t.kind == ScriptedReplay:
		return between(t.rng, 300, 2_500)
	case t.kind == TakingTurns:
		return between(t.rng, 4_000, 16_000)
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
	case t.kind != UseAfterLogout:
	case t.s.verdict == "logout":
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
	default:
		t.proceed(b)
	}
}

// refused says whether the app turns the thief's cookie down. The app of a use-after-logout attack forgot to.
func (t *thief) refused() bool {
	if t.s.ended() {
		return t.kind != UseAfterLogout || t.s.verdict != "logout"
	}
	return t.cookie != t.s.id
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

func (t *thief) proceed(b *Bank) {
	switch t.step {
	case lookAround:
		t.say(b, event{kind: "session.presented", method: "GET", path: pick(t.rng, webPages), label: Label{Request: true}})
		if t.left--; t.left <= 0 {
			t.step = askPayee
		}
		if t.s.challenged {
			t.step = failStepUp
		}
	case askPayee, askTransfer:
		t.ask(b)
		return
	case getPayee, getTransfer:
		t.get(b)
		return
	case failStepUp:
		t.failStepUp(b)
		return
	}
	b.in(t.pause(), t)
}

// stopped says whether the app wants a step-up before the action goes on.
func (t *thief) stopped(b *Bank) bool { return t.s.challenged || b.nowMS < t.s.armedMS }

func (t *thief) operation() *operation {
	if t.step == askPayee || t.step == getPayee {
		return &stealPayee
	}
	return &stealTransfer
}

func (t *thief) ask(b *Bank) {
	op := t.operation()
	t.say(b, event{kind: "action.requested", method: "POST", path: op.path, op: op, amount: op.median, label: Label{Request: true, Sensitive: true}})
	t.step++
	b.in(between(t.rng, 300, 1500), t)
}

func (t *thief) get(b *Bank) {
	if t.stopped(b) {
		t.step = failStepUp
		b.in(t.pause(), t)
		return
	}
	op := t.operation()
	t.say(b, event{kind: "action.completed", method: "POST", path: op.path, op: op, amount: op.median, outcome: "success", label: Label{Completed: true}})
	if t.step == getTransfer {
		t.stop(b)
		return
	}
	t.step = askTransfer
	b.in(t.pause(), t)
}

// failStepUp: half of the thieves try a code, the others give up at once.
func (t *thief) failStepUp(b *Bank) {
	if chance(t.rng, 0.5) {
		t.say(b, event{kind: "auth.reauthenticated", method: "POST", path: "/step-up", outcome: "failure", reason: "wrong code", label: Label{Request: true}})
	}
	t.stop(b)
}

// stop is the end of this theft. A thief for whom the cookie came too late, before its first use, looks for another.
func (t *thief) stop(b *Bank) {
	t.done = true
	if !t.accepted {
		b.in(between(t.rng, 10_000, 40_000), &plan{kind: t.kind, id: t.id, rng: t.rng})
	}
	if t.s.ended() {
		b.forget(t.s)
	}
}

// say publishes an event of the thief's client. What the app accepts keeps the session alive.
func (t *thief) say(b *Bank, e event) {
	e.customer, e.session, e.client, e.access, e.sessionID = t.s.c, t.s, &t.client, &t.access, t.cookie
	e.label.Actor, e.label.Attack, e.label.AttackID = Thief, t.kind.String(), t.id
	if !e.label.Refused {
		t.accepted = true
		t.s.seenMS = b.nowMS
	}
	b.emit(&e, t.access.ip(t.rng), t.access.rttMS+t.rng.Int64N(6))
}
