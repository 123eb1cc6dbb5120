package bank

import (
	"math"
)

// session is a login and what the customer does with it.
type session struct {
	c           *customer
	d           *device
	id          string
	lineage     string
	ids         []string // all it ever had
	native      bool
	city        int32 // where the customer is
	client      client
	access      access
	onVPN       bool
	cell        bool
	desktopSite bool
	speaksQUIC  bool   // her client finds HTTP/3 and her network lets it through
	ip          string // of the connection that is open, "" when there is none
	quic        bool   // that connection is QUIC

	createdMS, authMS, rotatedMS, seenMS int64

	step    step
	left    int  // pages that the customer still wants to see
	logout  bool // she will log out, not just leave
	op      *operation
	amount  int64
	verdict string // end reason, "" while it lives

	challenged bool  // require_reauth is in force
	armedMS    int64 // until then sensitive actions need a step-up
	passedMS   int64 // last step-up passed

	theft  *thief
	slot   int // in Bank.live, -1 when not there
	expiry expiry
}

// step is what the customer does next.
type step uint8

const (
	browse step = iota
	request
	stepUp
	complete
	leave
)

// How sessions go. An idle session ends after the idle time (PSD2 RTS Art. 4(3)(d) allows 5 minutes for payment
// services online; apps commonly stretch it for accounts that are only read).
const (
	idleMS       = 10 * 60_000
	rotateMS     = 25 * 60_000
	armedForMS   = hourMS
	shareLogout  = 0.4
	shareAction  = 0.05 // of the pages lead to an action
	shareQUIC    = 0.3
	shareNewLine = 0.1  // of the requests need a new connection
	shareTypo    = 0.03 // of the logins fail first
	shareRefresh = 0.06 // of the app's requests come from a background refresh
)

func (s *session) ended() bool { return s.verdict != "" }

// relogin is a customer who opens the bank again with the same device.
type relogin struct {
	c *customer
	d *device
}

func (r *relogin) act(b *Bank) { b.open(r.c, r.d) }

// begin is a visit; sometimes the first password is wrong.
func (b *Bank) begin(c *customer, d *device) {
	d.update(c.rng, b.nowMS, 0.3)
	if chance(c.rng, shareTypo) {
		s := b.newSession(c, d)
		b.emit(&event{kind: "auth.failed", customer: c, client: &s.client, access: &s.access, outcome: "failure", reason: "wrong password", method: "POST", path: "/login", label: Label{Request: true, Refused: true}}, s.access.ip(c.rng), s.rtt())
		b.in(between(c.rng, 5_000, 20_000), &relogin{c, d})
		return
	}
	b.open(c, d)
}

// newSession draws where the customer is, on which network, and what she is up to.
func (b *Bank) newSession(c *customer, d *device) *session {
	city := c.place(b.nowMS)
	s := &session{c: c, d: d, city: city, native: d.family == bankApp, slot: -1, createdMS: b.nowMS, authMS: b.nowMS, rotatedMS: b.nowMS, seenMS: b.nowMS}
	s.cell = d.phone && chance(c.rng, 0.45)
	s.access = b.wifi(c, city)
	if s.cell {
		s.access = b.cellular(c, city)
	}
	if c.vpn >= 0 && chance(c.rng, 0.3) {
		s.onVPN, s.access = true, b.throughVPN(c, s.access)
	}
	s.speaksQUIC = chance(c.rng, shareQUIC)
	s.client = client{agent: b.agent(d.key()), language: d.language, timezone: b.timezone(city), screen: d.screen, deviceID: d.id, native: s.native}
	median := 8.0
	if s.native {
		median = 5
	}
	s.left = int(min(90, 1+median*math.Exp(0.7*c.rng.NormFloat64())))
	s.logout = chance(c.rng, shareLogout)
	s.lineage = "ses_" + token(c.rng, 20)
	s.id = s.lineage
	s.expiry.s = s
	return s
}

// open is a login that succeeds.
func (b *Bank) open(c *customer, d *device) *session {
	s := b.newSession(c, d)
	c.open = append(c.open, s)
	b.remember(s)
	if !s.native {
		s.slot = len(b.live)
		b.live = append(b.live, s)
	}
	methods := `["pwd","otp"]`
	if s.native {
		methods = `["face","hwk"]`
	}
	b.say(s, event{kind: "session.created", method: "POST", path: "/login", authMethods: methods, label: Label{Begins: true, Request: true}})
	b.in(idleMS, &s.expiry)
	s.goOn(b)
	return s
}

func (b *Bank) remember(s *session) {
	s.ids = append(s.ids, s.id)
	b.sessions[s.id] = s
}

// say publishes an event of the customer's own client.
func (b *Bank) say(s *session, e event) {
	e.customer, e.session, e.client, e.access = s.c, s, &s.client, &s.access
	if e.sessionID == "" {
		e.sessionID = s.id
	}
	if s.ip == "" || chance(s.c.rng, shareNewLine) {
		s.connect()
	}
	e.quic = s.quic
	s.seenMS = b.nowMS
	b.emit(&e, s.ip, s.rtt())
}

// connect opens a connection: address family and protocol stay as long as it is used.
func (s *session) connect() {
	s.ip = s.access.ip(s.c.rng)
	s.quic = s.speaksQUIC && chance(s.c.rng, 0.7)
}

// move puts the session on another network.
func (s *session) move(a access) { s.access, s.ip = a, "" }

func (s *session) rtt() int64 { return s.access.rttMS + s.c.rng.Int64N(6) }

// goOn plans the customer's next step.
func (s *session) goOn(b *Bank) {
	median := 7.0
	if s.native {
		median = 4
	}
	b.in(s.c.pause(median), s)
}

func (s *session) act(b *Bank) {
	if s.ended() {
		b.sentAway(s)
		return
	}
	switch s.step {
	case browse:
		b.browse(s)
	case request:
		b.request(s)
	case stepUp:
		b.stepUp(s)
	case complete:
		b.complete(s)
	case leave:
		b.leave(s)
	}
}

// browse looks at one page.
func (b *Bank) browse(s *session) {
	b.drift(s)
	if b.nowMS-s.rotatedMS > rotateMS {
		b.rotate(s)
	}
	background := s.native && chance(s.c.rng, shareRefresh)
	b.say(s, event{kind: "session.presented", method: "GET", path: pick(s.c.rng, webPages), background: background, label: Label{Request: !background}})
	s.left--
	switch {
	case s.challenged:
		s.step = stepUp
	case s.left <= 0:
		s.step = leave
	case chance(s.c.rng, shareAction):
		s.step = request
	}
	s.goOn(b)
}

// request asks for an action. Before a critical one the app itself asks for a step-up.
func (b *Bank) request(s *session) {
	s.op = chooseOperation(s.c)
	s.amount = 0
	if s.op.median > 0 {
		s.amount = 1 + int64(float64(s.op.median)*math.Exp(0.6*s.c.rng.NormFloat64()))
	}
	b.say(s, event{kind: "action.requested", method: "POST", path: s.op.path, op: s.op, amount: s.amount, label: Label{Request: true, Sensitive: s.op.sensitive()}})
	if s.op.sensitivity == "critical" {
		s.step = stepUp
		b.in(between(s.c.rng, 4_000, 20_000), s)
		return
	}
	s.step = complete
	b.in(between(s.c.rng, 300, 1500), s)
}

func chooseOperation(c *customer) *operation {
	x := c.rng.Float64() * 100 // the weights' sum
	for i := range operations {
		if x -= operations[i].weight; x < 0 {
			return &operations[i]
		}
	}
	return &operations[0]
}

// stepUp proves with the second factor that it is her, and the app rotates the session's id.
func (b *Bank) stepUp(s *session) {
	s.authMS, s.passedMS, s.challenged, s.armedMS = b.nowMS, b.nowMS, false, 0
	b.say(s, event{kind: "auth.reauthenticated", method: "POST", path: "/step-up", authMethods: `["otp","hwk"]`, outcome: "success", label: Label{Request: true}})
	b.rotate(s)
	s.step = browse
	if s.op != nil {
		s.step = complete
	}
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
	s.goOn(b)
}

// leave logs out or closes the window; the app ends a session that nobody uses any more.
func (b *Bank) leave(s *session) {
	if !s.logout {
		return
	}
	b.say(s, event{kind: "session.ended", method: "POST", path: "/logout", endReason: "logout", label: Label{Request: true}})
	b.end(s, "logout")
}

// end takes a session out of the world. What a thief holds stays known until he is done.
func (b *Bank) end(s *session, why string) {
	s.verdict = why
	s.c.ended = s.id
	s.c.drop(s)
	if s.slot >= 0 {
		last := len(b.live) - 1
		b.live[s.slot] = b.live[last]
		b.live[s.slot].slot = s.slot
		b.live[last] = nil
		b.live = b.live[:last]
		s.slot = -1
	}
	if s.theft == nil {
		b.forget(s)
		return
	}
	s.theft.sessionEnded(b)
}

func (b *Bank) forget(s *session) {
	for _, id := range s.ids {
		delete(b.sessions, id)
	}
}

// sentAway is the customer's next click after the app ended her session: refused, and she logs in again.
func (b *Bank) sentAway(s *session) {
	if s.verdict != "revoked" || s.left <= 0 {
		return
	}
	s.left = 0
	b.say(s, event{kind: "session.presented", method: "GET", path: pick(s.c.rng, webPages), outcome: "failure", reason: "session revoked", label: Label{Request: true, Refused: true}})
	b.in(between(s.c.rng, 15_000, 90_000), &relogin{s.c, s.d})
}

// expiry ends a session that was not used for the idle time, whoever used it last.
type expiry struct{ s *session }

func (x *expiry) act(b *Bank) {
	s := x.s
	if s.ended() {
		return
	}
	if rest := s.seenMS + idleMS - b.nowMS; rest > 0 {
		b.in(rest, x)
		return
	}
	b.emit(&event{kind: "session.ended", customer: s.c, session: s, sessionID: s.id, endReason: "idle"}, "", 0)
	b.end(s, "idle")
}

// drift is what changes in an honest session: a phone leaves or finds wifi, a VPN is switched on, a browser restarts
// into its update, somebody asks for the desktop site.
func (b *Bank) drift(s *session) {
	r, city := s.c.rng, s.city
	switch {
	case s.d.phone && !s.onVPN && chance(r, 0.012):
		s.cell = !s.cell
		if s.cell {
			s.move(b.cellular(s.c, city))
		} else {
			s.move(b.wifi(s.c, city))
		}
	case s.c.vpn >= 0 && !s.onVPN && chance(r, 0.02):
		s.onVPN = true
		s.move(b.throughVPN(s.c, s.access))
	case b.nowMS-s.createdMS > 5*60_000 && s.d.update(r, b.nowMS, 0.05):
		s.redress(b)
	case s.d.platform == android && !s.native && s.d.family != firefox && chance(r, 0.001):
		s.desktopSite = true
		s.redress(b)
	}
}

// redress shows the client as it is now.
func (s *session) redress(b *Bank) {
	k := s.d.key()
	k.desktopSite = s.desktopSite
	s.client.agent = b.agent(k)
}
