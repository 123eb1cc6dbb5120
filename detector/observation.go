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
	trail   *trail // nil: the session never moved
	u       *user  // nil: unknown
	session uint32 // slot of s
	user    uint32 // slot of u
	signals signal

	id                  uint64 // hash of source and id
	sessionKey, userKey key

	print      print
	place      place
	before     network // the network of the session's previous event
	travelWhy  string  // why a journey cannot be judged, "" when it can
	countryWhy string
	located    bool // place and the reasons are filled in
	late       bool // older than the session's latest event
	compared   bool // the session has a baseline that this event may be held against
	segment    int
	idleMS     int64 // since the session's previous event; -1: there was none

	travel journey
	drift  drift
	crowd  crowd
	after  afterEnd
}

// signal is a set of changes; a detector wakes for those it is about, so that an ordinary event wakes none.
type signal uint8

// The signals.
const (
	networkChanged signal = 1 << iota // another address than the last one that was judged and found in order
	clientChanged                     // a part of the client's print
	programmed                        // a scripted or headless client
	sessionOver                       // the session has ended
)

// verdict is a detector's answer for one rule's parameters.
type verdict uint8

// The answers.
const (
	silent verdict = iota
	fires
	notEvaluable
)

// look prepares the observation of an event on a live session.
func (g *Engine) look(o *observation) {
	e, s := o.e, o.s
	o.print = g.printOf(e)
	o.late = o.now < s.last
	o.idleMS = -1
	if s.events > 0 {
		o.idleMS = o.now - s.last
	}
	o.compared = s.events > 0 && g.hash.word(e.User.ActorID) == s.actor
	if s.ended != 0 {
		o.signals |= sessionOver
	}
	if o.print.flags&(printScripted|printHeadless) != 0 {
		o.signals |= programmed
	}
	if s.events == 0 || e.Type == AuthReauthenticated {
		g.locate(o)
	}
	if !o.compared || !e.Client.IP.IsValid() {
		return
	}
	if !s.client.equal(&o.print) {
		o.signals |= clientChanged
	}
	if s.flags&settled == 0 || s.lastIP != e.Client.IP.As16() || o.late {
		o.signals |= networkChanged
		g.locate(o)
		g.leave(o)
	}
}

// locate looks the event's place up, once.
func (g *Engine) locate(o *observation) {
	if !o.located {
		o.place, o.travelWhy, o.countryWhy = g.placeOf(o.e)
		o.located = true
	}
}

// leave looks at where a session that changed its network came from.
func (g *Engine) leave(o *observation) {
	s := o.s
	if s.lastIP == ([16]byte{}) {
		return
	}
	if g.twin(o) {
		o.signals &^= networkChanged
		return
	}
	o.before = network{last: s.last, asn: s.lastASN, flags: s.lastFlags}
	o.before.prefix, _ = prefix(netip.AddrFrom16(s.lastIP).Unmap(), prefixV4, prefixV6)
	if !o.late && s.lastIP != o.e.Client.IP.As16() {
		o.before = g.trailOf(o).note(o.before)
	}
}

// twinWithinMS is how close in time two address families show when a dual-stack client races them (happy eyeballs; C5).
const twinWithinMS = 5000

// twin says whether the event is the other address family of the path that the session is on: learned when one unchanged client
// shows both within seconds. Not across a border: a thief who copied the client does not explain himself away by being quick.
func (g *Engine) twin(o *observation) bool {
	s, ip := o.s, o.e.Client.IP
	if o.trail != nil && o.trail.twinOf == s.lastIP && sameHost(o.trail.twin, ip.As16()) {
		return true
	}
	last, geo := netip.AddrFrom16(s.lastIP).Unmap(), &o.e.Client.Geo
	if s.flags&settled == 0 || last.Is4() == ip.Is4() || abs(o.now-s.last) > twinWithinMS ||
		!sameClient(&s.client, &o.print, s.kind == KindMobileApp) {
		return false
	}
	if o.print.agent == 0 || differs(countryCode(geo.Country), s.country) {
		return false
	}
	t := g.trailOf(o)
	t.twin, t.twinOf = ip.As16(), s.lastIP
	return true
}

// sameHost compares two addresses, of IPv6 by their /64.
func sameHost(a, b [16]byte) bool {
	if netip.AddrFrom16(a).Unmap().Is4() || netip.AddrFrom16(b).Unmap().Is4() {
		return a == b
	}
	return [8]byte(a[:8]) == [8]byte(b[:8])
}

// network is the event's own network.
func (o *observation) network() network {
	n := network{last: o.now, asn: o.place.asn}
	n.prefix, n.flags = prefix(o.e.Client.IP, prefixV4, prefixV6)
	if o.place.flags&placeCellular != 0 {
		n.flags |= networkCellular
	}
	return n
}

// prefix masks an address to the network that counts as one.
func prefix(a netip.Addr, v4, v6 int) (uint64, networkFlags) {
	bits, flags := v4, networkFlags(0)
	if a.Is6() {
		bits, flags = v6, networkV6
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return 0, flags
	}
	b := p.Addr().As16()
	if flags == 0 {
		return uint64(b[12])<<24 | uint64(b[13])<<16 | uint64(b[14])<<8 | uint64(b[15]), flags
	}
	var n uint64
	for _, x := range b[:8] {
		n = n<<8 | uint64(x)
	}
	return n, flags
}

// Prefix lengths by which networks are remembered: what providers commonly give one site.
const (
	prefixV4 = 24
	prefixV6 = 48
)

// context is the client and network of an event: what a passed step-up vouches for.
func (o *observation) context() uint64 {
	p := &o.print
	net, _ := prefix(o.e.Client.IP, prefixV4, prefixV6)
	h := net*0x9e3779b97f4a7c15 ^ uint64(p.device)<<32 ^ uint64(p.browser)<<24 ^ uint64(p.engine)<<16 ^ uint64(p.os)<<8 ^ uint64(p.class)
	return h*0xff51afd7ed558ccd | 1
}

// detectorSpec is a detector: what the language says of it, what wakes it, and its judgement. judge is pure: it reads the
// observation and leaves its measurement there.
type detectorSpec struct {
	rules.Detector
	wakes   signal
	judge   func(*Engine, *observation, *rules.Params) verdict
	missing func(*observation) string // why it cannot be judged on this event, "" when it can
	explain func(*Engine, *observation, *rules.Params) (reason string, facts []Fact)
}
