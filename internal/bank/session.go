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
	loginID     int      // the index in ids of the one with which she logged in
	native      bool
	api         bool   // an aggregator's
	thiefs      bool   // a thief opened it: no customer sits there
	actor       string // the employee who acts in the customer's name
	city        int32  // where the customer is
	client      client
	access      access
	anonymous   bool // before the login
	forCompany  bool // a business customer who turned from her own account to the company's
	via         via
	cell        bool
	desktopSite bool
	speaksQUIC  bool   // her client finds HTTP/3 and her network lets it through
	ip          string // of the connection that is open, "" when there is none
	quic        bool   // that connection is QUIC
	inspected   string // the JA4 of who inspects its TLS, "" for nobody
	resumed     bool   // its TLS session is one of before
	connected   bool   // there was a connection before
	version     int    // of the browser or the app, since it was started
	unasked     bool   // her browser does not know yet which hints the bank asks for
	views       bool   // the app shows some of its pages in a web view

	createdMS, authMS, rotatedMS, seenMS int64

	methods string // how the customer proved who she is (RFC 8176), a JSON list
	aal     int    // authenticator assurance level (NIST SP 800-63B)
	causes  Cause  // so far
	seq     int64  // the app's own counter of its requests
	tokens  tokens // of the app

	step    step
	left    int  // pages that the customer still wants to see
	logout  bool // she will log out, not just leave
	op      *operation
	amount  int64
	verdict string // end reason, "" while it lives

	wrongCodes int   // of the step-up that goes on
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
	idleMS              = 10 * 60_000
	rotateMS            = 25 * 60_000
	armedForMS          = hourMS
	shareLogout         = 0.4
	shareAction         = 0.05 // of the pages lead to an action
	shareQUIC           = 0.3  // of the clients that speak it
	shareViews          = 0.15 // of the app's sessions have pages in a web view
	shareViewed         = 0.3  // of these sessions' pages
	shareNewLine        = 0.1  // of the requests need a new connection
	shareNewGatewayLine = 0.6
	shareRefresh        = 0.06 // of the app's requests come from a background refresh
	shareCompany        = 0.1  // of a business customer's pages lead to the company's accounts, with other rights
	shareLookOnly       = 0.15 // of the logins in a browser are with the password alone
)

func (s *session) ended() bool { return s.verdict != "" }

// newSession draws where the customer is, on which network, and what she is up to.
func (b *Bank) newSession(c *customer, d *device) *session {
	s := &session{c: c, d: d, city: c.place(b.nowMS), native: d.family == bankApp, slot: -1, createdMS: b.nowMS, authMS: b.nowMS, rotatedMS: b.nowMS, seenMS: b.nowMS}
	b.settleIn(s)
	b.dress(s)
	median := 8.0
	if s.native {
		median = 5
	}
	s.proof()
	s.left = int(min(90, 1+median*math.Exp(0.7*c.rng.NormFloat64())))
	s.logout = chance(c.rng, shareLogout)
	s.lineage = "ses_" + token(c.rng, 20)
	s.id = s.lineage
	s.expiry.s = s
	return s
}

// proof is what the app asks for at the login. In a browser a second factor may be left out for who only looks at her
// account, for 180 days (PSD2 RTS Art. 10 as amended in 2022); how often it is, is plausible, not measured.
func (s *session) proof() {
	switch {
	case s.native:
		s.methods, s.aal = `["face","hwk"]`, 2
	case chance(s.c.rng, shareLookOnly):
		s.methods, s.aal = `["pwd"]`, 1
	default:
		s.methods, s.aal = `["pwd","otp"]`, 2
	}
}

// open is a login that succeeds at once.
func (b *Bank) open(c *customer, d *device) *session {
	s := b.newSession(c, d)
	b.login(s)
	return s
}

// login begins a session; one that was there before, anonymous, gets another id.
func (b *Bank) login(s *session) {
	s.authMS, s.rotatedMS = b.nowMS, b.nowMS
	s.c.open = append(s.c.open, s)
	e := event{kind: "session.created", method: "POST", path: "/login", authMethods: s.methods, label: Label{Begins: true, Request: true}}
	if s.anonymous {
		s.anonymous = false
		b.remember(s)
		e.kind, e.previousID, s.id = "session.renewed", s.id, "ses_"+token(s.c.rng, 20)
	} else {
		s.createdMS = b.nowMS
	}
	b.remember(s)
	s.loginID = len(s.ids) - 1
	if s.native {
		s.tokens = newTokens(s.c.rng, b.nowMS)
	}
	s.slot = len(b.live)
	b.live = append(b.live, s)
	b.say(s, e)
	b.in(idleMS, &s.expiry)
	s.goOn(b)
}

func (b *Bank) remember(s *session) {
	s.ids = append(s.ids, s.id)
	b.sessions[s.id] = s
}

// say publishes an event of the customer's own client.
func (b *Bank) say(s *session, e event) {
	viewed := e.client != nil // by a web view, which has neither the app's key nor its counter
	if !viewed {
		e.client = &s.client
	}
	e.customer, e.session, e.access = s.c, s, &s.access
	if e.sessionID == "" {
		e.sessionID = s.id
	}
	if s.ip == "" || chance(s.c.rng, s.newLine()) {
		s.connect(b)
	}
	e.inspected = s.inspected
	e.quic, e.resumed, e.anonymous = s.quic, s.resumed, s.anonymous
	if !viewed {
		if s.native {
			s.seq++
			e.seq = s.seq
		}
		e.binding, e.thumbprint = s.d.prove(s.c.rng)
	}
	s.seenMS = b.nowMS
	b.emit(&e, s.ip, s.rtt())
	s.asked(b)
}

// newLine is the share of the requests that need a new connection: a secure web gateway opens them as it likes.
func (s *session) newLine() float64 {
	if s.access.churn == gateway {
		return shareNewGatewayLine
	}
	return shareNewLine
}

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
