package detector

import (
	"net/netip"

	"github.com/sessionguard/sessionguard/rules"
)

// observation is one event held against its session: what changed, before anything is learned. The engine reuses one.
type observation struct {
	e       *Event
	now     int64 // the event's time
	s       *session
	trail   *trail      // nil: the session never moved
	family  *family     // nil: no refresh token is shown
	u       *user       // nil: unknown
	node    *node       // second stage: the network that is counted; else nil
	arrival *newcomer   // likewise: who newly came to a session
	probe   *probe      // likewise: the unknown ids of it
	rule    *rules.Rule // likewise: the rule that is judged
	session uint32      // slot of s
	user    uint32      // slot of u
	signals signal

	id                  uint64 // hash of source and id
	sessionKey, userKey key

	print      print
	place      place
	before     network  // the network of the session's previous event
	here       network  // what networkHere gives
	travelWhy  placeWhy // why a journey cannot be judged, 0 when it can
	countryWhy placeWhy
	located    bool // place and the reasons are filled in
	late       bool // older than the session's latest event
	compared   bool // the session has a baseline that this event may be held against
	approves   bool // a passed step-up by a client that never showed the session: it vouches, and takes nothing over
	unseen     bool // the network is neither one of the session's own client nor learned of the user
	taught     bool // a passed step-up, or an analyst, has vouched for this client on this network
	segment    int
	clients    int    // that showed the session before
	key        uint32 // hash of the key thumbprint that the client proved
	idleMS     int64  // since the session's previous event; -1: there was none
	doubted    period // places that were new in it are held against nobody

	*measured
}

// measured is what each detector measured last. It outlives the event: an ordinary event, which wakes no detector, need not clear it.
// A detector sets its own part whenever it judges.
type measured struct {
	travel   journey
	apartBy  journey // of impossible_travel_user
	switched switched
	foreign  foreign
	hour     odd
	together together
	crossing crossing
	drift    drift
	crowd    crowd
	after    afterEnd
	turns    turns
	down     downgrade
	devices  devices
	against  contradiction
	revival  revival
	canary   canary
	bad      badSource
	chain    chain
	pace     pace
	guesses  guesses
	guessing guessing
	fleet    fleet
	haunted  haunted
	reuse    reuse
	fixation fixation
	stale    stale
	overdue  overdue
	uncured  unenforced
	refused  refusals
}

// look prepares the observation of an event on a session. An event without an address was not seen at the bank's edge: it is held
// against nothing and teaches nothing. One in another's name (actor_id) neither.
func (g *Engine) look(o *observation) {
	e, s := o.e, o.s
	o.print = g.printOf(e)
	o.late = o.now < s.last
	o.idleMS = -1
	if s.events > 0 {
		o.idleMS = o.now - s.last
	}
	if s.ended != 0 {
		o.signals |= sessionOver
	}
	o.clients = g.clientsOf(s)
	if e.User.ActorID != "" {
		return
	}
	o.signals |= attested(e)
	if g.revokedAt(o) != 0 {
		o.signals |= wasRevoked
	}
	if o.key = g.hash.word(e.Device.KeyThumbprint); differs(s.boundKey, o.key) {
		o.signals |= rebound
	}
	if u := g.userOf(s); u != 0 && o.user != 0 && u != o.user {
		o.signals |= userChanged
	}
	g.lookAtLife(o)
	if !e.Client.IP.IsValid() {
		return
	}
	if s.flags&hasBaseline == 0 || e.Type == AuthReauthenticated {
		g.locate(o)
	}
	if s.flags&hasBaseline == 0 {
		o.signals |= firstLook
		o.print.against = contradictions(&e.Client)
		return
	}
	o.compared = true
	if !o.paced() {
		o.signals |= hurried
	}
	g.compare(o)
}

// compare finds what changed against the session's baseline.
func (g *Engine) compare(o *observation) {
	s := o.s
	if o.print.flags&(printScripted|printHeadless) != 0 {
		o.signals |= programmed
	}
	if o.print.against = s.client.against; !s.client.equal(&o.print) && !o.byApprover() {
		o.signals |= clientChanged
		o.print.against = contradictions(&o.e.Client)
	}
	if s.hands != 0 {
		o.signals |= inHands
	}
	if s.flags&settled != 0 && s.lastIP == o.e.Client.IP.As16() && !o.late {
		return
	}
	o.signals |= networkChanged | newAddress
	g.locate(o)
	g.leave(o)
	known := o.learned(o.networkHere())
	o.taught = known && (sameClient(&s.client, &o.print, s.kind == KindMobileApp) || o.byApprover())
	o.unseen = !known && o.signals&networkChanged != 0 && !o.unmoved()
}

// locate looks the event's place up, once.
func (g *Engine) locate(o *observation) {
	if !o.located {
		o.place, o.travelWhy, o.countryWhy = g.placeOf(o.e)
		if o.e.Session.ID != "" && o.travelWhy != privateAddress && !o.travelWhy.placeless() && g.throughEgress(o.e.Tenant, &o.place, o.began()) {
			o.place.flags &^= placeLocated
			o.travelWhy, o.countryWhy = learnedEgress, learnedEgress
		}
		o.located = true
	}
}

// began is when the event's session began (Unix ms), also where it is known by nothing but this event: a login that rotates the id ends one here
// before it opens the next.
func (o *observation) began() int64 {
	if o.s != nil {
		return o.s.first
	}
	if at := o.e.Session.CreatedAt; at.Set {
		return min(at.MS, o.now)
	}
	return o.now
}

// context is who used a session from where: the parts of a client that tell it apart, and its network.
type context struct {
	network uint32
	device  uint32
	browser Browser
	engine  EngineFamily
	os      OS
	class   DeviceClass
}

func (o *observation) context() context { return contextOf(&o.print, o.e.Client.IP) }

func contextOf(p *print, ip netip.Addr) context {
	n, flags := prefix(ip, prefixV4, prefixV6)
	mixed := (n ^ uint64(flags)) * 0x9e3779b97f4a7c15
	return context{network: uint32(mixed >> 32), device: p.device, browser: p.browser, engine: p.engine, os: p.os, class: p.class}
}

// known says whether anything is known of the client.
func (c context) known() bool {
	return c.browser != UnknownBrowser || c.device != 0 || c.os != UnknownOS
}

// matches says whether nothing tells two contexts apart: an absent part matches anything.
func (c context) matches(d context) bool {
	return c.network == d.network && !differs(c.device, d.device) && !differs(c.browser, d.browser) && !differs(c.engine, d.engine) &&
		!differs(c.os, d.os) && !differs(c.class, d.class)
}
