package detector

import (
	"slices"

	"github.com/sessionguard/sessionguard/rules"
)

// chain is a sensitive act on a session that stood at arm or above.
type chain struct {
	sinceMS int64   // since the session last stood there; 0: it does
	rule    string  // the finding that weighed most then
	limit   float64 // of a transfer: the amount from which it is sensitive
}

// follow says whether the session stood at arm or above within a window before the event, and notes what put it there. What the same
// event's other findings raise counts too.
func (g *Engine) follow(o *observation, windowMS int64) bool {
	o.chain.sinceMS, o.chain.rule = 0, ""
	if o.s == nil || o.s.risk == 0 && len(g.found) == 0 {
		return false
	}
	r := g.against(o)
	at, stood := g.lastArmed(o, &r, windowMS)
	if stood {
		r = r.until(at)
		o.chain.sinceMS, o.chain.rule = o.now-at, g.strongest(&r, at)
	}
	return stood
}

// against gives the findings that speak against whoever acts: the session's and this event's. On a network and client that a step-up has
// vouched for, what was found of others does not count; where the device proves by its key that it is the session's, nor does where it is;
// behind a VPN of the customer's own weak findings about the network do not, which every use of it causes; back on the session's own network
// neither do weak ones about another, which its client has left: a thief acts from where he is. Nor do findings that only follow from others,
// else a chain would feed itself, or behaviour on this very event, which is no change of context.
func (g *Engine) against(o *observation) (r risk) {
	if o.s.risk != 0 {
		r = *g.risks.at(o.s.risk)
	}
	where := o.context()
	for i := range g.found {
		if c := &g.found[i]; c.excepted == "" && !c.shadow && !c.goesOn && c.rule.Evidence != rules.Behaviour {
			r.put(&g.set.Policy, c.mark(o.now, where))
		}
	}
	proven, bound, detour, back := g.vouched(o), o.e.Device.Binding == BindingValid, g.ownVPN(o), o.isBack()
	for i := range r.findings {
		m := &r.findings[i]
		weak := m.kind == rules.Network && g.armsOnly(m, o.segment)
		elsewhere := m.context.network != where.network
		if m.flags&markFollows != 0 || proven && !m.context.matches(where) || bound && m.kind == rules.Network || weak && (detour || back && elsewhere) {
			*m = mark{}
		}
	}
	return r
}

// isBack says whether the session's own client acts from one of the session's own networks.
func (o *observation) isBack() bool {
	return o.compared && o.e.Client.IP.IsValid() && o.unmoved() && sameClient(&o.s.client, &o.print, o.s.kind == KindMobileApp)
}

// armsOnly says whether a finding asks for no more than arm by itself.
func (g *Engine) armsOnly(m *mark, segment int) bool {
	var s rules.Standing
	s.Best[m.kind] = int(m.score)
	return g.set.Policy.Action(&s, segment) <= rules.Arm
}

// ownVPN says whether the event's client came from where the session was to a VPN that its user is known to go through.
func (g *Engine) ownVPN(o *observation) bool {
	if !o.personal() {
		return false
	}
	g.locate(o)
	return o.travelWhy == vpnNetwork && (o.edge(o.s.place.asn, o.place.asn) || o.edge(anyLine, o.place.asn))
}

// anyLine stands, in an edge to a VPN, for whatever provider is before it, and in a way from a relay for whichever of its listed operators: the last AS number is nobody's (RFC 7300).
const anyLine = 1<<32 - 1

// noteVPN begins to know a VPN as one that the user goes through, whatever line he has before it: his own client entered it, or a device of his
// began a session behind it. As with a network, it takes a day in which nothing more was found there.
func (g *Engine) noteVPN(o *observation) {
	if o.travelWhy != vpnNetwork || o.place.asn == 0 || o.late || !o.personal() || o.signals&(networkChanged|firstLook) == 0 {
		return
	}
	own := !o.strangeDevice()
	if o.signals&firstLook == 0 {
		own = sameClient(&o.s.client, &o.print, o.s.kind == KindMobileApp)
	}
	if own && !g.stands(o, rules.RequireReauth) {
		o.u.pairUp(anyLine, o.place.asn, o.now, o.now)
	}
}

// vouchForVPN learns, from a passed step-up, that a user goes through a VPN from a provider that is known to be his.
func (g *Engine) vouchForVPN(o *observation) {
	if o.personal() && o.travelWhy == vpnNetwork && o.u.knowsASN(o.s.place.asn, o.now, learnedAfterMS) && sameClient(&o.s.client, &o.print, o.s.kind == KindMobileApp) {
		o.u.pairUp(o.s.place.asn, o.place.asn, o.now-learnedAfterMS, o.now)
	}
}

// vouched says whether a passed step-up has vouched for the event's client on its network.
func (g *Engine) vouched(o *observation) bool {
	if o.s.reauthed == 0 || !o.e.Client.IP.IsValid() {
		return false
	}
	g.locate(o)
	k := o.trail.find(o.networkHere())
	return k != nil && k.flags&networkLearned != 0 && sameClient(&o.s.client, &o.print, o.s.kind == KindMobileApp)
}

// lastArmed gives the last moment within the window at which the findings stood at arm or above. Between two findings a standing only
// falls, so it is enough to look at the moments of findings, and to search the fall after the last one that stood.
func (g *Engine) lastArmed(o *observation, r *risk, windowMS int64) (at int64, stood bool) {
	stands := func(t int64) bool {
		then := r.until(t)
		s := then.standing(&g.set.Policy, t, false)
		return g.set.Policy.Action(&s, o.segment) >= rules.Arm
	}
	var moments [18]int64
	n := 0
	for i := range r.findings {
		if m := &r.findings[i]; m.rule != 0 && m.at <= o.now && m.at >= o.now-windowMS {
			moments[n] = m.at
			n++
		}
	}
	moments[n], moments[n+1] = o.now-windowMS, o.now
	n += 2
	slices.Sort(moments[:n])
	for i := n - 1; i >= 0; i-- {
		if !stands(moments[i]) {
			continue
		}
		low, high := moments[i], moments[min(i+1, n-1)] // it stands at low, and not at high unless they are one
		for high-low > 1 {
			if middle := low + (high-low)/2; stands(middle) {
				low = middle
			} else {
				high = middle
			}
		}
		return low, true
	}
	return 0, false
}

// until gives what was known at a moment: without the findings made later.
func (r *risk) until(at int64) risk {
	then := *r
	for i := range then.findings {
		if then.findings[i].at > at {
			then.findings[i] = mark{}
		}
	}
	return then
}
