package detector

import (
	"encoding/binary"
	"strconv"

	"github.com/dchest/siphash"

	"github.com/sessionguard/sessionguard/rules"
)

// What the first stage tells of the ways that its users' unchanged clients take, so that the second one learns the networks (egress.go, way.go).
// A way is told when it shows something and at most once in two weeks for each user, and only where no more than arm stands against the session.

// useToldDays is how many days pass before a partition tells again that a learned egress is in use: short of those for which that renews it
// (egressRenews), and each partition tells.
const useToldDays = 5

// awayFrom says whether a place is surely far from a home, and whether it is surely near. Where the databases do not know a place to the town it
// is neither.
func (s spot) awayFrom(p *place) (away, near bool) {
	here, slack := spotOf(p), int64(0)
	if p.flags&placeRadius != 0 {
		slack = int64(p.radius)
	}
	if slack > spotApartM {
		return false, false
	}
	return s.apart(here, slack), !s.apart(here, 0)
}

// tellMove tells that the user's unchanged client went, within half an hour, from one provider to another: between wifi and a carrier; from his
// home to an exit far from it; or to where he lives. Who was elsewhere than at home shows nothing: a traveller's hotel is where he is. And who
// leaves a company's exits comes out at home.
func (g *Engine) tellMove(o *observation, from *place) {
	to, h := &o.place, &o.u.home
	if (from.flags^to.flags)&placeCellular != 0 && !differs(from.country, to.country) && o.onPhone() {
		if carrier, line := to.asn, from.asn; to.flags&placeCellular != 0 {
			g.tellWay(o, PathHandover, carrier, line)
		} else {
			g.tellWay(o, PathHandover, line, carrier)
		}
	}
	if h.votes == 0 || to.flags&placeCellular != 0 {
		return
	}
	away, near := h.awayFrom(to)
	if away && (from.flags&placeCellular != 0 || h.apart(spotOf(from), 0) || from.flags&^to.flags&(placeCompany|placeServers) != 0) || !away && !near {
		return
	}
	if away {
		g.tellPath(o, PathMove, networkKnown(to), from.asn, true)
	}
	if to.flags&placeServers == 0 { // of a hosting provider only the network is learned: its other customers are thieves
		g.tellPath(o, PathMove, knownKey{asn: to.asn}, from.asn, away)
	}
}

// tellHop tells that the user's unchanged client came out, faster than anybody travels, at another exit of one company's network: a gateway that
// rotates its exits. Of a dual line's two families databases may err in one.
func (g *Engine) tellHop(o *observation, from *place) {
	to, elapsed := &o.place, o.now-o.s.place.to
	slack := int64(from.radius) + int64(to.radius) // 0 where not known
	if from.asn == 0 || from.asn != to.asn || from.flags&to.flags&placeCompany == 0 || (from.flags^to.flags)&placeV6 != 0 || slack > spotApartM ||
		!isLocated(from) || !isLocated(to) {
		return
	}
	if d := haversineM(from, to) - slack; d > spotApartM && d > elapsed*1000/3600 { // 1000 km/h
		g.tellPath(o, PathHop, knownKey{asn: to.asn}, from.asn, true)
	}
}

// tellStart tells that a session began among servers far from the user's home, on a device that has been his for a day: a cloud PC, or a gateway
// that a list calls a hosting provider's. Nobody stays there himself.
func (g *Engine) tellStart(o *observation) {
	if o.place.flags&placeServers == 0 || o.travelWhy != 0 || o.u.home.votes == 0 || !o.u.owns(o.print.device, o.now, learnedAfterMS) ||
		g.stands(o, rules.RequireReauth) {
		return
	}
	if away, _ := o.u.home.awayFrom(&o.place); away {
		g.tellPath(o, PathStart, networkKnown(&o.place), 0, true)
	}
}

// tellTwin tells that the session's unchanged client showed both address families within seconds, by two providers.
func (g *Engine) tellTwin(o *observation) {
	if o.signals&newAddress == 0 || o.signals&networkChanged != 0 || !o.personal() || !differs(o.s.lastASN, o.place.asn) ||
		o.place.flags&placeCellular != 0 || o.s.lastFlags&networkCellular != 0 {
		return
	}
	if g.tellRelay(o); o.s.lastWhy.placeless() || o.travelWhy.placeless() {
		return
	}
	if four, six := o.s.lastASN, o.place.asn; o.place.flags&placeV6 != 0 {
		g.tellWay(o, PathTwin, six, four)
	} else {
		g.tellWay(o, PathTwin, four, six)
	}
}

// tellRelay tells that the session's unchanged client came from a listed relay to a company's network that no list names: a relay has exits of
// several operators.
func (g *Engine) tellRelay(o *observation) {
	s := o.s
	if o.signals&newAddress == 0 || o.late || !o.personal() || s.lastWhy != relayNetwork || o.now-s.lastIPAt > egressMoveMS ||
		o.place.flags&(placeCompany|placeServers) != placeCompany || o.travelWhy.placeless() || !differs(s.lastASN, o.place.asn) ||
		g.stands(o, rules.RequireReauth) || !sameClient(&s.client, &o.print, s.kind == KindMobileApp) {
		return
	}
	g.tellWay(o, PathRelay, o.place.asn, anyLine)
}

// tellWay tells of a way between two providers, under the number of the carrier, of IPv6, or of the exit.
func (g *Engine) tellWay(o *observation, path Enum, asn, from uint32) {
	g.tellPath(o, path, knownKey{asn: asn, from: from}, from, false)
}

// tellUse tells, every few days, that a learned egress is in use still: its users' moves show nothing any more.
func (g *Engine) tellUse(o *observation) {
	for _, k := range g.egressKeys(o.e.Tenant, &o.place) {
		if x := g.knowsOf(k, o.s.first); x != nil && x.used+useToldDays <= day(o.now) {
			x.used = day(o.now)
			g.tell(o, pathKey(&k, o)).Path = PathUse
		}
	}
}

// tellFound tells that more than arm was found where the user was told to come out.
func (g *Engine) tellFound(o *observation) {
	if o.e.User.ID == "" {
		return
	}
	for _, k := range g.egressKeys(o.e.Tenant, &o.place) {
		k.tenant, k.kind = 0, 0
		if wasTold(&g.told, g.hash.path(PathMove, o.u.key, &k), o.now) || wasTold(&g.told, g.hash.path(PathStart, o.u.key, &k), o.now) {
			g.tell(o, pathKey(&k, o)).Path = PathFound
		}
	}
}

// tellPath tells of a way to where it is learned, unless it was told within two weeks; what shows an egress, which few do, often: once a day, for it
// must be seen on two.
func (g *Engine) tellPath(o *observation, path Enum, on knownKey, from uint32, often bool) {
	if o.e.User.ID == "" || g.mute {
		return
	}
	pair := g.hash.path(path, o.u.key, &on)
	fresh := tellOnce(&g.told, maxToldSets, pair, o.now)
	if often && tellOnce(&g.told, maxToldSets, g.hash.change('w', uint32(pair), uint32(pair>>32), uint32(day(o.now))), o.now) {
		fresh = true
	}
	if !fresh {
		return
	}
	to := g.tell(o, pathKey(&on, o))
	to.Path, to.FromASN = path, Whole{int64(from), from != 0}
	g.tellHome(&o.u.home, to)
}

// pathKey is the Kafka key under which a provider, or the event's network, is learned.
func pathKey(k *knownKey, o *observation) string {
	if k.prefix == 0 {
		return "asn:" + strconv.FormatUint(uint64(k.asn), 10)
	}
	return networkKey(o.e.Client.IP)
}

// networkKnown names a place's network.
func networkKnown(p *place) knownKey {
	n := p.network()
	return knownKey{prefix: n.prefix, asn: p.asn, v6: uint8(n.flags & networkV6)}
}

// path hashes that a user took a way to a network or provider.
func (h *hasher) path(path Enum, user key, on *knownKey) uint64 {
	b := append(h.buf[:0], pathTold, byte(path), on.v6)
	b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, user.hi), user.lo)
	b = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(b, on.prefix), on.asn)
	b = binary.LittleEndian.AppendUint32(b, on.from)
	h.buf = b
	return siphash.Hash(h.k0, h.k1, b)
}
