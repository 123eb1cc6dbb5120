package detector

import "github.com/sessionguard/sessionguard/rules"

// What an event teaches of its user, by how much was found on it: nothing found, and it teaches at once; at most arm, and its network and path
// are learned when nothing more was found for a day; more, and what is not learned yet is forgotten; a passed step-up teaches at once what it
// was passed with, as if for a day.

// familiarise takes the event's network, country and device into the user's normal; the network is known since a time (Unix ms). A network
// without a place of its own is none of the user's, and an aggregator's client no device of his.
func (g *Engine) familiarise(o *observation, since int64) {
	if !o.personal() {
		return
	}
	g.locate(o)
	if o.place.asn != 0 && !o.travelWhy.placeless() && o.travelWhy != privateAddress {
		o.u.learn(o.networkHere(), since, o.now)
	}
	if o.travelWhy == learnedEgress {
		g.tellUse(o)
	}
	if o.countryWhy == 0 {
		o.u.visit(o.place.country, o.now)
	}
	o.u.use(&o.print, o.now)
}

// acquaint is an event on which no more than arm was found: its network and path begin to be known, and what the user knows already stays
// fresh. The session was there, so the next journey begins there. The hour of a session is taken as it is: it weighs little, and a shift worker's new hours would never be learned else.
func (g *Engine) acquaint(o *observation) {
	if !o.personal() || !accepted(o.e) || o.signals&(networkChanged|firstLook) == 0 {
		return
	}
	g.locate(o)
	if v := o.u.countryOf(o.place.country); v != nil && o.countryWhy == 0 && o.u.inCountry(o.place.country, o.now, unseenDays) {
		v.last = max(v.last, day(o.now))
	}
	if o.signals&firstLook != 0 {
		o.u.comeAt(o.now)
	}
	g.noteVPN(o)
	if g.apart(o) {
		return
	}
	if r := g.risks.at(o.s.risk); o.place.asn != 0 && !o.travelWhy.placeless() && o.travelWhy != privateAddress &&
		!(r.context.matches(o.context()) && r.highest > rules.Arm) {
		o.u.learn(o.networkHere(), o.now, o.now)
	}
	g.notePath(o, o.now)
	g.stayAt(o)
}

// estrange is an event on which more than arm was found.
func (g *Engine) estrange(o *observation, network bool) {
	if o.u == nil || !o.e.Client.IP.IsValid() {
		return
	}
	g.locate(o)
	if n := o.networkHere(); network || !o.u.knows(n, o.now) {
		o.u.forget(n)
	}
	o.u.part(o.place.asn, o.now)
	g.tellFound(o)
}

// notePath learns where the session's unchanged client went, within half an hour: an edge between two of the user's providers, known since a
// time (Unix ms), and tells the second stage of it.
func (g *Engine) notePath(o *observation, since int64) {
	s := o.s
	g.tellRelay(o)
	if o.signals&networkChanged == 0 || o.late || !o.personal() || s.place.to == 0 || o.now-s.place.to > egressMoveMS || g.stands(o, rules.RequireReauth) ||
		o.travelWhy.placeless() || o.travelWhy == privateAddress || !sameClient(&s.client, &o.print, s.kind == KindMobileApp) {
		return
	}
	from := &s.place.place
	if differs(from.asn, o.place.asn) {
		o.u.pairUp(from.asn, o.place.asn, since, o.now)
	}
	if differs(from.asn, o.place.asn) {
		g.tellMove(o, from)
	} else {
		g.tellHop(o, from)
	}
}

// vouchForPath learns the way that a step-up was passed at the end of, at once if it began on a network that the user is known to use: of the
// beginning the step-up says nothing, it may be the thief's. It must come before the session takes the place over.
func (g *Engine) vouchForPath(o *observation) {
	since := o.now
	if o.u != nil && o.s.place.to != 0 && o.u.knows(o.s.place.network(), o.now) {
		since -= learnedAfterMS
	}
	g.notePath(o, since)
}
