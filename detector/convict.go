package detector

import (
	"net/netip"
	"slices"
)

// A theft is confirmed by a proof that speaks against a client which is not the session's own. What tells the thief's client and network is told to
// where all sessions of that network meet, so that his other ones are found.

// tellThief tells of the event's client, if a proof convicts it: one that was found on this event, or that stands since he showed the session from
// elsewhere. It must come before the event teaches.
func (g *Engine) tellThief(o *observation) {
	switch {
	case o.e.User.ActorID != "" || o.e.Background == True:
	case g.wasDenied(o):
		g.tellDenied(o)
	case unroutable(o.e.Client.IP) == 0 && g.convicts(o):
		n := network{last: o.now}
		n.prefix, n.flags = prefix(o.e.Client.IP, prefixV4, prefixV6)
		l := g.lookOf(&o.print)
		if tellOnce(&g.told, maxToldSets, g.hash.pair('x', o.sessionKey, &n, l.kind^l.ja4TCP^l.ja4QUIC^l.device), o.now) {
			g.tellTheft(o, l, o.e.Client.IP)
		}
	}
}

// wasDenied says whether the customer denied a step-up that we asked for. That may come from his phone, which is no thief's.
func (g *Engine) wasDenied(o *observation) bool {
	return o.refused.denied && slices.ContainsFunc(g.found, func(c candidate) bool { return c.spec == &reauthFailed && c.proof() && !c.shadow && c.excepted == "" })
}

// tellDenied tells of who showed the session last, if that was not from a network of its own: what he looks like is known where he newly came.
func (g *Engine) tellDenied(o *observation) {
	s := o.s
	if s.lastIP == ([16]byte{}) || s.lastIP == s.baseIP {
		return
	}
	ip := netip.AddrFrom16(s.lastIP).Unmap()
	if n, base := s.lastNetwork(), s.baseNetwork(); unroutable(ip) == 0 && !base.is(&n) && !o.learned(&n) {
		g.tellTheft(o, look{}, ip)
	}
}

// tellWord tells of the client of a decision that an analyst calls true; o is his word, w what the decision was made on.
func (g *Engine) tellWord(o, w *observation) {
	if ip := w.e.Client.IP; unroutable(ip) == 0 && w.print.known() && !w.learned(w.networkHere()) && !w.unmoved() {
		g.tellTheft(o, g.lookOf(&w.print), ip)
	}
}

// tellTheft tells that a session was stolen by a client that looks so, from an address. An analyst's word and a denial come from elsewhere: then
// nothing but the address is told of the client.
func (g *Engine) tellTheft(o *observation, l look, ip netip.Addr) {
	if o.e.User.ActorID != "" {
		return // who acts in another's name tells nothing
	}
	to := g.tell(o, networkKey(ip))
	if to.Sight = SightConfirmed; l != (look{}) {
		to.Look = l.text()
	}
	if e := &g.out.Observations[len(g.out.Observations)-1]; e.Client.IP != ip {
		e.Client = Client{IP: ip}
	}
}

// convicts says whether a proof shows that the event's client is a thief's.
func (g *Engine) convicts(o *observation) bool {
	for i := range g.found {
		if c := &g.found[i]; c.proof() && !c.shadow && c.excepted == "" && (c.spec == &canaryUsed || confirms(c.spec) && g.stranger(o)) {
			return true
		}
	}
	if o.s == nil || o.s.risk == 0 || o.signals&(newAddress|clientChanged|inHands) == 0 || !accepted(o.e) {
		return false
	}
	r := g.risks.at(o.s.risk)
	for i := range r.findings {
		m := &r.findings[i]
		if m.flags&markProof == 0 || m.flags&(markShadow|markExcepted|markCleared) != 0 || abs(o.now-m.at) > MaxLateMS {
			continue
		}
		if rule := g.ruleID[m.rule]; rule != nil && rule.Detector >= 0 && confirms(detectors[rule.Detector]) {
			return g.stranger(o)
		}
	}
	return false
}

// confirms says whether a detector's proof is of a theft by another client. That two users show one session is none: a proxy that is set up wrong
// gives one id to everybody.
func confirms(d *detectorSpec) bool {
	switch d {
	case &alternatingClients, &useAfterEnd, &tokenReuse, &bindingProofFailed, &reauthFailed:
		return true
	}
	return false
}

// stranger says whether the event's client is none of the session's owner: on a network that is neither the session's nor the user's, and in a
// hand that neither began the session nor passed a step-up.
func (g *Engine) stranger(o *observation) bool {
	if o.s == nil || !o.compared || !o.unseen || !o.print.known() || o.approves || o.byApprover() {
		return false
	}
	if o.s.hands != 0 {
		h := g.hands.at(o.s.hands)
		switch i := h.whose(o); i {
		case nobody:
			return false
		case 0:
			if o.e.Type == AuthReauthenticated {
				return false // it may be the customer's phone, which shows no session
			}
		default:
			return h.of[i-1].vouched == 0
		}
	}
	return o.e.Type != AuthReauthenticated && (g.changedHands(o) || g.changedLook(o))
}
