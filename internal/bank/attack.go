package bank

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// attack is how a kind of attack goes. What is zero is as with most.
type attack struct {
	name  string
	blind string // what would show it; "" where the shipped rules can see it with the fields at hand

	device func(d *device) bool                  // what the victim uses; nil: a browser
	prey   func(b *Bank, s *session) bool        // which session serves beside that; nil: one whose customer will not log out
	begin  func(b *Bank, p *plan) *thief         // how the thief comes to it; nil: he steals a live session's cookie
	equip  func(b *Bank, t *thief)               // his place on the internet and his client
	enter  func(b *Bank, t *thief) (int64, bool) // what he does before he looks around: how long until the next of it, and whether that was all
	mark   func(t *thief, e *event)              // what gives him away on each of his events
	looks  [2]int64                              // how many pages he looks at
	pause  [2]int64                              // ms between his requests
	loot   []*operation                          // what he is after; nil: a payee and a transfer
	sleep  [2]int64                              // ms that he lets pass after the customer left; the app keeps the session so long
	after  string                                // he comes after the session ended so, and the app forgot to end it
	absent absence                               // whether he waits until the customer has left
	inside bool                                  // he acts through the victim's own client
	fleet  [2]int64                              // of how many thefts by one operator it consists, {} for one
	match  bool                                  // he sorts the logs by country, browser and version, as they are sold, and takes what fits his own browser
	denied float64                               // share of a fleet's thefts that ask for what the customer then denies
	old    bool                                  // the app accepts ids that rotation has replaced
}

// absence is who waits until the customer has left.
type absence uint8

const (
	nobodyWaits absence = iota
	carefulWait
	allWait
)

// plan is an attack that waits for a victim.
type plan struct {
	kind  AttackKind
	how   *attack
	id    string
	rng   *rand.Rand
	tries int

	campaign string // of a fleet's theft
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
	from := min(b.endMS, b.nowMS+b.cfg.AttacksAfter.Milliseconds())
	span := float64(b.endMS - from)
	for _, k := range AttackKinds() {
		n := b.cfg.Attacks[k]
		for i := range n {
			turn := (float64(k-1) + r.Float64()) / float64(lastUsual)
			share := 0.01 + 0.92*(float64(i)+turn)/float64(n)
			list = append(list, dated{from + int64(span*share), k})
		}
	}
	slices.SortStableFunc(list, func(a, b dated) int { return cmp.Compare(a.atMS, b.atMS) })
	for i, d := range list {
		b.agenda.add(d.atMS, &plan{kind: d.kind, how: &attackTable[d.kind], id: fmt.Sprintf("a%d", i+1), rng: b.stream(streamAttack, uint64(i))})
	}
}

// planCampaigns spreads the attacks of the other kinds, which have dice of their own.
func (b *Bank) planCampaigns() {
	from := min(b.endMS, b.nowMS+b.cfg.AttacksAfter.Milliseconds())
	number := uint64(0)
	for _, k := range allKinds()[lastUsual:] {
		n := b.cfg.Attacks[k]
		for i := range n {
			r := b.stream(streamCampaign, number)
			number++
			atMS := from + int64(float64(b.endMS-from)*(0.01+0.9*(float64(i)+r.Float64())/float64(n)))
			b.agenda.add(atMS, b.campaign(k, int(number), r))
		}
	}
}

func (b *Bank) campaign(k AttackKind, n int, r *rand.Rand) actor {
	id := fmt.Sprintf("c%d", n)
	switch {
	case k == SessionIDGuessing:
		return b.newGuesser(id, r, n)
	case attackTable[k].fleet != [2]int64{}:
		return b.newFleet(k, id, r)
	}
	return &plan{kind: k, how: &attackTable[k], id: id, rng: r}
}

// act looks for a victim, and later again when there is none.
func (p *plan) act(b *Bank) {
	begin := p.how.begin
	if begin == nil {
		begin = (*Bank).steal
	}
	if p.tries++; begin(b, p) == nil {
		b.in(between(p.rng, 10_000, 40_000), p)
	}
}

// steal takes the cookie of a live session.
func (b *Bank) steal(p *plan) *thief {
	s := b.victim(p)
	if s == nil && p.tries%3 == 0 {
		s = b.invite(p)
	}
	if s == nil {
		return nil
	}
	t := b.newThief(p, s)
	if p.how.after == "" {
		b.in(t.firstDelay(), t)
	}
	return t
}

// victim chooses among the live sessions that serve the attack.
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

// invite makes a customer open the bank, in a way that serves the attack: where customers are few or asleep nothing
// could be stolen otherwise.
func (b *Bank) invite(p *plan) *session {
	for range 32 {
		c, d := b.somebody(p)
		if d == nil {
			continue
		}
		s := b.open(c, d)
		s.logout = p.how.after == "logout"
		s.left = max(s.left, 12)
		s.aal = 2
		if p.how.old {
			b.rotate(s)
		}
		if !p.wants(b, s) {
			return nil
		}
		return s
	}
	return nil
}

// somebody is a customer who could open the bank now, with a device that serves the attack; the device is nil where it does not.
func (b *Bank) somebody(p *plan) (*customer, *device) {
	c := &b.customers[p.rng.IntN(len(b.customers))]
	d := &c.devices[p.rng.IntN(len(c.devices))]
	if !p.how.serves(d) || !d.portable && c.trip.away(b.nowMS) || c.trip.lands(b.nowMS) != 0 {
		return c, nil
	}
	return c, d
}

func (a *attack) serves(d *device) bool {
	if a.device == nil {
		return inBrowser(d)
	}
	return a.device(d)
}

// wants says whether a session serves: one in use that may do sensitive things, and whose customer will not log out before the thief
// comes, unless he waits for that.
func (p *plan) wants(b *Bank, s *session) bool {
	switch {
	case s.theft != nil || b.nowMS-s.seenMS > 3*60_000 || s.aal < 2 || !p.how.serves(s.d):
		return false
	case p.how.prey != nil:
		return p.how.prey(b, s)
	}
	return !s.logout
}
