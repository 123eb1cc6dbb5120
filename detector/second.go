package detector

import (
	"strconv"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// The second stage. What is keyed by a user in the first one is keyed here by what is counted over users: a network, a provider, a session
// id, a family of tokens. What fires goes back to the user's partition as a verdict; there it is a finding like any other.

// node is what is known of a network.
type node struct {
	key     key
	last    int64
	guesses guesses60
	seen    sketch // of users
	near    uint32 // users who live near its place
	far     uint32
	egress  uint32 // slot; 0: nobody who lives far away was seen to come out there
	network uint32 // 1: a network; 0: a provider
}

// How many networks are known at a time, and how long a silent one is.
const (
	maxNodes     = 1 << 18
	nodeSilentMS = 30 * 24 * 3600_000
)

// weigh takes an observation.
func (g *Engine) weigh(o *observation) {
	kind, _, _ := strings.Cut(o.e.Observation.Key, ":")
	switch kind {
	case "ip":
		g.weighNetwork(o)
	case "asn":
		o.node = g.openNode(g.hash.key(nodeKey, o.e.Tenant, o.e.Observation.Key))
		o.node.last = max(o.node.last, o.now)
		g.weighPath(o)
	}
	for k, d := range detectors {
		if d.wakes&o.signals != 0 && d.tells != nil {
			g.weighDetector(o, k, d)
		}
	}
}

// weighDetector judges an observation by a detector. A rule's conditions, exceptions and modes are the first stage's business: it knows the
// session.
func (g *Engine) weighDetector(o *observation, k int, d *detectorSpec) {
	for _, r := range g.set.ByDetector(k) {
		if v := r.In(o.segment); v.Mode != rules.Off && d.judge(g, o, &v.Params) == fires {
			d.tells(o, g.report(o, r.ID))
		}
	}
}

// report begins a verdict about the observation's own session and user.
func (g *Engine) report(o *observation, rule string) *Observation {
	e, at := g.send(o.e, ObservationVerdict), &o.e.Record
	e.ID = hashID("v1", at.Topic, strconv.Itoa(int(at.Partition)), strconv.FormatInt(at.Offset, 10), rule, o.e.Session.ID)
	if e.Record.Key = o.e.User.ID; e.Record.Key == "" {
		e.Record.Key = o.e.Observation.Key
	}
	e.Observation = o.e.Observation
	e.Observation.Rule = rule
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
	if o.e.Observation.Of == SessionUnknownID.String() {
		o.signals |= guessed
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

// evictNode drops, of the next few networks under the hand, the one that was silent longest.
func (g *Engine) evictNode() {
	var best uint32
	for tries := 0; tries < 16 || best == 0; tries++ {
		g.nodeHand = g.nodeHand%g.nodes.used + 1
		if x := g.nodes.at(g.nodeHand); x.key != (key{}) && (best == 0 || x.last < g.nodes.at(best).last) {
			best = g.nodeHand
		}
	}
	g.dropNode(best)
	g.evicted++
}

func (g *Engine) dropNode(slot uint32) {
	delete(g.nodeAt, g.nodes.at(slot).key)
	g.egresses.give(g.nodes.at(slot).egress)
	g.nodes.give(slot)
}

// sweepNodes looks at one network, and forgets it when it has been silent too long.
func (g *Engine) sweepNodes() {
	if g.nodes.used == 0 {
		return
	}
	g.nodeHand = g.nodeHand%g.nodes.used + 1
	if x := g.nodes.at(g.nodeHand); x.key != (key{}) && g.clock-x.last > nodeSilentMS {
		g.dropNode(g.nodeHand)
	}
}
