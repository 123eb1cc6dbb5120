package detector

import (
	"math"

	"github.com/sessionguard/sessionguard/rules"
)

// life is how a session came to be and what its id went through. Times are Unix seconds; 0 is never.
type life struct {
	authed     uint32 // the last authentication, as the app attests it or as it was seen
	active     uint32 // the last thing that a person did
	rotated    uint32 // since when the id stands in for another one
	privileged uint32 // the first change of privilege since, and
	recredited uint32 // of credentials or factors: each asks for a new id
	rest       uint32 // the longest time, in seconds, that it lay idle since the last authentication
	visitor    uint32 // slot of who showed the session before its login; 0: nobody did, or the login was judged
}

// tick gives Unix ms as seconds modulo 2^32: differences stay right.
func tick(ms int64) uint32 { return uint32(ms / 1000) }

// since gives how long ago a moment of the session's life was, in ms; 0 for one that is still to come. A difference of seconds is right for
// 68 years, whatever the century.
func (o *observation) since(at uint32) int64 {
	return max(0, int64(int32(tick(o.now)-at))*1000)
}

// later gives the later of two moments.
func later(a, b uint32) uint32 {
	if a == 0 || b != 0 && int32(b-a) > 0 {
		return b
	}
	return a
}

// byPerson says whether a person began an event. A refresh of tokens and a rotation of the id are the app's own doing: they keep no session
// awake (NIST SP 800-63B-4, 5.1.2).
func byPerson(t EventType) bool {
	switch t {
	case SessionCreated, SessionPresented, SessionPrivilegeChanged, AuthReauthenticated, CredentialChanged, FactorChanged, ActionRequested, ActionCompleted:
		return true
	}
	return false
}

// lookAtLife gives the signals of the session's life. A bank that set no limits hears of none exceeded.
func (g *Engine) lookAtLife(o *observation) {
	s := o.s
	if byPerson(o.e.Type) && !o.late {
		if s.life.active != 0 && o.since(s.life.active) > g.idleLimitMS {
			o.signals |= rested
		}
		if o.now-s.first > g.lifetimeMS {
			o.signals |= aged
		}
	}
	if s.life.privileged|s.life.recredited != 0 {
		o.signals |= unrotated
	}
	if s.life.visitor != 0 && o.user != 0 {
		o.signals |= claimed
	}
}

// liveOn notes what the event is to the session's life.
func (g *Engine) liveOn(o *observation) {
	e, s := o.e, o.s
	if e.Outcome == OutcomeFailure || e.User.ActorID != "" {
		return
	}
	g.liveUnderID(o)
	s.noteRest(o)
	if byPerson(e.Type) {
		s.life.active = later(s.life.active, tick(o.now))
	}
	if at, seen := authentication(o); seen {
		if later(s.life.authed, tick(at)) != s.life.authed {
			s.life.authed, s.life.rest = tick(at), 0
		}
	}
	if e.Auth.AAL.Set && e.Auth.AAL.V > int64(s.aal) && e.Auth.AAL.V <= maxAAL {
		s.aal = uint8(e.Auth.AAL.V)
	}
	if s.transport == 0 {
		s.transport = e.Session.Transport
	}
}

// following is the life of an id that stands in for an older one: it was rotated, whatever had asked for that.
func (l life) following(old *life, atMS int64) life {
	n := life{authed: later(l.authed, old.authed), active: later(l.active, old.active), rotated: tick(atMS), rest: l.rest}
	if n.authed == old.authed {
		n.rest = max(l.rest, old.rest)
	}
	return n
}

// noteRest keeps the longest time between a request and what a person did before it. A late one may have come in between.
func (s *session) noteRest(o *observation) {
	switch {
	case o.e.Type != SessionPresented:
	case o.late || s.life.active == 0:
		s.life.rest = 0
	default:
		s.life.rest = max(s.life.rest, uint32(o.since(s.life.active)/1000))
	}
}

// maxAAL is the highest authenticator assurance level (NIST SP 800-63B-4).
const maxAAL = 3

// authentication gives the latest authentication that an event tells of: a step-up, else what the app attests, else the login of a known
// user: one that the app attests to be old came by single sign-on. None lies after the event.
func authentication(o *observation) (ms int64, seen bool) {
	e := o.e
	switch {
	case e.Type == AuthReauthenticated && e.Outcome == OutcomeSuccess:
		return o.now, true
	case e.Auth.Time.Set:
		return min(e.Auth.Time.MS, o.now), true
	case e.Type == SessionCreated && o.user != 0:
		return o.now, true
	}
	return 0, false
}

// liveUnderID follows the session's id: the visitor who showed it before its login, and what asks for a new one.
func (g *Engine) liveUnderID(o *observation) {
	e, s := o.e, o.s
	switch {
	case g.userOf(s) == 0 && s.life.visitor == 0 && s.flags&claimedAfar == 0 && presentsOrBegins(e) && e.Client.IP.IsValid():
		g.locate(o)
		s.life.visitor = g.visitors.take()
		*g.visitors.at(s.life.visitor) = visitor{network: *o.networkHere(), shownBy: likenessOf(&o.print)}
	case o.signals&claimed != 0 && e.Type != AuthReauthenticated: // a step-up is not judged; what follows it is
		g.visitors.give(s.life.visitor)
		s.life.visitor = 0
	}
	if privilege, credential := asksForNewID(o); (privilege || credential) && !o.late && !o.justRotated() {
		note(&s.life.privileged, privilege, o.now)
		note(&s.life.recredited, credential, o.now)
	}
}

// note keeps the first of several moments.
func note(at *uint32, happened bool, ms int64) {
	if happened && *at == 0 {
		*at = tick(ms)
	}
}

func presentsOrBegins(e *Event) bool { return e.Type == SessionCreated || presents(e) }

// visitor is who first showed a session that nobody had logged in to.
type visitor struct {
	network network
	shownBy likeness
}

// shortest gives the shortest limit that a rule of a detector sets for anybody; without one, what is never exceeded.
func (g *Engine) shortest(d *detectorSpec, limitMS func(*rules.Params) int64) int64 {
	least := int64(math.MaxInt64)
	for _, r := range g.set.ByDetector(detectorIndex(d)) {
		for segment := range max(1, len(g.set.Segments)) {
			v := r.In(segment)
			if limit := limitMS(&v.Params); v.Mode != rules.Off && limit > 0 {
				least = min(least, limit)
			}
		}
	}
	return least
}
