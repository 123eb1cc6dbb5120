package detector

// A TLS-inspecting gateway says hello for all who are behind it. Which hellos are common for a browser at a provider is learned from the sessions
// that begin there; the table is small, and of those that share a place in it the one that was seen longest ago gives way.
const (
	maxHellos = 4096
	helloWays = 4
)

// hello is the hash of a browser, its TLS hello and the provider that it comes from; 0 where one of them is not known.
func (g *Engine) hello(o *observation) uint64 {
	asn, p := o.e.Client.Geo.ASN, &o.print
	if !asn.Set || p.agent == 0 || p.ja4TCP|p.ja4QUIC == 0 {
		return 0
	}
	return g.hash.change('h', uint32(p.browser), uint32(p.os), p.ja4TCP, p.ja4QUIC, uint32(asn.V))
}

// learnHello counts the user of a session that begins.
func (g *Engine) learnHello(o *observation) {
	change := g.hello(o)
	if change == 0 || o.u == nil {
		return
	}
	for g.hellos.used < maxHellos {
		g.hellos.take()
	}
	r := g.helloAt(change)
	if r.change != change {
		*r = release{change: change, first: o.now, last: o.now}
	}
	r.made(uint32(o.u.key.lo)|1, o.now)
}

// helloAt gives the record of a hello, or the one whose place it would take. The table is not empty.
func (s *state) helloAt(change uint64) *release {
	first := uint32(change>>1%(maxHellos/helloWays))*helloWays + 1
	oldest := s.hellos.at(first)
	for slot := first; slot < first+helloWays; slot++ {
		r := s.hellos.at(slot)
		if r.change == change {
			return r
		}
		if r.last < oldest.last {
			oldest = r
		}
	}
	return oldest
}

// commonHello says whether several users' sessions begin with the event's hello, from this browser at this provider.
func (g *Engine) commonHello(o *observation) bool {
	change := g.hello(o)
	if change == 0 || g.hellos.used == 0 {
		return false
	}
	r := g.helloAt(change)
	return r.change == change && r.rolledOut()
}
