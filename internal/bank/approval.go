package bank

// How step-ups go; plausible, not measured.
const (
	shareApproved   = 0.5  // of those in a browser are approved in the app, by who has it
	shareWrongCode  = 0.04 // of the codes that are typed are wrong
	shareWrongAgain = 0.15 // of the next ones
	shareCancelled  = 0.02 // of the step-ups are not what she wanted: she closes the window
	wrongCodes      = 3    // and she gives up
)

// stepUp proves with the second factor that it is her, and the app rotates the session's id. A session that was only
// for looking may do more from now on.
func (b *Bank) stepUp(s *session) {
	phone := s.approver()
	if phone == nil && s.fails(b) {
		return
	}
	s.authMS, s.passedMS, s.challenged, s.armedMS = b.nowMS, b.nowMS, false, 0
	mayMore := s.aal < 2
	s.methods, s.aal = `["otp","hwk"]`, 2
	if phone != nil {
		b.approve(s, phone)
	} else {
		b.say(s, event{kind: "auth.reauthenticated", method: "POST", path: "/step-up", authMethods: s.methods, outcome: "success", label: Label{Request: true}})
	}
	if mayMore {
		b.say(s, event{kind: "session.privilege_changed", method: "POST", path: "/step-up"})
	}
	b.rotate(s)
	s.wrongCodes, s.step = 0, browse
	if s.op != nil {
		s.step = complete
	}
	b.in(between(s.c.rng, 300, 1500), s)
}

// fails is a step-up that the customer does not pass this time: she mistypes the code, or closes the window.
func (s *session) fails(b *Bank) bool {
	r, wrong := s.c.rng, shareWrongCode
	if s.wrongCodes > 0 {
		wrong = shareWrongAgain
	}
	switch {
	case s.wrongCodes == 0 && chance(r, shareCancelled):
		s.op, s.step, s.logout = nil, leave, false
		return true
	case !chance(r, wrong):
		return false
	}
	s.causes |= CausePassword
	b.say(s, event{kind: "auth.reauthenticated", method: "POST", path: "/step-up", outcome: "failure", reason: "wrong code", label: Label{Request: true}})
	if s.wrongCodes++; s.wrongCodes == wrongCodes {
		s.op, s.step = nil, leave
	}
	b.in(between(r, 5_000, 15_000), s)
	return true
}

// approver is the device on which a customer approves a step-up of a browser's session, nil for one that is passed in
// the browser itself.
func (s *session) approver() *device {
	if s.native || !chance(s.c.rng, shareApproved) {
		return nil
	}
	for i := range s.c.devices {
		if d := &s.c.devices[i]; d.family == bankApp && d != s.d {
			return d
		}
	}
	return nil
}

// approve passes a step-up on the phone: what the authentication service sees is the phone, on the network that it has
// at that moment, with the id of the session that asked (C22).
func (b *Bank) approve(s *session, d *device) {
	s.seenMS = b.nowMS
	b.answerOnPhone(s, d, "success", "")
}

// answerOnPhone is the customer's answer to a step-up that a session asked for.
func (b *Bank) answerOnPhone(s *session, d *device, outcome, reason string) {
	phone := b.newSession(s.c, d)
	phone.connect(b)
	e := event{
		kind: "auth.reauthenticated", method: "POST", path: "/approvals", authMethods: `["face","hwk"]`, outcome: outcome, reason: reason,
		customer: s.c, session: s, sessionID: s.id, client: &phone.client, access: &phone.access, quic: phone.quic, label: Label{Request: true, Cause: CauseApproval},
	}
	e.binding, e.thumbprint = d.prove(s.c.rng)
	b.emit(&e, phone.ip, phone.rtt())
}
