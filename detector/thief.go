package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of confirmed_thief.
const (
	thiefLookBack = iota
	thiefStands
	thiefUnchanged
)

var confirmedThief = detectorSpec{
	Detector: rules.Detector{
		Name: "confirmed_thief",
		Doc: "The client and network of a confirmed theft, in another session that began elsewhere. A theft is confirmed by a proof of replay, a step-up that failed, or an analyst. " +
			"The session's client, or its language, time zone or screen, must have changed as that one came; where all of it fits, the finding is weaker and no proof.",
		Params: []rules.Param{
			{Name: "look_back", Kind: rules.Period, Default: 24 * 3600_000, Min: 60_000, Max: 24 * 3600_000, Doc: "it was in the session so long before the confirmation at most"},
			{Name: "stands", Kind: rules.Period, Default: 24 * 3600_000, Min: 60_000, Max: 7 * 24 * 3600_000, Doc: "or came into it so long after the last one at most: exits change hands"},
			{Name: "unchanged_score", Default: 55, Min: 1, Max: 10_000, Doc: "score where the session's own client looks the same: a step-up; with another witness, such as the customer who goes on at home (concurrent_ips), a revoke"},
		},
		Needs: []string{"client.user_agent", "client.ja4", "device.id"},
		Facts: []rules.Field{
			{Name: "network", Type: rules.String, Doc: "the thief's network"},
			{Name: "sessions", Type: rules.Integer, Doc: "other sessions in which he newly was"},
			{Name: "client_changed", Type: rules.Bool, Doc: "this session's own client is another"},
			{Name: "look_changed", Type: rules.Bool, Doc: "this session's own client is another, or has another language, time zone or screen"},
		},
	},
	wakes:   arrived | convicted,
	judge:   judgeThief,
	missing: alwaysEvaluable,
	explain: explainThief,
	accuses: func(g *Engine, o *observation, p *rules.Params) {
		for x := range g.hauntedBy(o, p) {
			if to := g.accuseOnce(o, x); to != nil {
				to.Network, to.Count = networkOf(o.e.Client.IP).String(), Whole{int64(o.haunted.sessions), true}
			}
		}
	},
	hears: func(o *observation, from *Observation) {
		o.haunted = haunted{network: from.Network, sessions: int(from.Count.V), changed: from.ClientChanged == True, look: from.LookChanged == True}
	},
	spares: sparesHome, // of a confirmed thief it is known that he takes what his victims have: their device.id says nothing for them
}

// haunted is the sessions in which a thief is found again.
type haunted struct {
	network  string
	sessions int
	changed  bool
	look     bool // its language, time zone or screen, at least
}

// maxAlikeThere is how many users may begin their sessions on a thief's network with a client that looks like his, so that one who comes there with
// such a client is held to be him though nothing else speaks against it: behind a carrier's exits one phone looks like the other.
const maxAlikeThere = 2

// thieves are the clients that were confirmed to be thieves' on a network. Only such a network has it.
type thieves struct{ of [4]thief }

type thief struct {
	at      int64 // the last confirmation; 0: free
	session key   // that was his then
	look    look
}

// convict notes the client of a confirmed theft; the one that is longest ago gives way. An observation that does not know what the client looks
// like means the one that newly came to its session.
func (g *Engine) convict(o *observation) {
	session, l := g.hash.key(sessionKey, o.e.Tenant, o.e.Session.ID), parseLook(o.e.Observation.Look)
	if l == (look{}) {
		g.newcomersOf(o.node, o.now-MaxLateMS, func(x *newcomer) {
			if l == (look{}) && x.session == session {
				l = x.look
			}
		})
	}
	if l == (look{}) {
		return
	}
	if o.node.thieves == 0 {
		o.node.thieves = g.thieves.take()
	}
	list := &g.thieves.at(o.node.thieves).of
	oldest := &list[0]
	for i := range list {
		if list[i].at != 0 && list[i].look.like(l) {
			oldest = &list[i]
			break
		}
		if list[i].at < oldest.at {
			oldest = &list[i]
		}
	}
	*oldest = thief{at: max(o.now, oldest.at), session: session, look: l}
	o.signals |= convicted
}

// isThief says whether a newcomer is a thief that is known on the network.
func (g *Engine) isThief(n *node, x *newcomer, p *rules.Params) bool {
	if n.thieves == 0 {
		return false
	}
	for _, t := range g.thieves.at(n.thieves).of {
		if t.at != 0 && t.session != x.session && t.look.like(x.look) && x.at-t.at <= p.MS(thiefStands) && t.at-x.at <= p.MS(thiefLookBack) {
			return true
		}
	}
	return false
}

// hauntedBy gives the newcomers that are a thief's: after a confirmation all of them, else the one that arrived.
func (g *Engine) hauntedBy(o *observation, p *rules.Params) func(func(*newcomer) bool) {
	return func(yield func(*newcomer) bool) {
		if o.signals&convicted == 0 {
			if g.isThief(o.node, o.arrival, p) {
				yield(o.arrival)
			}
			return
		}
		on := true
		g.newcomersOf(o.node, o.now-p.MS(thiefLookBack), func(x *newcomer) {
			if g.isThief(o.node, x, p) {
				on = on && yield(x)
			}
		})
	}
}

func judgeThief(g *Engine, o *observation, p *rules.Params) verdict {
	o.haunted = haunted{}
	for range g.hauntedBy(o, p) {
		o.haunted.sessions++
	}
	if o.haunted.sessions == 0 {
		return silent
	}
	return fires
}

func explainThief(_ *Engine, o *observation, p *rules.Params) explanation {
	h := &o.haunted
	x := explanation{reason: fmt.Sprintf("the client and network (%s) of a confirmed theft", h.network), facts: []Fact{
		{Name: "network", Text: h.network},
		{Name: "sessions", Kind: FactInt, Int: int64(h.sessions)},
		boolFact("client_changed", h.changed),
		boolFact("look_changed", h.look),
	}, nearest: []Fact{bound("sessions", "<", 1)}}
	switch {
	case h.changed:
	case h.look:
		x.reason += "; the client has another language, time zone or screen than this customer's"
	default:
		x.reason += "; the client looks like this customer's own"
		x.score = int(p.Num(thiefUnchanged))
	}
	return x
}
