package bank

import "github.com/sessionguard/sessionguard/internal/bank/internet"

// impersonate makes a thief who logs in himself, in the name of a customer; half of them while she is online.
func impersonate(equip func(b *Bank, t *thief)) func(b *Bank, p *plan) *thief {
	return func(b *Bank, p *plan) *thief {
		c := b.account(p)
		if c == nil {
			return nil
		}
		t := b.newThief(p, &session{c: c, d: &device{}, slot: -1})
		equip(b, t)
		b.newOwnSession(t)
		b.in(between(t.rng, 1_000, 30_000), t)
		return t
	}
}

// account is whose password was stolen.
func (b *Bank) account(p *plan) *customer {
	if chance(p.rng, 0.5) {
		if len(b.live) == 0 {
			return nil
		}
		return pick(p.rng, b.live).c
	}
	return &b.customers[p.rng.IntN(len(b.customers))]
}

// newOwnSession gives a thief a session of his own, not yet begun.
func (b *Bank) newOwnSession(t *thief) {
	c := t.s.c
	s := &session{c: c, d: &device{}, thiefs: true, city: c.home, slot: -1, theft: t, createdMS: b.nowMS, authMS: b.nowMS, rotatedMS: b.nowMS, seenMS: b.nowMS, methods: `["pwd","otp"]`, aal: 2}
	s.lineage = "ses_" + token(t.rng, 20)
	s.id = s.lineage
	s.expiry.s = s
	t.s.theft = nil
	t.s, t.cookie = s, s.id
}

// open is his login: the second factor was phished, or asked for until the customer gave in.
func (t *thief) open(b *Bank) {
	s := t.s
	s.createdMS, s.authMS, s.rotatedMS = b.nowMS, b.nowMS, b.nowMS
	s.c.open = append(s.c.open, s)
	b.remember(s)
	t.say(b, event{kind: "session.created", method: "POST", path: "/login", authMethods: s.methods, label: Label{Begins: true, Request: true}})
	b.in(idleMS, &s.expiry)
}

func logIn(b *Bank, t *thief) (int64, bool) {
	t.open(b)
	return t.pause(), true
}

// logInOften opens three to five sessions within minutes, each in a profile and behind a proxy of its own.
func logInOften(b *Bank, t *thief) (int64, bool) {
	if t.tries > 0 {
		equipLoginNear(b, t)
		b.newOwnSession(t)
	}
	t.open(b)
	t.say(b, event{kind: "session.presented", method: "GET", path: pick(t.rng, webPages), label: Label{Request: true}})
	t.tries++
	return between(t.rng, 20_000, 120_000), t.tries >= 3 && (t.tries == 5 || chance(t.rng, 0.5))
}

// equipLoginAbroad is a thief at home in another country, or on a rented server there.
func equipLoginAbroad(b *Bank, t *thief) {
	city := b.far(t.rng, t.s.c.home)
	t.access = b.home(t.rng, city)
	if chance(t.rng, shareRented) {
		n := b.rentedAbroad(t.rng, t.s.c.home)
		t.access, city = b.line(n, uint32(t.rng.IntN(10_000)), false), int32(b.net.Networks[n].Site)
	}
	t.client = b.newClient(t, city)
}

// equipLoginNear is one behind a residential proxy in the victim's city, whose browser speaks her language.
func equipLoginNear(b *Bank, t *thief) {
	city := t.s.c.home
	t.access = b.home(t.rng, city)
	t.access.rttMS += between(t.rng, 40, 150)
	t.client = b.newClient(t, city)
}

// equipLoginNeighbour is one at the victim's own operator.
func equipLoginNeighbour(b *Bank, t *thief) {
	equipLoginNear(b, t)
	t.access = b.line(int(t.s.c.homeLine.network), 40_000+uint32(t.rng.IntN(10_000)), false)
}

// phish makes a thief whose proxy stands between a customer and the bank while she logs in (MITRE ATT&CK T1557; Evilginx, EvilProxy). The
// bank sees the proxy: a rented server with a TLS library of its own, and what the customer's browser says of itself.
func phish(b *Bank, p *plan) *thief {
	c, d := b.somebody(p)
	if d == nil {
		return nil
	}
	t := b.newThief(p, &session{c: c, d: d, slot: -1})
	b.newOwnSession(t)
	t.s.d = d
	place := internet.Cities[c.home]
	agent := changed(b.agent(d.agentKey(d.running(b.nowMS), b.nowMS)), func(a *agent) { a.ja4, a.ja4QUIC = ja4Proxy, "" })
	t.client = client{agent: agent, language: place.Language, timezone: place.Timezone, screen: d.screen}
	t.access = b.rented(t.rng)
	t.later = b.afterPhishing(t)
	b.in(between(t.rng, 1_000, 30_000), t)
	return t
}

// ja4Proxy is the hello of Go's TLS library, in which the usual proxies are written.
const ja4Proxy = "t13d190900_9dc949149365_97f8aa674fd9"

// afterPhishing is where the session is used: at the thief's own desk, or, by the careful, behind a residential proxy near the customer and
// in a copy of her browser.
func (b *Bank) afterPhishing(t *thief) disguise {
	city := b.far(t.rng, t.s.c.home)
	if t.careful {
		copied := t.client
		copied.agent = b.agent(t.s.d.agentKey(t.s.d.running(b.nowMS), b.nowMS))
		return disguise{copied, b.home(t.rng, t.s.c.home)}
	}
	return disguise{b.newClient(t, city), b.home(t.rng, city)}
}

func logInByProxy(b *Bank, t *thief) (int64, bool) {
	t.open(b)
	t.client, t.access = t.later.client, t.later.access
	return between(t.rng, 10_000, 8*60_000), true
}

// guess makes a thief with a list of passwords that the customer used elsewhere.
func guess(b *Bank, p *plan) *thief {
	equip := equipLoginAbroad
	if chance(p.rng, 0.5) {
		equip = equipLoginNear
	}
	return impersonate(equip)(b, p)
}

// guessPasswords fails four to eight times before it is right. Careful ones take a minute for each.
func guessPasswords(b *Bank, t *thief) (int64, bool) {
	t.tries++
	if t.tries < 5 || t.tries < 9 && chance(t.rng, 0.5) {
		t.say(b, event{kind: "auth.failed", method: "POST", path: "/login", outcome: "failure", reason: "wrong password", label: Label{Request: true, Refused: true}})
		if t.careful {
			return between(t.rng, 20_000, 60_000), false
		}
		return between(t.rng, 500, 4_000), false
	}
	return logIn(b, t)
}
