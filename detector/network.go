package detector

import "net/netip"

// network is a network prefix in use by a session.
type network struct {
	prefix uint64 // masked address; the family is in flags
	last   int64
	asn    uint32
	flags  networkFlags
	_      [3]uint8
}

type networkFlags uint8

const (
	networkV6 networkFlags = 1 << iota
	networkCellular
	networkLearned // taught by a passed step-up
	networkUsual   // the session's own client was learned there
	networkShared  // a relay, a satellite or a learned egress: its exits say nothing of how many hands there are
)

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
	o.before = s.lastNetwork()
	if !o.late && s.lastIP != o.e.Client.IP.As16() {
		if s.baseIP == s.lastIP {
			o.before.flags |= networkUsual
		}
		o.before = g.trailOf(o).note(o.before)
	}
}

// lastNetwork is the network of the session's last use.
func (s *session) lastNetwork() network {
	n := network{last: s.lastIPAt, asn: s.lastASN, flags: s.lastFlags}
	n.prefix, _ = prefix(netip.AddrFrom16(s.lastIP).Unmap(), prefixV4, prefixV6)
	return n
}

// unmoved says whether the event is on a network of the session's own client: one where it was learned, or the other address family of the
// same provider in the same place. A thief's own earlier request makes no network the session's.
func (o *observation) unmoved() bool {
	if o.signals&networkChanged == 0 && o.s.baseIP == o.s.lastIP {
		return true
	}
	n := o.networkHere()
	if k := o.trail.find(n); k != nil && k.flags&networkUsual != 0 {
		return true
	}
	base := o.s.baseNetwork()
	if o.s.baseFlags&n.flags&networkCellular != 0 && n.asn != 0 && n.asn == o.s.baseASN {
		return true // a carrier changes its exits under its phones (C3)
	}
	if base.last == 0 || (n.flags^base.flags)&networkV6 == 0 {
		return base.last != 0 && n.prefix == base.prefix
	}
	home := &o.s.place.place
	return n.asn != 0 && n.asn == home.asn && isLocated(home) && isLocated(&o.place) && haversineM(home, &o.place) < samePlaceM
}

// samePlaceM is how far apart databases may place one line's two families for them to count as one place.
const samePlaceM = 100_000

// baseNetwork is the network that the session's own client was last learned from.
func (s *session) baseNetwork() (n network) {
	if s.baseIP != ([16]byte{}) {
		n.last = 1
		n.prefix, n.flags = prefix(netip.AddrFrom16(s.baseIP).Unmap(), prefixV4, prefixV6)
	}
	return n
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
	if s.flags&settled == 0 || last.Is4() == ip.Is4() || abs(o.now-s.lastIPAt) > twinWithinMS ||
		!sameClient(&s.client, &o.print, s.kind == KindMobileApp) || g.changedLook(o) || !g.oneLine(o, geo) {
		return false
	}
	t := g.trailOf(o)
	t.twin, t.twinOf = ip.As16(), s.lastIP
	return true
}

// oneLine says whether the two families can be one line: of one provider; or of two (a tunnel), where the client is known and nothing says
// that the places are apart.
func (g *Engine) oneLine(o *observation, geo *Geo) bool {
	s := o.s
	if geo.ASN.Set && s.lastASN != 0 && uint32(geo.ASN.V) == s.lastASN {
		return !differs(countryCode(geo.Country), s.place.country)
	}
	if o.print.agent != s.client.agent || o.print.agent == 0 && (geo.ASN.Set || s.lastASN != 0) || s.lastWhy != 0 && s.lastWhy < noGeography {
		return false
	}
	g.locate(o)
	near := !isLocated(&o.place) || !isLocated(&s.place.place) || haversineM(&o.place, &s.place.place) < twinApartM
	return near && !differs(o.place.country, s.place.country)
}

// twinApartM is how far apart databases may place the two families of one line: country-level records of IPv6 are off by hundreds of km.
const twinApartM = 500_000

// sameHost compares two addresses, of IPv6 by their /64.
func sameHost(a, b [16]byte) bool {
	if netip.AddrFrom16(a).Unmap().Is4() || netip.AddrFrom16(b).Unmap().Is4() {
		return a == b
	}
	return [8]byte(a[:8]) == [8]byte(b[:8])
}

// networkHere is the event's own network, with what the session knows of it.
func (o *observation) networkHere() *network {
	n := network{last: o.now, asn: o.place.asn}
	n.prefix, n.flags = prefix(o.e.Client.IP, prefixV4, prefixV6)
	if o.place.flags&placeCellular != 0 {
		n.flags |= networkCellular
	}
	if o.travelWhy == relayNetwork || o.travelWhy == satelliteNetwork || o.travelWhy == learnedEgress {
		n.flags |= networkShared
	}
	if k := o.trail.find(&n); k != nil {
		n.flags |= k.flags & (networkLearned | networkCellular | networkShared)
	}
	return &n
}

// find gives what the trail holds of a network, nil for nothing.
func (t *trail) find(n *network) *network {
	if t == nil {
		return nil
	}
	for i := range t.networks {
		if t.networks[i].is(n) {
			return &t.networks[i]
		}
	}
	return nil
}

// is says whether two records are of one network.
func (n *network) is(m *network) bool {
	return n.last != 0 && n.prefix == m.prefix && (n.flags^m.flags)&networkV6 == 0
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

// note keeps a network among the last ones in use, and gives it with what was known of it. What a step-up taught gives way last.
func (t *trail) note(n network) network {
	worst := 0
	for i := range t.networks {
		k := &t.networks[i]
		if k.is(&n) {
			n.flags |= k.flags & (networkLearned | networkUsual | networkCellular | networkShared)
			n.last = max(n.last, k.last)
			*k = n
			return n
		}
		if k.worth() < t.networks[worst].worth() {
			worst = i
		}
	}
	t.networks[worst] = n
	return n
}

func (n *network) worth() int64 {
	if n.flags&networkLearned != 0 {
		return n.last + 1<<60
	}
	return n.last
}
