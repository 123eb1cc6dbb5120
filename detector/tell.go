package detector

import (
	"net/netip"
	"strconv"
)

// tellShown tells of an event on a session that its client showed. It must come before the event teaches.
func (g *Engine) tellShown(o *observation) {
	if g.mute {
		return
	}
	g.tellToken(o)
	g.tellSession(o)
	g.tellSights(o)
	g.tellThief(o)
}

// tell sends on what the event showed to where it is counted over users: the second stage, under a key.
func (g *Engine) tell(o *observation, key string) *Observation {
	if o.e.User.ActorID != "" {
		return &Observation{}
	}
	e := g.send(o.e, SessionObservation)
	nth := strconv.Itoa(len(g.out.Observations)) // of the event
	e.ID = hashID("o1", o.e.Record.Topic, strconv.Itoa(int(o.e.Record.Partition)), strconv.FormatInt(o.e.Record.Offset, 10), key, nth)
	if o.s != nil && e.Session.Kind == 0 {
		e.Session.Kind = o.s.kind
	}
	e.Record.Key = key
	e.Observation = Observation{Key: key, Of: o.e.TypeName, EventID: o.e.ID, EventSource: o.e.Source}
	return &e.Observation
}

// send begins an event for the other stage with what an event brought of its session, user and client.
func (g *Engine) send(from *Event, t EventType) *Event {
	g.out.Observations = append(g.out.Observations, Event{Source: Source, Type: t, TypeName: t.String(), TimeMS: from.TimeMS, Record: Record{TimeMS: from.Record.TimeMS},
		Tenant: from.Tenant, User: User{ID: from.User.ID, Roles: from.User.Roles, Segment: from.User.Segment}, Client: from.Client,
		Session: Session{ID: from.Session.ID, PreviousID: from.Session.PreviousID, CreatedAt: from.Session.CreatedAt, Kind: from.Session.Kind, Transport: from.Session.Transport},
		Device:  Device{ID: from.Device.ID}, Token: from.Token, Action: from.Action, Outcome: from.Outcome})
	return &g.out.Observations[len(g.out.Observations)-1]
}

// networkKey is the key under which a network's events meet.
func networkKey(ip netip.Addr) string { return "ip:" + networkOf(ip).String() }

// networkOf is the network that counts as one: of IPv4 24 bits, of IPv6 48.
func networkOf(ip netip.Addr) netip.Prefix {
	bits := prefixV4
	if ip.Is6() {
		bits = prefixV6
	}
	p, _ := ip.Prefix(bits) // the bits fit the family
	return p
}
