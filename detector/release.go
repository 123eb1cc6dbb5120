package detector

import (
	"encoding/binary"
	"slices"

	"github.com/dchest/siphash"

	"github.com/sessionguard/sessionguard/rules"
)

// release is a change of client that several users of the partition made: a browser's, a system's or an app's release rolls out, and is no
// theft. Only what was learned counts: a change on an unchanged network against which nothing stood, or one that a passed step-up vouched for.
type release struct {
	change      uint64 // hash of what became what; 0: free
	first, last int64  // when it was learned
	users       [releaseUsers]uint32
	_           [4]uint8
}

// A change is a release from this many users and this time on; the table holds the latest ones.
const (
	releaseUsers    = 5
	releaseSpanMS   = 24 * 3600_000
	maxReleases     = 256
	changeOfTLS     = 't'
	changeOfStack   = 's'
	changeOfVersion = 'v'
)

// change is the hash of a kind of change and of its numbers; never 0.
func (h *hasher) change(kind byte, numbers ...uint32) uint64 {
	buf := append(h.buf[:0], kind)
	for _, n := range numbers {
		buf = binary.LittleEndian.AppendUint32(buf, n)
	}
	h.buf = buf
	return siphash.Hash(h.k0, h.k1, buf) | 1
}

// tlsChange is a change of the ciphers in one browser's TLS hello; 0 for none.
func (h *hasher) tlsChange(a, b *print) uint64 {
	switch {
	case differs(a.ja4TCP, b.ja4TCP):
		return h.change(changeOfTLS, uint32(b.browser), uint32(b.os), a.ja4TCP, b.ja4TCP)
	case differs(a.ja4QUIC, b.ja4QUIC):
		return h.change(changeOfTLS, uint32(b.browser), uint32(b.os), a.ja4QUIC, b.ja4QUIC)
	}
	return 0
}

// stackChange is a change of what a client calls itself: its browser, engine, system or class; 0 for none.
func (h *hasher) stackChange(a, b *print) uint64 {
	if sameFace(a, b) {
		return 0
	}
	return h.change(changeOfStack, a.stack(), b.stack(), a.name, b.name, uint32(b.major))
}

func (p *print) stack() uint32 {
	return uint32(p.browser) | uint32(p.engine)<<8 | uint32(p.os)<<16 | uint32(p.class)<<24
}

// versionChange is a browser's step down to an older version, as a release that is taken back brings it; 0 for none.
func (h *hasher) versionChange(a, b *print) uint64 {
	if !sameFace(a, b) || a.major == 0 || b.major == 0 || b.major >= a.major {
		return 0
	}
	return h.change(changeOfVersion, uint32(b.browser), uint32(b.os), uint32(a.major), uint32(b.major))
}

// released says whether a change is one that rolled out over the population.
func (s *state) released(change uint64) bool {
	for slot := uint32(1); change != 0 && slot <= s.releases.used; slot++ {
		if r := s.releases.at(slot); r.change == change {
			return r.rolledOut()
		}
	}
	return false
}

// learnRelease counts the event's user among those who made its change of client.
func (g *Engine) learnRelease(o *observation) {
	if o.signals&clientChanged == 0 || o.u == nil || o.late || !o.s.client.known() || g.stands(o, rules.RequireReauth) {
		return
	}
	old := &o.s.client
	for _, change := range [...]uint64{g.hash.tlsChange(old, &o.print), g.hash.stackChange(old, &o.print), g.hash.versionChange(old, &o.print)} {
		if change != 0 {
			g.releaseOf(change, o.now).made(uint32(o.u.key.lo)|1, o.now)
		}
	}
}

// releaseOf finds or makes the record of a change; the one that was seen longest ago gives way.
func (s *state) releaseOf(change uint64, now int64) *release {
	var oldest *release
	for slot := uint32(1); slot <= s.releases.used; slot++ {
		r := s.releases.at(slot)
		if r.change == change {
			return r
		}
		if oldest == nil || r.last < oldest.last {
			oldest = r
		}
	}
	if s.releases.used < maxReleases {
		oldest = s.releases.at(s.releases.take())
	}
	*oldest = release{change: change, first: now, last: now}
	return oldest
}

// rolledOut says whether enough users made the change over long enough.
func (r *release) rolledOut() bool {
	return r.users[releaseUsers-1] != 0 && r.last-r.first >= releaseSpanMS
}

func (r *release) made(user uint32, now int64) {
	r.first, r.last = min(r.first, now), max(r.last, now)
	if slices.Contains(r.users[:], user) {
		return
	}
	if free := slices.Index(r.users[:], 0); free >= 0 {
		r.users[free] = user
	}
}
