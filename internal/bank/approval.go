package bank

// shareApproved of the step-ups in a browser are approved in the app, by who has it; plausible, not measured.
const shareApproved = 0.5

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
	phone := b.newSession(s.c, d)
	phone.connect(b)
	e := event{
		kind: "auth.reauthenticated", method: "POST", path: "/approvals", authMethods: `["face","hwk"]`, outcome: "success",
		customer: s.c, session: s, sessionID: s.id, client: &phone.client, access: &phone.access, quic: phone.quic, label: Label{Request: true, Cause: CauseApproval},
	}
	e.binding, e.thumbprint = d.prove(s.c.rng)
	s.seenMS = b.nowMS
	b.emit(&e, phone.ip, phone.rtt())
}
