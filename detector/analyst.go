package detector

import (
	"slices"

	"github.com/sessionguard/sessionguard/rules"
)

// What analysts say of decisions. A false positive teaches as a passed step-up does, for the context of that decision and no other; a true
// positive says who the thief is; and each counts for the rules that fired.

// recorded takes a verdict in. The same word again changes nothing, nor does one that is older than the last.
func (g *Engine) recorded(o *observation) {
	v, p := &o.e.Verdict, g.judgedDecision(o)
	if p == nil || v.Label == 0 {
		g.stats.UnknownVerdicts++
		return
	}
	if o.now < p.judged || v.Label == p.label {
		p.judged = max(p.judged, o.now)
		return
	}
	g.tally(p, v.Label)
	was := p.label
	p.label, p.judged = v.Label, o.now
	switch w := g.asSeen(o, p); {
	case v.Label == LabelFalsePositive:
		g.absolve(o, w, p)
	case v.Label == LabelTruePositive:
		if was == LabelFalsePositive {
			g.unteach(w)
		}
		g.confirm(o, w.s, &p.client, &p.place, p.at)
		g.tellWord(o, w)
	}
}

// judgedDecision gives the decision that a verdict names, nil when it is not remembered, is not the user's, or no rule fired on it: a retract,
// or a person's order.
func (g *Engine) judgedDecision(o *observation) *past {
	digits, ok := idDigits(o.e.Verdict.DecisionID)
	if g.namesLast && g.pastHand != 0 {
		digits, ok = g.pasts.at(g.pastHand).id, true
	}
	if !ok {
		return nil
	}
	return g.pastBy(func(p *past) bool { return p.id == digits && p.of(o) && p.rules[0] != 0 })
}

// asSeen gives the observation that a decision was made on, as far as it is remembered, with what is known of its session and user now. Of a
// session that is forgotten an empty one stands in: there is its user still.
func (g *Engine) asSeen(o *observation, p *past) *observation {
	e := &Event{Source: o.e.Source, Type: SessionPresented, Record: o.e.Record, TimeMS: p.at}
	e.Client.IP = p.place.from()
	geo := &e.Client.Geo
	geo.City = g.names.text(p.place.name)
	geo.Country, geo.Anonymous, geo.ASN = countryText(p.place.country), p.anonymous, Whole{V: int64(p.place.asn), Set: p.place.asn != 0}
	if p.place.flags&placeCellular != 0 {
		geo.Connection = "Cellular"
	}
	w := &observation{e: e, now: p.at, measured: &g.last, segment: o.segment, print: p.client, place: p.place, travelWhy: p.why[0], countryWhy: p.why[1],
		located: true, signals: networkChanged | clientChanged, compared: true, s: &session{kind: p.kind}}
	if slot := g.goesOn(p.session); slot != 0 {
		w.session, w.s = slot, g.sessions.at(slot)
		if w.s.trail != 0 {
			w.trail = g.trails.at(w.s.trail)
		}
	}
	if slot := g.userAt[p.user]; slot != 0 && p.user != (key{}) {
		w.user, w.u = slot, g.users.at(slot)
	}
	w.late = w.now < w.s.last
	return w
}

// absolve is a false positive: what was found there counts no more, its command is taken back where it still holds, and its context belongs to
// the customer. Only a live session learns; of one that is over the user does.
func (g *Engine) absolve(o, w *observation, p *past) {
	s, live := w.s, w.session != 0 && w.s.ended == 0
	if r := g.riskFor(p); r != nil {
		g.takeBack(o, w, p, r)
	}
	switch {
	case !w.e.Client.IP.IsValid():
	case live:
		// The customer's own client stays the session's where it was seen since; this one is his as well.
		w.approves = s.learnedSince(w.now) && s.client.known() && w.print.known() && !sameClient(&s.client, &w.print, s.kind == KindMobileApp)
		g.vouch(w)
	default:
		g.familiarise(w, w.now-learnedAfterMS)
	}
}

// takeBack clears what a decision found, and retracts it where its command still holds and nothing else upholds it.
func (g *Engine) takeBack(o, w *observation, p *past, r *risk) {
	policy := &g.set.Policy
	before := r.standing(policy, o.now, false)
	r.absolve(p, o.now)
	r.join(w.networkHere())
	if r.thiefAt != 0 && r.thief == p.context() {
		r.thiefAt, r.thief = 0, context{}
	}
	if p.action >= rules.RevokeSession {
		g.forgetUnenforced(r)
	}
	after := r.standing(policy, o.now, false)
	if p.command == 0 || policy.Action(&after, w.segment) >= p.action {
		return
	}
	if p.action >= rules.RevokeSession {
		r.unrevoke(w.u, p.action)
	}
	if o.now > p.at+expiresMS[p.action] {
		return
	}
	n := &sent{id: p.id, at: p.at, to: p.place, context: p.context(), action: p.action}
	for i := range r.sent {
		if r.sent[i].id == p.id {
			n = &r.sent[i]
		}
	}
	g.retract(g.speaking(o, p), r, n, g.leadOf(p), "an analyst called it a false positive", before.Score())
}

// absolve clears what a decision found of its context, proofs too: an analyst looked at them. What the same rules found there since is the
// same; then it is as a passed step-up.
func (r *risk) absolve(p *past, now int64) {
	where := p.context()
	for i := range r.findings {
		m := &r.findings[i]
		if m.rule != 0 && m.context.matches(where) && (m.at == p.at || m.at > p.at && m.at <= now && m.flags&markProof == 0) && slices.Contains(p.rules[:], m.rule) {
			m.flags |= markCleared
		}
	}
	r.pass(where, p.at)
}

// speaking gives the verdict's own observation, for a retract: without a session where it names another one than the decision's, as a console
// does that knows only its pseudonym.
func (g *Engine) speaking(o *observation, p *past) *observation {
	named := *o.e
	if o.sessionKey != p.session {
		named.Session.ID = ""
	}
	w := *o
	w.e, w.s, w.session = &named, nil, 0
	if slot := g.goesOn(p.session); slot != 0 {
		w.session, w.s = slot, g.sessions.at(slot)
	}
	return &w
}

// leadOf is the first rule of a decision that the present rules still have.
func (g *Engine) leadOf(p *past) string {
	for _, hash := range p.rules {
		if r := g.ruleID[hash]; r != nil {
			return r.ID
		}
	}
	return ""
}

// unteach takes back what an earlier word on the decision taught: the analyst has changed his mind.
func (g *Engine) unteach(w *observation) {
	n := w.networkHere()
	if k := w.trail.find(n); k != nil {
		k.flags &^= networkLearned
	}
	if w.byApprover() {
		w.trail.approver = print{}
	}
	if w.u != nil && w.e.Client.IP.IsValid() {
		w.u.forget(n)
		w.u.part(w.place.asn, w.now)
	}
}

// confirm notes that a session was stolen: by whom, from where and when is known from an event (Unix ms) that is the thief's. o is the event
// by which it became known; s the session, an empty one when it is forgotten.
func (g *Engine) confirm(o *observation, s *session, client *print, where *place, at int64) {
	g.stats.Confirmed++
	if s.risk != 0 {
		r := g.risks.at(s.risk)
		r.thief, r.thiefAt = contextOf(client, where.from()), at
	}
}
