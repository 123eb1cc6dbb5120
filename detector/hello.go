package detector

// A TLS-inspecting gateway says hello for all who are behind it. Which hellos are common for a browser at a provider is learned from the sessions
// that begin there; the table is small, and of those that share a place in it the one that was seen longest ago gives way.
const (
	maxHellos = 4096
	helloWays = 4
)

// hellosOf gives the hashes of a browser's TLS hello: at the provider that it comes from, which counts users; and anywhere, which counts providers. What
// comes from many providers is the browser's own, what from one is its gateway's. 0 where a part is not known.
func (g *Engine) hellosOf(o *observation) (here, anywhere uint64) {
	asn, p := o.e.Client.Geo.ASN, &o.print
	if !asn.Set || p.agent == 0 || p.ja4TCP|p.ja4QUIC == 0 {
		return 0, 0
	}
	browser, os := uint32(p.browser), uint32(p.os)
	return g.hash.change('h', browser, os, p.ja4TCP, p.ja4QUIC, uint32(asn.V)), g.hash.change('o', browser, os, p.ja4TCP, p.ja4QUIC)
}

// learnHello counts the hello with which a user's session begins.
func (g *Engine) learnHello(o *observation) {
	here, anywhere := g.hellosOf(o)
	if here == 0 || o.u == nil {
		return
	}
	for g.hellos.used < maxHellos {
		g.hellos.take()
	}
	g.countHello(here, uint32(o.u.key.lo)|1, o.now)
	g.countHello(anywhere, uint32(o.e.Client.Geo.ASN.V), o.now)
}

func (s *state) countHello(change uint64, who uint32, now int64) {
	r := s.helloAt(change)
	if r.change != change {
		*r = release{change: change, first: now, last: now}
	}
	r.made(who, now)
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

// commonHello says whether sessions begin with the event's hello from this browser: several users' at this provider, or at several providers.
func (g *Engine) commonHello(o *observation) bool {
	here, anywhere := g.hellosOf(o)
	return g.knownHello(here) || g.knownHello(anywhere)
}

func (s *state) knownHello(change uint64) bool {
	if change == 0 || s.hellos.used == 0 {
		return false
	}
	r := s.helloAt(change)
	return r.change == change && r.rolledOut()
}
