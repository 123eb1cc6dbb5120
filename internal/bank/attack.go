package bank

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// plan is an attack that waits for a victim.
type plan struct {
	kind  AttackKind
	id    string
	rng   *rand.Rand
	tries int
}

// planAttacks spreads the attacks evenly over the world's time, the kinds taking turns; the first comes soon, the
// last with time left to be noticed.
func (b *Bank) planAttacks() {
	type dated struct {
		atMS int64
		kind AttackKind
	}
	var list []dated
	r := b.stream(streamPlan, 0)
	span := float64(b.endMS - b.nowMS)
	for _, k := range AttackKinds() {
		n := b.cfg.Attacks[k]
		for i := range n {
			turn := (float64(k-1) + r.Float64()) / float64(NumAttackKinds-1)
			share := 0.01 + 0.92*(float64(i)+turn)/float64(n)
			list = append(list, dated{b.nowMS + int64(span*share), k})
		}
	}
	slices.SortStableFunc(list, func(a, b dated) int { return int(a.atMS - b.atMS) })
	for i, d := range list {
		b.agenda.add(d.atMS, &plan{kind: d.kind, id: fmt.Sprintf("a%d", i+1), rng: b.stream(streamAttack, uint64(i))})
	}
}

// act looks for a session to steal, and later again when there is none.
func (p *plan) act(b *Bank) {
	s := b.victim(p)
	if p.tries++; s == nil && p.tries%3 == 0 {
		s = b.invite(p)
	}
	if s == nil {
		b.in(between(p.rng, 10_000, 40_000), p)
		return
	}
	t := b.newThief(p, s)
	s.theft = t
	if p.kind != UseAfterLogout {
		b.in(t.firstDelay(), t)
	}
}

// victim chooses among the live browser sessions that serve the kind of attack.
func (b *Bank) victim(p *plan) *session {
	if len(b.live) == 0 {
		return nil
	}
	for range 64 {
		if s := pick(p.rng, b.live); p.wants(b, s) {
			return s
		}
	}
	return nil
}

// invite makes a customer open the bank in a browser, in a way that serves the attack: where customers are few or
// asleep nothing could be stolen otherwise.
func (b *Bank) invite(p *plan) *session {
	for range 32 {
		c := &b.customers[p.rng.IntN(len(b.customers))]
		d := &c.devices[p.rng.IntN(len(c.devices))]
		if d.family == bankApp || !d.portable && c.trip.away(b.nowMS) || c.trip.lands(b.nowMS) != 0 {
			continue
		}
		s := b.open(c, d)
		s.logout = p.kind == UseAfterLogout
		s.left = max(s.left, 12)
		return s
	}
	return nil
}

// wants says whether a session serves: one in use whose customer will not log out before the thief comes, for turns
// one that goes on for long, and for use after logout one that ends so.
func (p *plan) wants(b *Bank, s *session) bool {
	if s.theft != nil || b.nowMS-s.seenMS > 3*60_000 {
		return false
	}
	switch p.kind {
	case UseAfterLogout:
		return s.logout && s.left > 0
	case TakingTurns:
		return s.left >= 8
	}
	return !s.logout
}

// thiefMachines are what thieves browse with, if not as a copy of the victim.
var thiefMachines = []agentKey{
	{family: chrome, platform: windows}, {family: chrome, platform: linux}, {family: firefox, platform: windows},
	{family: firefox, platform: linux}, {family: edge, platform: windows}, {family: safari, platform: macOS},
}

var scriptMachines = []agentKey{{family: pythonRequests}, {family: curl}, {family: aiohttp}, {family: headlessChrome, platform: linux}}

// Shares of the thieves. Who uses a stealer's log commonly loads it into an anti-detect browser that shows the
// victim's user agent too.
const (
	shareCopy       = 0.4 // abroad or after logout: shows the victim's client
	shareRented     = 0.3 // abroad: comes from a rented server
	shareTor        = 0.05
	shareDeviceID   = 0.5 // of another browser: brings the victim's device cookie along
	shareCareful    = 0.4 // waits, and makes few requests
	carefulDelayMin = 60_000
	carefulDelayMax = 5 * 60_000
)

// equipThief gives a thief his place on the internet and his client.
func (b *Bank) equipThief(t *thief) {
	s, r := t.s, t.rng
	city := s.city
	switch t.kind {
	case ScriptedReplay:
		t.access = b.line(pick(r, b.net.All(internet.Hosting)), uint32(r.IntN(10_000)), false)
		t.client = client{agent: b.thiefAgent(pick(r, scriptMachines))}
		return
	case CookieTheftAbroad:
		city = b.abroad(r, s.city)
	case TakingTurns, UseAfterLogout:
		city = int32(r.IntN(len(internet.Cities)))
	}
	copies := (t.kind == CookieTheftAbroad || t.kind == UseAfterLogout) && chance(r, shareCopy)
	network := pick(r, b.net.In(int(city), internet.Home))
	if t.kind == CookieTheftAbroad {
		switch {
		case chance(r, shareRented):
			network = b.rentedAbroad(r, s.city)
		case !copies && chance(r, shareTor):
			network = pick(r, b.net.All(internet.Tor))
		}
	}
	t.access = b.line(network, 40_000+uint32(r.IntN(10_000)), false)
	t.client = s.client
	if !copies {
		t.client = b.ownClient(t, city)
	}
}

func (b *Bank) abroad(r *rand.Rand, from int32) int32 {
	for {
		if c := int32(r.IntN(len(internet.Cities))); internet.Cities[c].Country != internet.Cities[from].Country {
			return c
		}
	}
}

func (b *Bank) rentedAbroad(r *rand.Rand, from int32) int {
	for {
		n := pick(r, b.net.All(internet.Hosting))
		if internet.Cities[b.net.Networks[n].City].Country != internet.Cities[from].Country {
			return n
		}
	}
}

// ownClient is a browser of another family than the victim's.
func (b *Bank) ownClient(t *thief, city int32) client {
	k := pick(t.rng, thiefMachines)
	for k.family == t.s.d.family {
		k = pick(t.rng, thiefMachines)
	}
	if b.net.Networks[t.access.network].Kind == internet.Tor && t.s.d.family != firefox {
		k = agentKey{family: torBrowser, platform: windows}
	}
	c := client{agent: b.thiefAgent(k), language: internet.Cities[city].Language, timezone: internet.Cities[city].Timezone, screen: pick(t.rng, computerScreens), deviceID: t.s.client.deviceID}
	if !chance(t.rng, shareDeviceID) {
		c.deviceID = "dev-" + token(t.rng, 10)
	}
	return c
}

func (b *Bank) thiefAgent(k agentKey) *agent {
	k.version = released(k.family, b.nowMS)
	return b.agent(k)
}
