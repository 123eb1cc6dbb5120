package detector

import "net/netip"

// knownKey is what the second stage may know something of: a network, a provider, or a way between two providers.
type knownKey struct {
	prefix uint64 // of a network; 0: a whole provider, or a way
	tenant uint32 // hash
	asn    uint32 // the provider; of a way, the carrier or the provider of IPv6
	from   uint32 // of a way, the other provider
	kind   Enum   // Knowledge
	v6     uint8  // of a network
	_      [2]uint8
}

// known is what the second stage has told the first: until when, and since when. What was told later counts over what was told before, in
// whatever order the two arrive.
type known struct {
	knownKey
	version uint32
	learned uint32 // Unix seconds
	until   uint32
	users   uint32
	homes   uint16
	used    uint16 // day on which this partition last told that it is in use
	_       [4]uint8
}

// maxKnown bounds what a partition keeps of the second stage's knowledge; what ends first gives way.
const maxKnown = 1 << 13

// adopt takes what the second stage tells all partitions.
func (g *Engine) adopt(e *Event) {
	b := &e.Observation
	k := knownKey{tenant: g.hash.word(e.Tenant), kind: b.Knows, asn: uint32(b.ASN.V), from: uint32(b.FromASN.V)}
	if b.Network != "" {
		p, err := netip.ParsePrefix(b.Network)
		if err != nil {
			return
		}
		n, flags := prefix(p.Addr(), prefixV4, prefixV6)
		k.prefix, k.v6 = n, uint8(flags&networkV6)
	}
	x := g.openKnown(k)
	if x.version < uint32(b.Version.V) {
		x.version, x.learned, x.until = uint32(b.Version.V), seconds(b.LearnedAt.MS), seconds(b.Until.MS)
		x.users, x.homes = uint32(b.LearnedFrom.V), uint16(min(max(b.Homes.V, 0), 1<<16-1))
	}
}

func (g *Engine) openKnown(k knownKey) *known {
	slot := g.knownAt[k]
	if slot == 0 {
		if g.known.live() >= maxKnown {
			g.dropKnown()
		}
		slot = g.known.take()
		g.known.at(slot).knownKey = k
		g.knownAt[k] = slot
	}
	return g.known.at(slot)
}

func (g *Engine) dropKnown() {
	first := uint32(1)
	for slot := first; slot <= g.known.used; slot++ {
		if g.known.at(slot).until < g.known.at(first).until {
			first = slot
		}
	}
	delete(g.knownAt, g.known.at(first).knownKey)
	g.known.give(first)
}

// knowsOf gives what is known of something to a session that began at a time (Unix ms): what was learned later it does not profit from.
// nil for nothing.
func (g *Engine) knowsOf(k knownKey, began int64) *known {
	slot := g.knownAt[k]
	if slot == 0 {
		return nil
	}
	if x := g.known.at(slot); x.learned < seconds(began) && int64(x.until)*1000 > g.clock {
		return x
	}
	return nil
}

// egressKeys are the two ways in which a place may be known as an egress: by its network, and by its provider.
func (g *Engine) egressKeys(tenant string, p *place) [2]knownKey {
	network := networkKnown(p)
	network.tenant, network.kind = g.hash.word(tenant), KnowsEgress
	provider := network
	provider.prefix, provider.v6 = 0, 0
	return [2]knownKey{network, provider}
}

// throughEgress says whether a place is none to a session that began at a time (Unix ms).
func (g *Engine) throughEgress(tenant string, p *place, began int64) bool {
	if len(g.knownAt) == 0 || p.asn == 0 {
		return false
	}
	for _, k := range g.egressKeys(tenant, p) {
		if g.knowsOf(k, began) != nil {
			return true
		}
	}
	return false
}

// ordinaryWay says whether the way between two providers is one that many users' unchanged clients take, and it is this session's own client that
// takes it: a phone between wifi and a carrier, the two address families of one line, or the operators of one relay. It explains the change of provider and nothing else: where
// the session is, it does not say.
func (g *Engine) ordinaryWay(o *observation, from uint32) bool {
	if len(g.knownAt) == 0 || differs(o.s.place.country, o.place.country) || !sameClient(&o.s.client, &o.print, o.s.kind == KindMobileApp) {
		return false
	}
	here, t := o.place.asn, g.hash.word(o.e.Tenant)
	if o.place.flags&placeCellular != 0 || o.s.baseFlags&networkCellular != 0 {
		return o.onPhone() && g.knowsWay(knownKey{tenant: t, kind: KnowsHandover}, here, from, o.s.first)
	}
	if o.s.lastWhy == relayNetwork && o.place.flags&(placeCompany|placeServers) == placeCompany {
		return g.knowsOf(knownKey{tenant: t, kind: KnowsRelay, asn: here, from: anyLine}, o.s.first) != nil
	}
	sixes := (o.place.flags & placeV6) != 0
	return sixes == netip.AddrFrom16(o.s.baseIP).Unmap().Is4() && o.nearBase() && g.knowsWay(knownKey{tenant: t, kind: KnowsTwin}, here, from, o.s.first)
}

// knowsWay looks a way up in both directions.
func (g *Engine) knowsWay(k knownKey, a, b uint32, began int64) bool {
	there, back := k, k
	there.asn, there.from, back.asn, back.from = a, b, b, a
	return g.knowsOf(there, began) != nil || g.knowsOf(back, began) != nil
}

// nearBase says whether nothing tells the event's place from the session's, as far as databases know where lines of IPv6 are.
func (o *observation) nearBase() bool {
	return !isLocated(&o.place) || !isLocated(&o.s.place.place) || haversineM(&o.place, &o.s.place.place) < twinApartM
}

// onPhone says whether the session is one of a phone or tablet: these go between wifi and a carrier.
func (o *observation) onPhone() bool {
	return o.s.kind == KindMobileApp || o.print.class == Phone || o.print.class == Tablet
}
