package bank

import "github.com/sessionguard/sessionguard/internal/bank/internet"

// feed is an account aggregator that reads a customer's accounts with her consent: by program, from a rented server,
// without her (C21). It may do so four times a day (PSD2 RTS Art. 36(5)(b)).
type feed struct {
	c      *customer
	access access
	perDay int64
	s      *session // the one that is open
	left   int
}

// shareAggregated of the customers use an aggregator. In the United Kingdom about one in five adults did in 2025 (Open
// Banking Limited, impact report), elsewhere far fewer.
const shareAggregated = 0.04

// feedServers are how many addresses an aggregator's programs share.
const feedServers = 6

// consent lets an aggregator in, for some.
func (b *Bank) consent(c *customer) {
	if !chance(c.rng, shareAggregated) {
		return
	}
	network := b.net.All(internet.Hosting)[c.rng.IntN(2)*7] // two aggregators, with different providers
	f := &feed{c: c, access: b.line(network, 200+uint32(c.rng.IntN(feedServers)), false), perDay: between(c.rng, 1, 4)}
	b.in(int64(c.rng.Float64()*float64(dayMS)), f)
}

func (f *feed) act(b *Bank) {
	r := f.c.rng
	if f.s == nil {
		f.begin(b)
		b.in(between(r, 80, 400), f)
		return
	}
	if f.left--; f.left >= 0 {
		b.sayFor(f.s, event{kind: "session.presented", method: "GET", path: pick(r, feedPaths), label: Label{Request: true}})
		b.in(between(r, 80, 600), f)
		return
	}
	b.sayFor(f.s, event{kind: "session.ended", method: "POST", path: "/aisp/revoke", endReason: "logout", label: Label{Request: true}})
	f.s.verdict, f.s = "logout", nil
	b.in(dayMS/f.perDay+between(r, -20, 20)*60_000, f)
}

func (f *feed) begin(b *Bank) {
	r := f.c.rng
	f.left = int(between(r, 2, 5))
	f.s = &session{
		c: f.c, d: &f.c.devices[0], api: true, slot: -1, createdMS: b.nowMS, authMS: b.nowMS, access: f.access, causes: CauseAggregator,
		lineage: "ses_" + token(r, 20), methods: `["hwk"]`, aal: 2, client: client{agent: b.agent(agentKey{family: aggregator})},
	}
	f.s.id, f.s.ip = f.s.lineage, f.access.ip(r)
	b.sayFor(f.s, event{kind: "session.created", method: "POST", path: "/aisp/token", authMethods: f.s.methods, label: Label{Begins: true, Request: true}})
}

var feedPaths = []string{"/aisp/accounts", "/aisp/accounts/1/balances", "/aisp/accounts/1/transactions", "/aisp/accounts/2/transactions"}

// sayFor publishes an event of a session that somebody else than the customer uses, in her name.
func (b *Bank) sayFor(s *session, e event) {
	e.customer, e.session, e.sessionID, e.client, e.access = s.c, s, s.id, &s.client, &s.access
	b.emit(&e, s.ip, s.rtt())
}
