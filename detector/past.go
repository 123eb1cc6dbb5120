package detector

import (
	"encoding/hex"
	"net/netip"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// past is a decision as it is remembered for what the auth service and the analysts say of it later: whose it was, what it found, and what
// it takes to learn that the customer is in order there.
type past struct {
	id        [16]byte // the hex digits of its id
	session   key      // of an event without one, that of its token family; zero: it had none
	user      key      // zero: it was not known
	at        int64    // of the event; 0: free
	command   uint64   // hash of the id of the command that it sent; 0: none
	acked     int64    // when the auth service answered that first; 0: it did not
	judged    int64    // when an analyst judged the decision; 0: nobody did
	place     place
	client    print
	rules     [8]uint32 // hashes of the ids of what fired, the strongest first; 0: free
	action    rules.Action
	label     Enum // Labels
	kind      Enum // of the session
	why       [2]placeWhy
	anonymous Anonymous
	_         [2]uint8
}

// maxPasts is how many decisions a partition remembers: of a bank with a thousand findings a day in each, four days. A verdict that comes
// later still stands in the archive.
const maxPasts = 4096

const decisionPrefix = "d1-"

// idDigits reads the hex digits of a decision's id. What is none gives false.
func idDigits(id string) (digits [16]byte, ok bool) {
	hexed, found := strings.CutPrefix(id, decisionPrefix)
	if !found || len(hexed) != 2*len(digits) {
		return digits, false
	}
	_, err := hex.Decode(digits[:], []byte(hexed))
	return digits, err == nil
}

// command is how state knows a command; never 0.
func (h *hasher) command(id string) uint64 { return h.key(commandKey, "", id).lo | 1 }

// sentAs is a command that was sent just now.
func sentAs(id uint64, now int64, attempt uint32) issued {
	return issued{id: id, sent: now, at: now, attempt: attempt}
}

// keep remembers a decision on which something was found, or whose command was sent; the oldest gives way.
func (g *Engine) keep(o *observation, r *risk, d *Decision) {
	fired := firedRules(d)
	digits, ok := idDigits(d.ID)
	if !ok || fired[0] == 0 && d.Command != "sent" {
		return
	}
	p := g.nextPast()
	*p = past{id: digits, at: o.now, action: d.Action, rules: fired, anonymous: o.e.Client.Geo.Anonymous}
	switch {
	case o.s != nil:
		p.session, p.kind = o.s.key, o.s.kind
	case o.family != nil:
		p.session = o.family.key
	}
	if o.u != nil {
		p.user = o.u.key
	}
	if d.Command == "sent" {
		p.command = r.commands[d.Action].id
	}
	if d.Retracts == "" {
		g.locate(o)
		g.namePlace(o)
		p.place, p.client, p.why = o.place, o.print, [2]placeWhy{o.travelWhy, o.countryWhy}
	}
}

// firedRules gives the rules of a decision that no exception silenced: as many as there is room for.
func firedRules(d *Decision) (fired [8]uint32) {
	n := 0
	for i := range d.Findings {
		if f := &d.Findings[i]; f.ExceptedBy == "" && n < len(fired) {
			fired[n] = ruleHash(f.Rule)
			n++
		}
	}
	return fired
}

// nextPast gives the place of the next decision.
func (s *state) nextPast() *past {
	if s.pastHand = s.pastHand%maxPasts + 1; s.pastHand > s.pasts.used {
		s.pasts.take()
	}
	return s.pasts.at(s.pastHand)
}

// pastBy finds a remembered decision, nil for none.
func (s *state) pastBy(is func(*past) bool) *past {
	for slot := uint32(1); slot <= s.pasts.used; slot++ {
		if p := s.pasts.at(slot); p.at != 0 && is(p) {
			return p
		}
	}
	return nil
}

// of says whether an event that speaks of a decision is of its user or, where it names none, of its session.
func (p *past) of(o *observation) bool {
	if o.e.User.ID != "" && p.user != (key{}) {
		return p.user == o.userKey
	}
	return o.e.Session.ID != "" && p.session == o.sessionKey
}

// from is the address of a place; invalid where an event had none.
func (p *place) from() netip.Addr {
	if p.ip == ([16]byte{}) && p.flags&placeV6 == 0 {
		return netip.Addr{}
	}
	return p.addr()
}

// context is who used the session from where.
func (p *past) context() context { return contextOf(&p.client, p.place.from()) }

// goesOn gives the session of a decision, or the one that it was renewed to; 0 when nothing is known of it any more.
func (g *Engine) goesOn(k key) uint32 {
	slot := g.sessionAt[k]
	for hops := 0; slot != 0 && hops < 4; hops++ {
		s := g.sessions.at(slot)
		if s.endReason != EndSuperseded || s.successor == 0 || g.sessions.at(s.successor).key.lo != s.successorCheck {
			break
		}
		slot = s.successor
	}
	if slot != 0 && g.expired(g.sessions.at(slot)) {
		return 0
	}
	return slot
}

// riskFor gives what was found of a decision's session or token family, nil for nothing.
func (g *Engine) riskFor(p *past) *risk {
	slot := uint32(0)
	if s := g.goesOn(p.session); s != 0 {
		slot = g.sessions.at(s).risk
	} else if f := g.familyAt[p.session]; f != 0 {
		slot = g.families.at(f).risk
	}
	if slot == 0 {
		return nil
	}
	return g.risks.at(slot)
}
