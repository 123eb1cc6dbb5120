package detector

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// The second stage. What is keyed by a user in the first one is keyed here by what is counted over users: a network, a provider, a session
// id, a family of tokens. What fires goes back to the user's partition as a verdict; there it is a finding like any other.

// node is what is known of a network.
type node struct {
	key       key
	last      int64
	came      recurring // users of whom a session began there
	probe     uint32    // slot; 0: no unknown id was shown from it
	thieves   uint32    // slot; 0: no theft from it was confirmed
	newcomer  uint32    // the number of the latest; 0: there was none
	egress    uint32    // slot; 0: nobody who lives far away was seen to come out there
	near      uint32    // users who live near its place
	far       uint32
	network   uint32 // 1: a network; 0: a provider
	residents [maxResidents]resident
	seen      sketch // of users
}

// maxResidents is how many of the latest users and clients that began a session are known of a network.
const maxResidents = 16

// recurring counts what is told once in toldForDays: in the period of so many days that is under way, and in the one before.
type recurring struct {
	period   uint32 // since 1970
	now, ago uint32
}

func (c *recurring) add(ms int64) {
	switch period := periodOf(ms); {
	case period == c.period:
		c.now++
	case period == c.period+1:
		c.period, c.now, c.ago = period, 1, c.now
	case period > c.period:
		c.period, c.now, c.ago = period, 1, 0
	case period+1 == c.period: // an event that came late
		c.ago++
	}
}

func periodOf(ms int64) uint32 { return uint32(max(0, ms) / (toldForDays * dayMS)) }

// of gives the count of the one or the other period, whichever had more.
func (c *recurring) of(ms int64) uint32 {
	switch period := periodOf(ms); {
	case period <= c.period:
		return max(c.now, c.ago)
	case period == c.period+1:
		return c.now
	}
	return 0
}

// customers is how many users are known to begin their sessions on the network.
func (n *node) customers(now int64) uint32 { return n.came.of(now) }

// How many networks are known at a time, and how long a silent one is.
const (
	maxNodes     = 1 << 18
	nodeSilentMS = 30 * 24 * 3600_000
)

// weigh takes an observation.
func (g *Engine) weigh(o *observation) {
	switch kindOf(o.e.Observation.Key) {
	case "ip":
		g.weighNetwork(o)
	case "sid":
		g.asShown(o)
		g.weighShowing(o)
	case "tok":
		g.asShown(o)
		g.weighToken(o)
	case "asn":
		o.node = g.openNode(g.hash.key(nodeKey, o.e.Tenant, o.e.Observation.Key))
		o.node.last = max(o.node.last, o.now)
		g.weighPath(o)
	}
	for k, d := range detectors {
		if d.wakes&o.signals != 0 && d.hears != nil {
			g.weighDetector(o, k, d)
		}
	}
	g.noteToken(o)
}

// kindOf gives what is counted under a key: "ip", "asn", "sid" or "tok".
func kindOf(key string) string {
	kind, _, _ := strings.Cut(key, ":")
	return kind
}

// weighDetector judges an observation by a detector. A rule's conditions, exceptions and modes are the first stage's business: it knows the
// session. What it found by itself is not told again, unless more is known here.
func (g *Engine) weighDetector(o *observation, k int, d *detectorSpec) {
	for _, r := range g.set.ByDetector(k) {
		o.rule = r
		v := r.In(o.segment)
		switch {
		case v.Mode == rules.Off || d.judge(g, o, &v.Params) != fires:
		case d.accuses != nil:
			d.accuses(g, o, &v.Params)
		case !o.e.Observation.Score.Set || o.e.Observation.Score.V < int64(d.weight(g, o, v)):
			d.tells(o, g.report(o, r.ID))
		}
	}
}

// weight is the score of what a detector found.
func (d *detectorSpec) weight(g *Engine, o *observation, v *rules.Variant) int {
	if score := d.explain(g, o, &v.Params).score; score != 0 && score < v.Score {
		return score
	}
	return v.Score
}

// report begins a verdict about the observation's own session and user.
func (g *Engine) report(o *observation, rule string) *Observation {
	e, at := g.send(o.e, ObservationVerdict), &o.e.Record
	e.ID = hashID("v1", at.Topic, strconv.Itoa(int(at.Partition)), strconv.FormatInt(at.Offset, 10), rule, o.e.Session.ID)
	e.Record.Key = cmp.Or(o.e.User.ID, o.e.Session.ID, o.e.Observation.Key)
	e.Observation = o.e.Observation
	e.Observation.Rule, e.Observation.Score = rule, Whole{}
	return &e.Observation
}

// weighNetwork takes what was seen on a network.
func (g *Engine) weighNetwork(o *observation) {
	if !o.e.Client.IP.IsValid() {
		return
	}
	o.node = g.openNode(g.hash.key(nodeKey, o.e.Tenant, o.e.Observation.Key))
	o.node.last, o.node.network = max(o.node.last, o.now), 1
	g.weighPath(o)
	switch seen := &o.e.Observation; seen.Sight {
	case SightBegan:
		o.node.came.add(o.now)
		o.node.settle(resident{parseLook(seen.Look).kind, uint32(g.hash.key(userKey, o.e.Tenant, o.e.User.ID).lo) | 1, seconds(o.now)})
	case SightNewcomer:
		g.arrive(o)
	case SightCame:
		// Of so many who come somewhere only those are kept who come to a thief's network, and whose client is not one of many there.
		if o.node.thieves != 0 && o.node.residentsLike(parseLook(seen.Look).kind) <= maxAlikeThere {
			g.arrive(o)
		}
	case SightConfirmed:
		g.convict(o)
	case "":
		if seen.Of == SessionUnknownID.String() {
			g.weighUnknown(o)
		}
	}
}

func (g *Engine) openNode(k key) *node {
	slot := g.nodeAt[k]
	if slot != 0 && g.clock-g.nodes.at(slot).last > nodeSilentMS {
		g.dropNode(slot)
		slot = 0
	}
	if slot == 0 {
		if g.nodes.live() >= maxNodes {
			g.evictNode()
		}
		slot = g.nodes.take()
		g.nodes.at(slot).key = k
		g.nodeAt[k] = slot
	}
	return g.nodes.at(slot)
}

// evictNode drops the one that was silent longest.
func (g *Engine) evictNode() {
	g.dropNode(g.nodes.victim(&g.nodeHand, (*node).taken, func(a, b *node) bool { return a.last < b.last }))
	g.evicted++
}

func (n *node) taken() bool { return n.key != (key{}) }

func (g *Engine) dropNode(slot uint32) {
	n := g.nodes.at(slot)
	delete(g.nodeAt, n.key)
	g.probes.give(n.probe)
	g.thieves.give(n.thieves)
	g.egresses.give(n.egress)
	g.nodes.give(slot)
}

// forget drops the network under the hand when it has been silent too long, and its unknown ids when it has shown none lately.
func (g *Engine) forget(n *node) {
	switch {
	case g.clock-n.last > nodeSilentMS:
		g.dropNode(g.nodeHand)
	case n.probe != 0 && g.clock/1000-g.probes.at(n.probe).newest[0]*(guessMinuteS/windowBuckets) > probeForgetS:
		g.probes.give(n.probe)
		n.probe = 0
	}
}
