package bank

// visit is a customer at the bank's door: she may read the front page first and mistype her password.
type visit struct {
	s        *session
	failures int
}

// How logins go; plausible, not measured.
const (
	shareFrontPage = 0.4  // of the visits in a browser begin on the front page, in an anonymous session
	shareTypo      = 0.03 // of the logins fail first
	shareTypoAgain = 0.3  // of the second attempts fail too
	shareForgotten = 0.4  // of those who fail twice have forgotten the password and set a new one
)

// relogin is a customer who opens the bank again with the same device.
type relogin struct {
	c *customer
	d *device
}

func (r *relogin) act(b *Bank) { b.open(r.c, r.d) }

// begin is a visit.
func (b *Bank) begin(c *customer, d *device) {
	v := &visit{s: b.newSession(c, d)}
	if !v.s.native && chance(c.rng, shareFrontPage) {
		v.s.anonymous = true
		b.say(v.s, event{kind: "session.created", method: "GET", path: "/", site: pick(c.rng, frontDoors), label: Label{Request: true}})
		b.in(c.pause(5), v)
		return
	}
	v.act(b)
}

// frontDoors are the ways to a bank's front page: typed or bookmarked, or by a link.
var frontDoors = []string{"none", "none", "none", "cross-site"}

// act tries the password.
func (v *visit) act(b *Bank) {
	r := v.s.c.rng
	fails := v.failures == 0 && chance(r, shareTypo) || v.failures == 1 && chance(r, shareTypoAgain)
	switch {
	case fails:
		v.failures++
		v.say(b, event{kind: "auth.failed", path: "/login", outcome: "failure", reason: "wrong password", label: Label{Request: true, Refused: true}})
		b.in(between(r, 5_000, 20_000), v)
	case v.failures == 2 && chance(r, shareForgotten):
		v.failures++
		v.say(b, event{kind: "credential.changed", path: "/password/reset", reason: "password forgotten", label: Label{Request: true}})
		b.in(between(r, 5_000, 20_000), v)
	default:
		b.login(v.s)
	}
}

// say publishes what happens before there is a session, or in the anonymous one.
func (v *visit) say(b *Bank, e event) {
	s := v.s
	s.causes |= CausePassword
	e.customer, e.client, e.access, e.method = s.c, &s.client, &s.access, "POST"
	if s.anonymous {
		e.session, e.sessionID = s, s.id
	}
	if s.ip == "" {
		s.connect(b)
	}
	e.inspected = s.inspected
	e.quic, e.resumed = s.quic, s.resumed
	e.label.Cause = s.causes
	b.emit(&e, s.ip, s.rtt())
	s.asked(b)
}
