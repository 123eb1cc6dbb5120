package bank

import (
	"math/rand/v2"
	"net/netip"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// guesser tries session ids until one would fit (CWE-330; OWASP session management cheat sheet): fast from one address, steadily from one, or
// as steadily from all of a /24. He shows ids that the app never issued and finds none.
type guesser struct {
	id      string
	rng     *rand.Rand
	as      *customer // nobody: it numbers his events
	access  access
	network int
	slot    uint32
	spread  bool
	gapMS   int64
	left    int
	client  client
	started bool
}

// How fast they are, in guesses a minute. The catalogue's limit is 20 a minute and address (D25); the rates are plausible, not measured.
const (
	shareFastGuesser   = 0.4
	shareSteadyGuesser = 0.3 // the others spread
)

func (b *Bank) newGuesser(id string, r *rand.Rand, n int) *guesser {
	g := &guesser{id: id, rng: r, as: &customer{n: uint32(len(b.customers) + 1 + n), segment: "retail", rng: r}, network: pick(r, b.net.All(internet.Hosting)), slot: uint32(between(r, 1, 40))}
	perMinute, minutes := between(r, 25, 40), between(r, 20, 60)
	switch x := r.Float64(); {
	case x < shareFastGuesser:
		perMinute, minutes = between(r, 120, 600), between(r, 2, 6)
	case x >= shareFastGuesser+shareSteadyGuesser:
		g.spread = true
	}
	g.gapMS, g.left = 60_000/perMinute, int(perMinute*minutes)
	return g
}

func (g *guesser) act(b *Bank) {
	if !g.started {
		g.started = true
		g.client = client{agent: b.thiefAgent(pick(g.rng, scriptMachines))}
		g.access = b.lineAt(exit{network: g.network, slot: g.slot}, uint32(between(g.rng, 1, 250)))
	}
	if g.spread {
		g.access = b.lineAt(exit{network: g.network, slot: g.slot}, uint32(between(g.rng, 1, 250)))
	}
	e := event{kind: "session.unknown_id", method: "GET", path: pick(g.rng, webPages), client: &g.client, label: Label{Actor: Thief, Attack: SessionIDGuessing.String(), AttackID: g.id, Request: true}}
	b.unknown(&e, g.as, &g.access, g.access.v4)
	if g.left--; g.left > 0 {
		b.in(g.gapMS/2+g.rng.Int64N(g.gapMS), g)
	}
}

// unknown publishes that a client showed an id that the app does not know.
func (b *Bank) unknown(e *event, c *customer, a *access, ip string) {
	e.customer, e.access, e.anonymous = c, a, true
	e.key = "ip:" + ip
	e.label.Network = networkOf(ip)
	b.emit(e, ip, a.rttMS)
}

// networkOf is the /24 or /48 of an address.
func networkOf(ip string) string {
	a := netip.MustParseAddr(ip)
	bits := 24
	if a.Is6() {
		bits = 48
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return "" // no address has fewer bits
	}
	return p.String()
}

// deploy is a release of the bank's app servers, which forgets the sessions that apps still hold in people's pockets: in the hours after it
// these ids are shown from everywhere, and the app does not know them (D25).
type deploy struct{ n int }

// How apps come back after a deploy; plausible, not measured.
const (
	shareStale     = 0.6 // of the apps hold an id of before
	staleMeanMS    = 45 * 60_000
	staleMostMS    = 12 * hourMS
	staleTriesMost = 4
)

func (y *deploy) act(b *Bank) {
	y.n++
	for i := range b.customers {
		c := &b.customers[i]
		die := newSeed(rand.New(rand.NewPCG(uint64(c.seed), uint64(y.n))))
		for k := range c.devices {
			if c.devices[k].family == bankApp && die.roll(uint64(k)) < shareStale {
				b.in(min(staleMostMS, int64(die.wait(uint64(k)+100)*staleMeanMS)), &staleApp{c: c, device: c.devices[k].id, left: 1 + int(die.roll(uint64(k)+200)*staleTriesMost)})
			}
		}
	}
	b.in(b.cfg.DeployEvery.Milliseconds(), y)
}

// staleApp is an app that shows an id of before the deploy, some times over.
type staleApp struct {
	c      *customer
	device string
	left   int
}

func (y *staleApp) act(b *Bank) {
	c := y.c
	if c.flying(b.nowMS) {
		return
	}
	for i := range c.devices {
		d := &c.devices[i]
		if d.id != y.device {
			continue
		}
		s := b.newSession(c, d)
		s.connect(b)
		b.unknown(&event{kind: "session.unknown_id", method: "GET", path: pick(c.rng, webPages), client: &s.client, label: Label{Request: true, Refused: true, Cause: s.causes}}, c, &s.access, s.ip)
		if y.left--; y.left > 0 {
			b.in(between(c.rng, 2_000, 60_000), y)
		}
		return
	}
}
