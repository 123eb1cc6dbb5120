package detector

// An egress is a provider through whose exits people of many places come out: a company's VPN, a SASE. Its address says nothing of where
// the customer is, although no list names it. It is learned inside the partition, from what honest clients do:
//
//   - a session goes, within half an hour and with an unchanged client, from one fixed network to another provider, and nothing above arm is
//     found (or a step-up is passed there);
//   - at least 5 users did so, over at least a day, and at least 3 of them came from homes far from each other and out at one and the same
//     exit.
//
// The last condition is what sets an egress apart from a provider that is merely large. The exits of a residential provider are where its
// customers are: whoever goes over to it at a friend's comes out in the town that he was in a minute ago. Where people were before (a minute
// ago, not where they live) is what counts, so a traveller in a hotel does not make the hotel's provider an egress; and a cellular network is
// never one, nor a place to come from: its gateways are far from its phones, as its radius says already, and a carrier keeps its country.
//
// Learned and used are two things: a session that began before an egress was learned does not profit from it.
type egress struct {
	asn     uint32
	first   uint32 // Unix seconds of the first move since it was last forgotten
	last    uint32
	learned uint32 // since when it has no place; 0: not yet
	movers  [8]mover
}

// mover is the latest move of one user to a provider.
type mover struct {
	user     uint32 // of the user's key; 0 is free
	at       uint32 // Unix seconds
	from, to spot
}

// spot is a place to a tenth of a degree, or where coordinates are not known a country.
type spot struct {
	lat, lon int16
	country  uint16
	located  uint16
}

const (
	egressUsers    = 5
	egressHomes    = 3
	egressOver     = 24 * 3600 // s
	egressForgets  = 30 * 24 * 3600
	egressMoveMS   = 30 * 60_000
	egressApartM   = 100_000 // two homes, or two exits: farther than the databases err within one town
	maxEgresses    = 1 << 10
	egressTenthDeg = 100_000 // micro-degrees
)

// spotOf gives a place as coarsely as homes are compared.
func spotOf(p *place) spot {
	s := spot{country: p.country}
	if isLocated(p) {
		s.lat, s.lon, s.located = int16(p.lat/egressTenthDeg), int16(p.lon/egressTenthDeg), 1
	}
	return s
}

// apart says whether two spots are surely not one place.
func (s spot) apart(t spot) bool {
	if s.located&t.located == 0 {
		return differs(s.country, t.country)
	}
	a := place{lat: int32(s.lat) * egressTenthDeg, lon: int32(s.lon) * egressTenthDeg}
	b := place{lat: int32(t.lat) * egressTenthDeg, lon: int32(t.lon) * egressTenthDeg}
	return haversineM(&a, &b) > egressApartM
}

// egressOf gives what is known of a provider's exits; nil for nothing.
func (g *Engine) egressOf(asn uint32) *egress {
	slot := g.egressAt[asn]
	if slot == 0 || asn == 0 {
		return nil
	}
	x := g.egresses.at(slot)
	if int64(x.last)+egressForgets < g.clock/1000 {
		return nil
	}
	return x
}

// throughEgress says whether a provider has no place for a session that began at a time (Unix ms).
func (g *Engine) throughEgress(asn uint32, began int64) bool {
	x := g.egressOf(asn)
	return x != nil && x.learned != 0 && x.learned < seconds(began)
}

// comesOut takes a user's move between two places into what is known of the provider that he moved to.
func (g *Engine) comesOut(o *observation, from, to *place) {
	if from.flags&placeCellular != 0 || to.flags&placeCellular != 0 || from.flags&^to.flags&(placeCompany|placeServers) != 0 {
		return // a customer who leaves a company's exits comes out at home: several who do make no egress of his town's provider
	}
	x := g.openEgress(to.asn)
	now := seconds(o.now)
	x.first, x.last = min(x.first, now), max(x.last, now)
	x.move(mover{user: uint32(o.u.key.lo) | 1, at: now, from: spotOf(from), to: spotOf(to)})
	if x.learned == 0 && x.last-x.first >= egressOver && x.mixes() {
		x.learned = now
	}
}

// stillUsed keeps a learned egress from being forgotten.
func (g *Engine) stillUsed(asn uint32, now int64) {
	if x := g.egressOf(asn); x != nil && x.learned != 0 {
		x.last = max(x.last, seconds(now))
	}
}

func (g *Engine) openEgress(asn uint32) *egress {
	if x := g.egressOf(asn); x != nil {
		return x
	}
	slot := g.egressAt[asn]
	if slot == 0 {
		if g.egresses.live() >= maxEgresses {
			g.dropEgress()
		}
		slot = g.egresses.take()
		g.egressAt[asn] = slot
	}
	x := g.egresses.at(slot)
	*x = egress{asn: asn, first: 1<<32 - 1}
	return x
}

// dropEgress makes room: what is not learned goes first, then what was used longest ago.
func (g *Engine) dropEgress() {
	worst := uint32(0)
	for slot := uint32(1); slot <= g.egresses.used; slot++ {
		x := g.egresses.at(slot)
		if x.asn != 0 && (worst == 0 || x.worth() < g.egresses.at(worst).worth()) {
			worst = slot
		}
	}
	delete(g.egressAt, g.egresses.at(worst).asn)
	g.egresses.give(worst)
}

func (x *egress) worth() int64 {
	if x.learned != 0 {
		return int64(x.last) + 1<<32
	}
	return int64(x.last)
}

// move notes a user's latest move, over his own older one, else over the oldest.
func (x *egress) move(m mover) {
	oldest := 0
	for i := range x.movers {
		if x.movers[i].user == m.user {
			x.movers[i] = m
			return
		}
		if x.movers[i].at < x.movers[oldest].at {
			oldest = i
		}
	}
	x.movers[oldest] = m
}

// disown forgets a user's move: something was found there.
func (g *Engine) disown(o *observation) {
	x := g.egressOf(o.place.asn)
	if x == nil {
		return
	}
	for i := range x.movers {
		if x.movers[i].user == uint32(o.u.key.lo)|1 {
			x.movers[i] = mover{}
		}
	}
}

// mixes says whether enough users moved here, and people of enough homes came out at one exit.
func (x *egress) mixes() bool {
	users, homes := 0, 0
	for i := range x.movers {
		if x.movers[i].user != 0 {
			users++
			homes = max(homes, x.homesAt(x.movers[i].to))
		}
	}
	return users >= egressUsers && homes >= egressHomes
}

// homesAt counts the homes, each far from the others, from which users came out at one exit.
func (x *egress) homesAt(exit spot) int {
	var homes [len(x.movers)]spot
	n := 0
next:
	for i := range x.movers {
		m := &x.movers[i]
		if m.user == 0 || m.to.apart(exit) {
			continue
		}
		for _, h := range homes[:n] {
			if !m.from.apart(h) {
				continue next
			}
		}
		homes[n] = m.from
		n++
	}
	return n
}
