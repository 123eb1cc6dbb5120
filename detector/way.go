package detector

import (
	"slices"
	"strconv"
	"strings"
)

// way is an edge between two providers that unchanged clients take: wifi and a carrier, the two families of one line that has two providers, or
// a listed relay and an operator of its exits that no list names.
// Two ordinary fixed lines are never one: a thief's residential proxy is an ordinary fixed line.
type way struct {
	knownKey
	first   uint32 // Unix seconds
	last    uint32
	learned uint32
	until   uint32
	version uint32
	users   [wayUsers]uint32 // the first ones
	seen    sketch
	_       [4]uint8
}

const (
	wayUsers = 10 // of a handover or twin
	maxWays  = 1 << 13
)

// takesWay takes a user's way between two providers.
func (g *Engine) takesWay(o *observation, kind Enum) {
	asn, from := asnOf(o.e.Observation.Key), o.e.Observation.FromASN
	if !asn.Set || !from.Set || from.V <= 0 || from.V >= 1<<32 || o.e.User.ID == "" {
		return
	}
	w := g.openWay(knownKey{tenant: g.hash.word(o.e.Tenant), asn: uint32(asn.V), from: uint32(from.V), kind: kind})
	now, user := seconds(o.now), g.userMark(o)
	w.first, w.last = min(w.first, now), max(w.last, now)
	w.seen.add(user)
	if i := slices.Index(w.users[:], 0); i >= 0 && !slices.Contains(w.users[:], user) {
		w.users[i] = user
	}
	switch {
	case w.learned == 0 && w.users[w.enough()-1] != 0 && w.last-w.first >= egressOver:
		w.learned = seconds(g.clock)
		g.tellLearnedWay(o, w)
	case w.learned != 0 && w.last+egressForgets >= w.until+egressRenews:
		g.tellLearnedWay(o, w)
	}
}

// enough is how many users must take a way. From a relay that lists know fewer do: its customers are many, and those who lend a thief a line are not
// among them.
func (w *way) enough() int {
	if w.kind == KnowsRelay {
		return egressUsers
	}
	return wayUsers
}

func (g *Engine) tellLearnedWay(o *observation, w *way) {
	w.until, w.version = w.last+egressForgets, max(seconds(g.clock), w.version+1)
	to := g.announce(o, w.kind, w.learned, w.until, w.version)
	to.FromASN, to.LearnedFrom = Whole{int64(w.from), true}, Whole{int64(w.count()), true}
}

// count is how many users took the way: exact up to ten.
func (w *way) count() int {
	if i := slices.Index(w.users[:], 0); i >= 0 {
		return i
	}
	return max(wayUsers, w.seen.count())
}

func (g *Engine) openWay(k knownKey) *way {
	slot := g.wayAt[k]
	if slot == 0 {
		if g.ways.live() >= maxWays {
			g.dropWay()
		}
		slot = g.ways.take()
		g.wayAt[k] = slot
		*g.ways.at(slot) = way{knownKey: k, first: 1<<32 - 1}
	}
	w := g.ways.at(slot)
	if w.last != 0 && int64(w.last)+egressForgets < g.clock/1000 {
		*w = way{knownKey: k, first: 1<<32 - 1, version: w.version}
	}
	return w
}

// dropWay makes room: what is not learned goes first, then what was taken longest ago.
func (g *Engine) dropWay() {
	worst := uint32(1)
	for slot := worst; slot <= g.ways.used; slot++ {
		if g.ways.at(slot).worth() < g.ways.at(worst).worth() {
			worst = slot
		}
	}
	delete(g.wayAt, g.ways.at(worst).knownKey)
	g.ways.give(worst)
}

func (w *way) worth() int64 {
	if w.learned != 0 {
		return int64(w.last) + 1<<32
	}
	return int64(w.last)
}

// asnOf reads a provider's number from the key that it is counted under.
func asnOf(key string) Whole {
	text, isASN := strings.CutPrefix(key, "asn:")
	n, err := strconv.ParseUint(text, 10, 32)
	return Whole{int64(n), isASN && err == nil && n > 0}
}
