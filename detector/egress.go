package detector

import (
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// An egress is a network or provider through whose exits people of many places come out: a company's VPN, a SASE, cloud PCs. Its address says
// nothing of where the customer is, although no list names it. It is learned in the second stage, where all users of a network meet, from what
// honest clients do (path.go):
//
//   - a user's unchanged client goes, within half an hour, from his home to an exit far from it; or his own device begins a session among servers
//     far from his home; and no more than arm stands against the session;
//   - at least 5 users did so, over at least a day, and at least 3 of them from homes far from each other came out at one and the same exit;
//   - of all who were seen to go there, at least a quarter live far away.
//
// The last two conditions set an egress apart from a provider that is merely large. The exits of a residential provider are where its customers
// are: who goes over to it comes out where he lives. A few come out elsewhere, because a database misplaces them. A carrier is never an egress, for its
// gateways are far from its phones, as its radius says already. Of a hosting provider only the network is learned, never all of it.
//
// Where a secure web gateway takes everybody to the nearest exit, its users live near it, and only now and then one comes out elsewhere. It is
// learned by these: at least 5 users, and one in eight, whose unchanged client goes from one of a company's exits to another one faster than
// anybody travels, over at least a day.
//
// Learned and used are two things: a session that began before an egress was learned does not profit from it (knowledge.go).
type egress struct {
	asn     uint32
	first   uint32 // Unix seconds of the first who lives far away
	last    uint32
	learned uint32 // since when it has no place; 0: not yet
	until   uint32 // until when the first stage was told that it has none
	version uint32 // of what it was told
	hopping uint32 // Unix seconds of the first who hopped from exit to exit
	hoppers [12]uint32
	movers  [24]mover
}

// mover is the latest way of one user to an exit far from his home.
type mover struct {
	user       uint32 // of the user's key; 0 is free
	at         uint32 // Unix seconds
	name       uint32 // of the home, as a number of Engine.names
	home, exit spot
}

const (
	egressUsers    = 5
	egressHomes    = 3
	egressOver     = 24 * 3600 // s
	egressFarShare = 4         // of those who go there one in so many must live far away, and half as many for it to stay learned
	egressForgets  = 30 * 24 * 3600
	egressRenews   = 10 * 24 * 3600 // how much longer it must be in use for the first stage to be told
	egressMoveMS   = 30 * 60_000
	maxEgresses    = 1 << 14
)

// weighPath takes a way that ends at the observation's network or provider.
func (g *Engine) weighPath(o *observation) {
	g.locate(o)
	g.countUser(o)
	switch o.e.Observation.Path {
	case PathMove, PathStart:
		g.comesOut(o)
	case PathHop:
		g.hops(o)
	case PathHandover:
		g.takesWay(o, KnowsHandover)
	case PathTwin:
		g.takesWay(o, KnowsTwin)
	case PathRelay:
		g.takesWay(o, KnowsRelay)
	case PathUse:
		if x := g.egressOf(o.node); x != nil && x.learned != 0 {
			x.last = max(x.last, seconds(o.now))
			g.conclude(o, x)
		}
	case PathFound:
		if x := g.egressOf(o.node); x != nil {
			g.disown(o, x)
		}
	}
}

// comesOut takes a user's way to a network into what is known of it.
func (g *Engine) comesOut(o *observation) {
	home, known := homeOf(&o.e.Observation)
	if !known || o.e.User.ID == "" {
		return
	}
	far, _ := home.awayFrom(&o.place)
	x, user, now := g.openEgress(o.node), g.userMark(o), seconds(o.now)
	if x.asn != o.place.asn { // a network that changed hands
		if x.learned != 0 {
			return
		}
		*x = egress{first: 1<<32 - 1, version: x.version, asn: o.place.asn}
	}
	x.last = max(x.last, now)
	if far {
		x.first = min(x.first, now)
		x.move(mover{user: user, at: now, home: home, exit: spotOf(&o.place), name: g.names.number(o.e.Observation.HomeCity)})
	}
	g.conclude(o, x)
}

// hops takes into what is known of a provider that a user's client went from exit to exit.
func (g *Engine) hops(o *observation) {
	if o.e.User.ID == "" {
		return
	}
	x, user, now := g.openEgress(o.node), g.userMark(o), seconds(o.now)
	if x.asn == 0 {
		x.asn = o.place.asn
	}
	if x.last = max(x.last, now); x.hopping == 0 || now < x.hopping {
		x.hopping = now
	}
	if i := slices.Index(x.hoppers[:], 0); i >= 0 && !slices.Contains(x.hoppers[:], user) {
		x.hoppers[i] = user
	}
	g.conclude(o, x)
}

// rotates says whether a provider's exits change under its users: at least 5 hopped over at least a day, and one in eight of those who were seen
// there. The users of a gateway may all live near the exit that they commonly take.
func (x *egress) rotates(n *node) bool {
	hoppers := x.hopped()
	return hoppers >= egressUsers && x.last-x.hopping >= egressOver && (hoppers == len(x.hoppers) || hoppers*2*egressFarShare >= n.seen.count())
}

// hopped is how many users went from exit to exit, at most as many as are kept.
func (x *egress) hopped() int {
	if i := slices.Index(x.hoppers[:], 0); i >= 0 {
		return i
	}
	return len(x.hoppers)
}

// userMark is how a network knows a user: half of his key.
func (g *Engine) userMark(o *observation) uint32 {
	return uint32(g.hash.key(userKey, o.e.Tenant, o.e.User.ID).lo) | 1
}

// conclude learns an egress, withdraws it, or tells that it is in use still.
func (g *Engine) conclude(o *observation, x *egress) {
	switch {
	case x.learned == 0 && (x.last-min(x.first, x.last) >= egressOver && x.mixes() && o.node.serves(egressFarShare) || x.rotates(o.node)):
		x.learned = seconds(g.clock)
		g.tellEgress(o, x, x.last+egressForgets)
	case x.learned != 0 && !o.node.serves(egressFarShare*2) && !x.rotates(o.node):
		g.withdraw(o, x)
	case x.learned != 0 && x.last+egressForgets >= x.until+egressRenews:
		g.tellEgress(o, x, x.last+egressForgets)
	}
}

// withdraw takes back that a network has no place.
func (g *Engine) withdraw(o *observation, x *egress) {
	g.tellEgress(o, x, seconds(g.clock))
	x.learned, x.until = 0, 0
}

// tellEgress tells the first stage, in all partitions, until when (Unix seconds) a network has no place.
func (g *Engine) tellEgress(o *observation, x *egress, until uint32) {
	x.until, x.version = until, max(seconds(g.clock), x.version+1)
	to := g.announce(o, KnowsEgress, x.learned, until, x.version)
	to.ASN = Whole{int64(x.asn), true}
	to.LearnedFrom, to.Homes = Whole{int64(o.node.users(x)), true}, Whole{int64(x.homes()), true}
}

// egressOf gives what is known of a node's exits; nil for nothing.
func (g *Engine) egressOf(n *node) *egress {
	if n == nil || n.egress == 0 {
		return nil
	}
	x := g.egresses.at(n.egress)
	if int64(x.last)+egressForgets < g.clock/1000 {
		return nil
	}
	return x
}

func (g *Engine) openEgress(n *node) *egress {
	if x := g.egressOf(n); x != nil {
		return x
	}
	if n.egress == 0 {
		if g.egresses.live() >= maxEgresses {
			g.dropEgress(g.nodeAt[n.key])
		}
		n.egress = g.egresses.take()
	}
	x := g.egresses.at(n.egress)
	*x = egress{first: 1<<32 - 1, version: x.version}
	return x
}

// dropEgress makes room for a node: of the next few that follow it, what is not learned goes first, then what was used longest ago.
func (g *Engine) dropEgress(slot uint32) {
	var worst *node
	for seen, left := 0, g.nodes.used; seen < 16 && left > 0; left-- {
		slot = slot%g.nodes.used + 1
		if n := g.nodes.at(slot); n.egress != 0 {
			seen++
			if worst == nil || g.egresses.at(n.egress).worth() < g.egresses.at(worst.egress).worth() {
				worst = n
			}
		}
	}
	if worst != nil {
		g.egresses.give(worst.egress)
		worst.egress = 0
	}
}

func (x *egress) worth() int64 {
	if x.learned != 0 {
		return int64(x.last) + 1<<32
	}
	return int64(x.last)
}

// move notes a user's latest way, over his own older one; else over the oldest of those that another like it stands for, so that many users of
// one town do not push out the few of others.
func (x *egress) move(m mover) {
	victim := -1
	for i := range x.movers {
		n := &x.movers[i]
		if n.user == m.user || n.user == 0 {
			*n = m
			return
		}
		if x.hasTwin(i) && (victim < 0 || n.at < x.movers[victim].at) {
			victim = i
		}
	}
	if victim < 0 {
		victim = 0
		for i := range x.movers {
			if x.movers[i].at < x.movers[victim].at {
				victim = i
			}
		}
	}
	x.movers[victim] = m
}

// hasTwin says whether another mover has the home of one.
func (x *egress) hasTwin(i int) bool {
	for j := range x.movers {
		if j != i && x.movers[j].user != 0 && !x.movers[j].home.apart(x.movers[i].home, 0) {
			return true
		}
	}
	return false
}

// disown forgets a user's way: more than arm was found there. An egress that too few are left for is withdrawn.
func (g *Engine) disown(o *observation, x *egress) {
	user, left := g.userMark(o), 0
	for i := range x.movers {
		switch x.movers[i].user {
		case user:
			x.movers[i] = mover{}
		case 0:
		default:
			left++
		}
	}
	if x.learned != 0 && left < egressUsers {
		g.withdraw(o, x)
	}
}

// mixes says whether enough users came out here, and people of enough homes at one exit.
func (x *egress) mixes() bool {
	users, homes := 0, 0
	for i := range x.movers {
		if x.movers[i].user != 0 {
			users++
			homes = max(homes, x.homesAt(&x.movers[i].exit))
		}
	}
	return users >= egressUsers && homes >= egressHomes
}

// homes counts the homes, each far from the others, of the users who came out here.
func (x *egress) homes() int { return x.homesAt(nil) }

// homesAt counts them at one exit; nil stands for all.
func (x *egress) homesAt(exit *spot) int {
	var homes []spot
	for i := range x.movers {
		m := &x.movers[i]
		if m.user == 0 || exit != nil && m.exit.apart(*exit, 0) {
			continue
		}
		if !slices.ContainsFunc(homes, func(h spot) bool { return !m.home.apart(h, 0) }) {
			homes = append(homes, m.home)
		}
	}
	return len(homes)
}

// users estimates how many users were seen at a network or provider. The movers are exact.
func (n *node) users(x *egress) int {
	movers := 0
	for i := 0; x != nil && i < len(x.movers); i++ {
		if x.movers[i].user != 0 {
			movers++
		}
	}
	return max(movers, n.seen.count())
}

// countUser counts a user by where he lives: near the network's place, or far from it.
func (g *Engine) countUser(o *observation) {
	home, known := homeOf(&o.e.Observation)
	if !known || o.e.User.ID == "" || !o.node.seen.add(g.userMark(o)) {
		return
	}
	switch far, near := home.awayFrom(&o.place); {
	case far:
		o.node.far++
	case near:
		o.node.near++
	}
}

// serves says whether one in so many of those who were seen to go to a provider lives far away. A network needs no such share: its visitors stay
// where it is, and nobody but an egress's users comes to it from far away in half an hour.
func (n *node) serves(share uint32) bool {
	return n.network != 0 || n.far*share >= n.far+n.near
}

func (x *egress) sound(names uint32) bool {
	for i := range x.movers {
		if x.movers[i].name > names {
			return false
		}
	}
	return true
}

// sketch counts distinct users in 512 bits: linear counting (Whang, Vander-Zanden and Taylor, 1990). A dozen users are counted exactly nine times in ten, 500 to about
// 4 %, 2,000 to about 10 %; full, it counts no further.
type sketch [16]uint32

// add says whether a user is surely new.
func (s *sketch) add(user uint32) bool {
	bit := user * 0x9e3779b1 >> (32 - 9)
	word, mask := &s[bit/32], uint32(1)<<(bit%32)
	fresh := *word&mask == 0
	*word |= mask
	return fresh
}

func (s *sketch) count() int {
	free := 0
	for _, w := range s {
		free += bits.OnesCount32(^w)
	}
	m := float64(len(s) * 32)
	return int(math.Round(m * math.Log(m/float64(max(free, 1)))))
}

// announce begins a verdict of no user, for all partitions: what is known of the network, the provider or the way that an observation is about.
func (g *Engine) announce(o *observation, knows Enum, learned, until, version uint32) *Observation {
	at := &o.e.Record
	g.out.Observations = append(g.out.Observations, Event{Source: Source, Type: ObservationVerdict, TypeName: ObservationVerdict.String(),
		ID: hashID("n1", at.Topic, strconv.Itoa(int(at.Partition)), strconv.FormatInt(at.Offset, 10), o.e.Observation.Key, Knowledge[knows-1]), TimeMS: o.now, Record: Record{TimeMS: o.e.Record.TimeMS}, Tenant: o.e.Tenant})
	to, from := &g.out.Observations[len(g.out.Observations)-1].Observation, &o.e.Observation
	*to = Observation{Key: from.Key, Of: from.Of, EventID: from.EventID, EventSource: from.EventSource, Knows: knows,
		LearnedAt: Moment{int64(learned) * 1000, true}, Until: Moment{int64(until) * 1000, true}, Version: Whole{int64(version), true}}
	to.Network, _ = strings.CutPrefix(from.Key, "ip:")
	if to.ASN = asnOf(from.Key); to.ASN.Set {
		to.Network = ""
	}
	return to
}
