package bank

// browse looks at one page.
func (b *Bank) browse(s *session) {
	b.drift(s)
	if b.nowMS-s.rotatedMS > rotateMS {
		b.rotate(s)
	}
	b.refresh(s)
	background := s.native && chance(s.c.rng, shareRefresh)
	page := event{kind: "session.presented", method: "GET", path: pick(s.c.rng, webPages), background: background, label: Label{Request: !background}}
	if s.views && !background && chance(s.c.rng, shareViewed) {
		page.client = s.view(b)
	}
	b.say(s, page)
	s.left--
	switch {
	case s.challenged:
		s.step = stepUp
	case s.left <= 0:
		s.step = leave
	case s.c.segment == "business" && !s.forCompany && chance(s.c.rng, shareCompany):
		s.forCompany = true
		b.say(s, event{kind: "session.privilege_changed", method: "POST", path: "/mandates"})
		b.rotate(s)
	case chance(s.c.rng, shareAction):
		s.step = request
	}
	s.goOn(b)
}

// request asks for an action. Before a critical one the app itself asks for a step-up.
func (b *Bank) request(s *session) {
	s.op = chooseOperation(s.c)
	s.amount = s.op.amount(s.c)
	b.say(s, event{kind: "action.requested", method: "POST", path: s.op.path, op: s.op, amount: s.amount, label: Label{Request: true, Sensitive: s.op.sensitive()}})
	if s.op.sensitivity == "critical" || s.aal < 2 && s.op.sensitive() {
		s.step = stepUp
		b.in(between(s.c.rng, 4_000, 20_000), s)
		return
	}
	s.step = complete
	b.in(between(s.c.rng, 300, 1500), s)
}

func (b *Bank) rotate(s *session) {
	previous := s.id
	s.id = "ses_" + token(s.c.rng, 20)
	s.rotatedMS = b.nowMS
	b.remember(s)
	b.say(s, event{kind: "session.renewed", previousID: previous})
}

// complete does the action, after a step-up where an answer of the detector asks for one.
func (b *Bank) complete(s *session) {
	op := s.op
	if s.challenged || op.sensitive() && b.nowMS < s.armedMS {
		s.step = stepUp
		b.in(between(s.c.rng, 4_000, 20_000), s)
		return
	}
	s.op, s.step = nil, browse
	b.say(s, event{kind: "action.completed", method: "POST", path: op.path, op: op, amount: s.amount, outcome: "success", label: Label{Completed: op.sensitive()}})
	if op.changes != "" {
		b.say(s, event{kind: op.changes, method: "POST", path: op.path})
		b.rotate(s)
	}
	s.goOn(b)
}
