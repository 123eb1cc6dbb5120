package detector

import (
	"net/netip"
	"slices"
	"strings"
)

// newcomer is a client that may be a thief's, as it came to a session from a network that is new to session and user. Newcomers have
// numbers in the order in which they came; the latest ones are kept, each in the place of the one that came maxNewcomers before.
type newcomer struct {
	session key
	at      int64
	look    look
	number  uint32    // from 1; 0: free
	before  uint32    // the number of the one before on the same network; 0 or one that is gone: there is none
	user    uint32    // of the user's key
	text    uint32    // in texts: what a verdict must name
	told    [3]uint32 // rules that gave a verdict on it
	changed change    // against the session's own client
	_       [3]uint8
}

// change is what of a newcomer is not the session's own.
type change uint8

const (
	changedClient change = 1 << iota // the client
	changedLook                      // its language, time zone or screen, at least
)

const (
	maxNewcomers = 1 << 14
	maxLookedAt  = 512 // newcomers of one network that are looked at on one observation
)

// arrive notes a newcomer on the observation's network.
func (g *Engine) arrive(o *observation) {
	if o.e.User.ID == "" || o.e.Session.ID == "" {
		return
	}
	g.arrivals++
	slot := g.arrivals%maxNewcomers + 1
	for g.newcomers.used < slot {
		g.newcomers.take()
	}
	x := g.newcomers.at(slot)
	g.texts.drop(x.text)
	*x = newcomer{session: g.hash.key(sessionKey, o.e.Tenant, o.e.Session.ID), at: o.now, look: parseLook(o.e.Observation.Look), number: g.arrivals, before: o.node.newcomer,
		user: uint32(g.hash.key(userKey, o.e.Tenant, o.e.User.ID).lo), text: g.texts.put(namesOf(o.e))}
	if o.e.Observation.ClientChanged == True {
		x.changed |= changedClient
	}
	if o.e.Observation.LookChanged == True {
		x.changed |= changedLook
	}
	o.node.newcomer = x.number
	o.arrival = x
	o.signals |= arrived
}

// newcomersOf shows the newcomers of the observation's network, the latest first, as far back as a time.
func (g *Engine) newcomersOf(n *node, since int64, show func(*newcomer)) {
	number := n.newcomer
	for range maxLookedAt {
		slot := number%maxNewcomers + 1
		if number == 0 || slot > g.newcomers.used || g.newcomers.at(slot).number != number {
			return
		}
		x := g.newcomers.at(slot)
		if x.at >= since {
			show(x)
		}
		number = x.before
	}
}

func (x *newcomer) wasTold(rule uint32) bool { return slices.Contains(x.told[:], rule) }

func (x *newcomer) tell(rule uint32) {
	copy(x.told[1:], x.told[:len(x.told)-1])
	x.told[0] = rule
}

// namesOf packs what a verdict on an event must name.
func namesOf(e *Event) string {
	return strings.Join([]string{e.User.ID, e.Session.ID, e.Observation.EventID, e.Observation.EventSource, e.Observation.Of, e.Client.IP.String(), e.User.Segment, strings.Join(e.User.Roles, "\x01")}, "\x00")
}

// accuse begins a verdict on a newcomer; nil where what it must name was not kept. It tells of the moment at which this became known, not of that
// at which the newcomer came: an answer to what is long past would have faded.
func (g *Engine) accuse(o *observation, x *newcomer, rule string) *Observation {
	names := strings.Split(g.texts.get(x.text), "\x00")
	if len(names) != 8 {
		return nil
	}
	x.tell(ruleHash(rule))
	w := *o
	e := *o.e
	w.e = &e
	e.User = User{ID: names[0], Segment: names[6], Roles: rolesOf(names[7])}
	if names[1] != e.Session.ID {
		e.Session, e.Token = Session{ID: names[1]}, Token{}
	}
	e.Observation.EventID, e.Observation.EventSource, e.Observation.Of = names[2], names[3], names[4]
	if ip, err := netip.ParseAddr(names[5]); err == nil {
		e.Client.IP = ip
	}
	if !x.look.sameDevice(parseLook(e.Observation.Look)) {
		e.Device.ID = ""
	}
	to := g.report(&w, rule)
	to.Look, to.ClientChanged, to.LookChanged, to.Sight = x.look.text(), yes(x.changed&changedClient != 0), yes(x.changed&changedLook != 0), ""
	return to
}

func rolesOf(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\x01")
}

// resident is a client with which a user's session began on a network.
type resident struct {
	kind uint32 // of its look
	user uint32
	at   uint32 // Unix seconds
}

// settle notes a session that began on the network; the one that is longest ago gives way.
func (n *node) settle(r resident) {
	oldest := &n.residents[0]
	for i := range n.residents {
		x := &n.residents[i]
		if x.user == r.user && x.kind == r.kind {
			oldest = x
			break
		}
		if x.at < oldest.at {
			oldest = x
		}
	}
	*oldest = r
}

// residentsLike counts the users who begin their sessions on the network with a client of a kind.
func (n *node) residentsLike(kind uint32) (users int) {
	for i := range n.residents {
		if x := &n.residents[i]; x.user != 0 && x.kind == kind {
			users++
		}
	}
	return users
}
