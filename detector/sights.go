package detector

import "github.com/sessionguard/sessionguard/rules"

// What the first stage tells the second of who is where. An ordinary event tells nothing: only one that begins a session, comes from
// another address than the one before, or on which something was found, is looked at, and each pair is told once in two weeks.

// Sights are how a user came to be on a network, as the first stage tells it.
var Sights = []string{SightBegan, SightCame, SightNewcomer, SightConfirmed}

// The sights. Began and came are told once for a user and a network; newcomer and confirmed once for a session, a network and a client.
const (
	SightBegan     = "began"     // a session of the user began there
	SightCame      = "came"      // a session that began elsewhere came there, with its own client and nothing found
	SightNewcomer  = "newcomer"  // a session that began elsewhere came there; the network is new to session and user, and the client is not the session's own or is set up otherwise, or something was found of it
	SightConfirmed = "confirmed" // a proof convicts the client that shows the session there
)

// tellSights tells what the event shows of its network. It must come before the event teaches.
func (g *Engine) tellSights(o *observation) {
	if o.signals&(firstLook|newAddress) == 0 && len(g.found) == 0 || o.e.User.ID == "" || !o.personal() || !accepted(o.e) || o.approves || o.byApprover() {
		return
	}
	g.locate(o)
	n := *o.networkHere()
	switch {
	case o.travelWhy == privateAddress: // a network of the bank's own: it is nobody's
	case o.signals&firstLook != 0:
		if g.tellSight(o, SightBegan, g.hash.pair('b', o.u.key, &n, 0)) != nil {
			g.out.Observations[len(g.out.Observations)-1].leaveOut()
		}
	case o.newcomer(g):
		if to := g.tellSight(o, SightNewcomer, g.hash.pair('n', o.s.key, &n, g.lookOf(&o.print).kind)); to != nil {
			to.ClientChanged, to.LookChanged = yes(g.changedHands(o)), yes(g.changedHands(o) || g.changedLook(o))
		}
	case o.signals&newAddress != 0 && !wasTold(&g.told, g.hash.pair('b', o.u.key, &n, 0), o.now):
		g.tellSight(o, SightCame, g.hash.pair('c', o.u.key, &n, 0))
	}
}

// tellSight tells a pair that was not told lately; nil for one that was.
func (g *Engine) tellSight(o *observation, sight string, pair uint64) *Observation {
	if !tellOnce(&g.told, maxToldSets, pair, o.now) {
		return nil
	}
	to := g.tell(o, networkKey(o.e.Client.IP))
	to.Sight, to.Look, to.AgeS = sight, g.lookOf(&o.print).text(), Whole{max(0, o.now-o.s.first) / 1000, true}
	g.tellHome(&o.u.home, to)
	return to
}

// leaveOut takes from an observation what only a verdict on it would need. Most of what is told is where users begin their sessions; that is counted,
// and never leads to a verdict: what it does not carry need not be written, sent and read.
func (e *Event) leaveOut() {
	e.Session, e.Device, e.Token, e.Action = Session{ID: e.Session.ID}, Device{}, Token{}, RequestedAction{}
	e.Client = Client{IP: e.Client.IP, Geo: e.Client.Geo}
}

// newcomer says whether the event is of a client that may be a thief's: on a network that neither the session nor its user knows, and either
// not the session's own client, or one that is set up otherwise, or one of which at least arm was found there.
func (o *observation) newcomer(g *Engine) bool {
	if !o.compared || !o.print.known() {
		return false
	}
	changed := g.changedHands(o) || g.changedLook(o)
	return o.unseen && (changed || g.foundHere(o)) || changed && o.onOtherFamily()
}

// onOtherFamily says whether the event is on what counts as the other address family of the session's own line, without having been learned: an
// unchanged client is at home there, another one may be a neighbour of the same provider.
func (o *observation) onOtherFamily() bool {
	n, base := o.networkHere(), o.s.baseNetwork()
	k := o.trail.find(n)
	return o.signals&networkChanged != 0 && base.last != 0 && (n.flags^base.flags)&networkV6 != 0 && (k == nil || k.flags&networkUsual == 0) && !o.learned(n)
}

// changedHands says whether the client is another than the session's own. Another TLS hello alone is not: an office's gateway that opens TLS
// shows its own for everybody who comes in the morning.
func (g *Engine) changedHands(o *observation) bool {
	return g.comparedClient(o) == "another" && !o.s.client.sameButHello(&o.print)
}

// changedLook says whether a client of the session's own make is set up otherwise. A customer who docks his laptop, or travels, changes this as
// well: it finds nobody a thief, but tells a thief who is known from a customer of the same browser.
func (g *Engine) changedLook(o *observation) bool {
	own, now := &o.s.client, &o.print
	return own.known() && o.e.Device.Binding != BindingValid && (differs(own.screen, now.screen) || differs(own.timezone, now.timezone) || differs(own.language, now.language))
}

// foundHere says whether something of arm or above was found of the event's client on its network.
func (g *Engine) foundHere(o *observation) bool {
	if o.s.risk == 0 {
		return false
	}
	r := g.risks.at(o.s.risk)
	return r.context.matches(o.context()) && r.highest >= rules.Arm
}
