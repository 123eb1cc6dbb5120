package detector

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of fleet_takeover.
const (
	fleetUsers = iota
	fleetWindow
	fleetResidents
)

var fleetTakeover = detectorSpec{
	Detector: rules.Detector{
		Name: "fleet_takeover",
		Doc: "One client shows up, within the window, in sessions of several users that began elsewhere: whoever bought their cookies tries them. A session counts only when its client " +
			"changed with the move, or when one device.id is in sessions of different users; and not on a network where clients like it begin sessions: an office, a carrier, a company's exit.",
		Params: []rules.Param{
			{Name: "min_users", Default: 3, Min: 2, Max: 100, Doc: "users in whose sessions it newly is (a proposal)"},
			{Name: "window", Kind: rules.Period, Default: 60 * 60_000, Min: 60_000, Max: 24 * 3600_000, Doc: "from the first of them to the last (a proposal)"},
			{Name: "max_residents", Default: 2, Min: 0, Max: maxResidents, Doc: "while no more users than this begin their sessions on the network with a client like it: a thief may have an account himself"},
		},
		Needs: []string{"client.user_agent", "client.ja4", "device.id"},
		Facts: []rules.Field{
			{Name: "network", Type: rules.String, Doc: "the network of the client"},
			{Name: "users", Type: rules.Integer, Doc: "users in whose sessions it newly was when this was found"},
			{Name: "window_s", Type: rules.Integer, Unit: "s", Doc: "the time in which they were counted"},
			{Name: "client_changed", Type: rules.Bool, Doc: "this session's own client is another"},
		},
	},
	wakes:   arrived,
	judge:   judgeFleet,
	missing: alwaysEvaluable,
	explain: explainFleet,
	accuses: func(g *Engine, o *observation, p *rules.Params) {
		for x := range g.fleetOf(o, p) {
			if to := g.accuseOnce(o, x); to != nil {
				to.Network, to.Count, to.WindowS = o.fleet.network, Whole{int64(o.fleet.users), true}, Whole{o.fleet.windowS, true}
			}
		}
	},
	hears: func(o *observation, from *Observation) {
		o.fleet = fleet{network: from.Network, users: int(from.Count.V), windowS: from.WindowS.V, changed: from.ClientChanged == True}
	},
	spares: sparesOwn,
}

// fleet is one client in the sessions of several users.
type fleet struct {
	network string
	users   int
	windowS int64
	changed bool
}

// fleetOf gives the newcomers that are the client of the one that arrived.
func (g *Engine) fleetOf(o *observation, p *rules.Params) func(func(*newcomer) bool) {
	return func(yield func(*newcomer) bool) {
		on, me := true, o.arrival
		g.newcomersOf(o.node, o.now-p.MS(fleetWindow), func(x *newcomer) {
			if x.at-o.now <= p.MS(fleetWindow) && x.inFleet(me) {
				on = on && yield(x)
			}
		})
	}
}

// inFleet says whether a newcomer is the same client as another one, in the hands of one who took the sessions.
func (x *newcomer) inFleet(y *newcomer) bool {
	return x.look.sameDevice(y.look) || x.changed&y.changed&changedClient != 0 && x.look.like(y.look)
}

func judgeFleet(g *Engine, o *observation, p *rules.Params) verdict {
	var users [100]uint32
	list := users[:0]
	for x := range g.fleetOf(o, p) {
		if len(list) < len(users) && !slices.Contains(list, x.user) {
			list = append(list, x.user)
		}
	}
	o.fleet = fleet{network: networkOf(o.e.Client.IP).String(), users: len(list), windowS: p.MS(fleetWindow) / 1000}
	if len(list) < int(p.Num(fleetUsers)) || o.node.residentsLike(o.arrival.look.kind) > int(p.Num(fleetResidents)) {
		return silent
	}
	return fires
}

// accuseOnce begins a rule's verdict on a newcomer, unless it has given one.
func (g *Engine) accuseOnce(o *observation, x *newcomer) *Observation {
	if x.wasTold(ruleHash(o.rule.ID)) {
		return nil
	}
	return g.accuse(o, x, o.rule.ID)
}

// sparesOwn says whether the user's own state knows the network or the device that a verdict speaks of: for a day, or by a passed step-up. What
// the second stage takes for a thief's is the customer's own then. A device.id that another client shows is no device: it lies in the same jar
// as the session's cookie, and who takes one takes both.
func sparesOwn(g *Engine, o *observation) bool {
	device := parseLook(o.e.Observation.Look).device
	return device != 0 && o.e.Observation.LookChanged != True && o.u != nil && o.u.owns(device, o.now, learnedAfterMS) || sparesHome(g, o)
}

// sparesHome says whether the user's own state knows the network that a verdict speaks of.
func sparesHome(_ *Engine, o *observation) bool {
	if o.u == nil {
		return false
	}
	p, err := netip.ParsePrefix(o.e.Observation.Network)
	if err != nil {
		return false
	}
	n := network{last: o.now}
	n.prefix, n.flags = prefix(p.Addr(), prefixV4, prefixV6)
	k := o.trail.find(&n)
	return k != nil && k.flags&networkLearned != 0 || o.u.knows(&n, o.now)
}

func explainFleet(_ *Engine, o *observation, p *rules.Params) explanation {
	f := &o.fleet
	return explanation{reason: fmt.Sprintf("one client on %s showed up in sessions of %d customers within %s", f.network, f.users, span(f.windowS*1000)), facts: []Fact{
		{Name: "network", Text: f.network},
		{Name: "users", Kind: FactInt, Int: int64(f.users)},
		{Name: "window_s", Kind: FactInt, Int: f.windowS},
		boolFact("client_changed", f.changed),
	}, nearest: []Fact{bound("users", "<", int64(p.Num(fleetUsers)))}}
}
