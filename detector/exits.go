package detector

// A journey between two addresses of one session is none when one of the two is an exit: a company's VPN or gateway that no list names, the
// tunnel of an IPv6 broker, a carrier's gateway. Before an exit is learned for everybody (egress.go) or for the user (habits.go), the session
// itself may show it. All of it asks for an unchanged client, and all but the user's own exit for a clock that stayed as it was: a copied
// cookie alone explains nothing away, and a thief who copies the clock too brings the one of the customer's home, which he would have to be in.

// noJourney says whether the session came from a neighbour in event time without a person who travelled: at one address, while a phone
// roamed, by way of an exit, between two providers that the user is known to go between, or with a device that proves to be the same.
func (o *observation) noJourney(n *seen) bool {
	return n.place.sameAddress(&o.place) || o.roamed(&n.place) || o.throughExit(n) || o.edge(n.place.asn, o.place.asn) || o.inHand()
}

// inHand says whether a device that the user has had for a day proves by the session's own key that it shows the session: where it comes out
// is then where databases say that its line is, and who holds a copy of the session cannot prove that (C10, C13).
func (o *observation) inHand() bool {
	return o.proven() && o.key != 0 && o.key == o.s.boundKey
}

// throughExit says whether one of the two places is an exit.
func (o *observation) throughExit(n *seen) bool {
	forward := n.at <= o.now
	if forward && o.sameClock() && o.leftGateway(&n.place) {
		return true
	}
	if !sameClient(&o.s.client, &o.print, o.s.kind == KindMobileApp) {
		return false
	}
	return forward && o.ownExit() ||
		o.sameClock() && (forward && o.cameHome(&n.place) || o.wentBack(&n.place) || o.rotated(&n.place) || o.handedOver(&n.place) || o.otherFamily(&n.place))
}

// otherFamily says whether the event comes by the other address family of the provider that the session is on, in its country: a line has
// both, a client takes now one and now the other, and databases know where the lines of one are but not of the other (C5, C10). As with a
// carrier's gateway the client must bring the id of its device.
func (o *observation) otherFamily(from *place) bool {
	return from.asn != 0 && from.asn == o.place.asn && (from.flags^o.place.flags)&placeV6 != 0 && (from.flags|o.place.flags)&(placeCompany|placeServers) == 0 &&
		o.inClocksCountry(from) && o.print.device != 0
}

// leftGateway says whether the session came home from a gateway that it has shown to rotate its exits, also inside the country: such exits say
// nothing of where it was. The handshake may change with it, for some gateways make it in the client's place (C2, C24); the rule about
// handshakes judges that.
func (o *observation) leftGateway(from *place) bool {
	return from.flags&placeCompany != 0 && o.place.flags&placeServers == 0 && differs(from.asn, o.place.asn) && o.clockIn(o.place.country) &&
		o.trail.exitsOf(from.network(), o.now) >= rotationExits && o.sameButTLS()
}

// sameButTLS says whether nothing but the handshake can tell the event's client from the session's.
func (o *observation) sameButTLS() bool {
	return !differs(o.s.client.device, o.print.device) && !differs(o.s.client.os, o.print.os) && sameFace(&o.s.client, &o.print)
}

// ownExit says whether the event is on a company's network, to the prefix, that the user has worked through for a day: the laptop in the hotel
// goes through the office (C1, C13). A thief would have to be in that office.
func (o *observation) ownExit() bool {
	return o.place.flags&placeCompany != 0 && o.u != nil && o.u.knows(o.networkHere(), o.now)
}

// wentBack says whether the session returns to the exit from which it came home: a company's network on which its own client was learned.
func (o *observation) wentBack(from *place) bool {
	return o.place.flags&placeCompany != 0 && differs(from.asn, o.place.asn) && differs(from.country, o.place.country) && o.clockIn(from.country) &&
		(o.place.asn == o.s.baseASN || o.trail.usual(o.place.asn))
}

// cameHome says whether what came before was an exit abroad: a company's or servers', where the client's clock was already set to the country
// in which it comes out now (C1, C2, C5). Only this way round: who leaves the country of his clock is a customer who switches his VPN on, or a
// thief who copied his client. And never to servers: nobody lives there.
func (o *observation) cameHome(from *place) bool {
	return from.flags&(placeCompany|placeServers) != 0 && o.place.flags&placeServers == 0 && differs(from.country, o.place.country) &&
		o.clockIn(o.place.country)
}

// rotated says whether the two are exits of one company's network that goes through its exits request by request: a secure web gateway (C2).
// The session itself has shown at least two more of its networks in the half hour before, or the user has worked through it for a day.
func (o *observation) rotated(from *place) bool {
	if from.asn == 0 || from.asn != o.place.asn || from.flags&o.place.flags&placeCompany == 0 {
		return false
	}
	return o.trail.exitsOf(o.networkHere(), o.now) >= rotationExits || o.u != nil && o.u.knowsASN(from.asn, o.now, learnedAfterMS)
}

// rotationExits is how many further networks of a provider a session must have come from to show that the provider rotates its exits: one is
// any move, two are a pattern.
const rotationExits = 2

// exitsOf counts the further networks of a network's provider that the session came from within the half hour before.
func (t *trail) exitsOf(here *network, now int64) int {
	if t == nil {
		return 0
	}
	n := 0
	for i := range t.networks {
		if k := &t.networks[i]; k.last != 0 && k.asn == here.asn && !k.is(here) && abs(now-k.last) <= egressMoveMS {
			n++
		}
	}
	return n
}

// handedOver says whether one of the two is a carrier's gateway inside the country of the client's clock and the client brings the id
// of its device: a carrier serves a whole country from a few gateways (Xu et al., SIGMETRICS 2011: four to six in the USA), and a database's
// radius is about its own records, not about the phones behind them (C3, C6). Surely farther apart than handoverM it is judged.
func (o *observation) handedOver(from *place) bool {
	return (from.flags|o.place.flags)&placeCellular != 0 && (from.flags|o.place.flags)&placeServers == 0 && o.inClocksCountry(from) &&
		haversineM(from, &o.place)-min(int64(from.radius)+int64(o.place.radius), truthReachM*2) <= handoverM && o.print.device != 0
}

// handoverM is as far as a phone's gateway may be from it inside its country.
const handoverM = 1_000_000

// inClocksCountry says whether the event and another place are both in the country that the client's clock is set to.
func (o *observation) inClocksCountry(p *place) bool {
	return p.country == o.place.country && o.clockIn(o.place.country)
}

// exitBeside says whether another session of the user comes out at an exit abroad, while its clock is set to the country that the event is in;
// or whether a phone of the user comes out at a carrier's gateway in another town.
func (o *observation) exitBeside(s *session) bool {
	if o.print.timezone == 0 || s.client.timezone != o.print.timezone {
		return false
	}
	own := o.print.device == s.client.device || o.u.owns(o.print.device, o.now, learnedAfterMS)
	return o.cameHome(&s.place.place) || own && o.handedOver(&s.place.place)
}
