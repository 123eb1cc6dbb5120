package detector

import (
	"encoding/hex"
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// sent is a decision whose command was sent: what it takes to know later that it was wrong.
type sent struct {
	id      [16]byte // the hex digits of its id
	at      int64    // of the event; 0: free
	fromAt  int64    // when the session was at from
	from    place    // of the journey or the change of country that it found
	to      place
	context context
	action  rules.Action
	moved   uint8 // 1: from and to hold
	_       [2]uint8
}

// noteSent remembers a decision whose command was sent. One on which nothing new fired says again what the last one said.
func (g *Engine) noteSent(o *observation, r *risk, d *Decision) {
	older, newer := &r.sent[0], &r.sent[1]
	if newer.at < older.at {
		older, newer = newer, older
	}
	n := sent{at: o.now, to: o.place, context: o.context(), action: d.Action}
	n.id, _ = idDigits(d.ID)
	if len(d.Findings) == 0 {
		if newer.at != 0 {
			newer.id, newer.action = n.id, n.action
		}
		return
	}
	for i := range g.found {
		switch c := &g.found[i]; {
		case c.hidden != nil || c.shadow || c.excepted != "":
		case c.spec == &impossibleTravel && o.travel.fromAt != 0:
			n.from, n.fromAt, n.moved = o.travel.from, o.travel.fromAt, 1
		case c.spec == &countryChange && n.moved == 0:
			n.from, n.fromAt, n.moved = o.crossing.from, o.crossing.fromAt, 1
		}
	}
	*older = n
}

// sound says whether a risk from a snapshot refers only to what is there.
func (r *risk) sound(names uint32) bool {
	for i := range r.sent {
		if n := &r.sent[i]; n.from.name > names || n.to.name > names || int(n.action) >= rules.NumActions {
			return false
		}
	}
	for a := range r.commands {
		if int(r.commands[a].result) > len(Results) {
			return false
		}
	}
	return true
}

// reconsider takes back decisions that would not have been made, or not as hard, had this event been known: it came late, or it shows that
// a place was corrected by another build of the databases.
func (g *Engine) reconsider(o *observation) {
	if o.s.risk == 0 {
		return
	}
	r := g.risks.at(o.s.risk)
	for i := range r.sent {
		n := &r.sent[i]
		if n.at == 0 || abs(o.now-n.at) > MaxLateMS {
			continue
		}
		before := r.standing(&g.set.Policy, o.now, false)
		if lead, why := g.hindsight(o, r, n); lead != nil {
			g.retract(o, r, n, lead.ID, why, before.Score())
		}
	}
}

// hindsight clears the findings of a decision that the event explains, if the answer would have been softer without them. It gives the
// leading one of these, nil for none, and why it is explained. What was found since counts: it may uphold the answer.
func (g *Engine) hindsight(o *observation, r *risk, n *sent) (lead *rules.Rule, why string) {
	without, best := *r, 0
	for i := range r.findings {
		m := &r.findings[i]
		rule := g.ruleID[m.rule]
		if rule == nil || rule.Detector < 0 || m.at < n.at || m.context != n.context || m.flags&(markShadow|markExcepted|markCleared) != 0 {
			continue
		}
		text := g.disproved(o, n, m, rule)
		if text == "" {
			continue
		}
		without.findings[i].flags |= markCleared
		if score := int(m.score); lead == nil || score > best || score == best && rule.ID < lead.ID {
			lead, why, best = rule, text, score
		}
	}
	if lead == nil {
		return nil, ""
	}
	if n.action >= rules.RevokeSession {
		g.forgetUnenforced(&without)
	}
	policy := &g.set.Policy
	before, after := r.standing(policy, n.at, false), without.standing(policy, n.at, false)
	if policy.Action(&before, o.segment) < n.action || policy.Action(&after, o.segment) >= n.action {
		return nil, ""
	}
	r.findings = without.findings
	return lead, why
}

// disproved says why a finding would not have been made, had the event been known; "" when it would.
func (g *Engine) disproved(o *observation, n *sent, m *mark, rule *rules.Rule) string {
	e, spec, p := o.e, detectors[rule.Detector], &rule.In(o.segment).Params
	switch {
	case spec == &useAfterEnd:
		if e.Type == SessionCreated && accepted(e) && o.s.ended != 0 && o.now >= o.s.ended && o.now <= n.at {
			return "the session had begun anew " + span(n.at-o.now) + " before; that event came late"
		}
	case m.flags&markProof != 0 || !e.Client.IP.IsValid():
	case o.stepUpBefore(n) && (rule.Evidence == rules.Network || rule.Evidence == rules.Client && n.context.known()):
		return "the customer had passed a step-up there " + span(n.at-o.now) + " before; that event came late"
	case spec.placed && g.explained(o.u, &n.to, n.at):
		return "the bank had seen the customer near there, or knew of the journey; that came late"
	case n.moved != 0 && spec == &impossibleTravel:
		return g.journeyExplained(o, n, p)
	case n.moved != 0 && spec == &countryChange:
		return g.crossingExplained(o, n, p)
	}
	return ""
}

// stepUpBefore says whether the event is a step-up that was passed where and with what the decision's event came, before it.
func (o *observation) stepUpBefore(n *sent) bool {
	return o.e.Type == AuthReauthenticated && o.e.Outcome == OutcomeSuccess && o.now <= n.at && n.context.matches(o.context())
}

// corrected gives a decision's two places as they are known now, and whether the event is at one of them.
func (g *Engine) corrected(o *observation, n *sent) (from, to place, same bool) {
	g.locate(o)
	from, to = n.from, n.to
	if same = from.sameAddress(&o.place); same {
		from = o.place
	} else if same = to.sameAddress(&o.place); same {
		to = o.place
	}
	return from, to, same
}

func (g *Engine) journeyExplained(o *observation, n *sent, p *rules.Params) string {
	from, to, same := g.corrected(o, n)
	switch {
	case same && o.travelWhy.placeless():
		return fmt.Sprintf("the database says of %s now: %s", addressText(o), o.travelWhy)
	case same && o.travelWhy == 0:
		if j := measureJourney(&from, &to, n.at-n.fromAt, p); !j.impossible {
			g.namePlace(o)
			return fmt.Sprintf("the database places %s in %s now: at least %s km in %s", addressText(o), g.placeName(&o.place), thousands(j.distanceM/1000), span(j.elapsedMS))
		}
	case o.late && o.travelWhy == 0 && min(n.fromAt, n.at) < o.now && o.now < max(n.fromAt, n.at):
		there, on := measureJourney(&from, &o.place, o.now-n.fromAt, p), measureJourney(&o.place, &to, n.at-o.now, p)
		if !there.impossible && !on.impossible {
			g.namePlace(o)
			return "the way led over " + g.placeName(&o.place) + "; that event came late"
		}
	}
	return ""
}

func (g *Engine) crossingExplained(o *observation, n *sent, p *rules.Params) string {
	from, to, same := g.corrected(o, n)
	switch {
	case !same:
	case o.countryWhy.placeless():
		return fmt.Sprintf("the database says of %s now: %s", addressText(o), o.countryWhy)
	case o.countryWhy != 0:
	case from.country == to.country:
		return fmt.Sprintf("the database places %s in %s now", addressText(o), countryText(o.place.country))
	case p.On(countryRequireASN) && from.asn == to.asn && to.asn != 0:
		return fmt.Sprintf("the database gives AS%d for %s now", o.place.asn, addressText(o))
	}
	return ""
}

func addressText(o *observation) string { return o.place.addr().String() }

// retract takes a decision back: what it found no longer counts, its place is no longer kept apart, and cooldowns begin anew.
func (g *Engine) retract(o *observation, r *risk, n *sent, lead, why string, previous int) {
	e, was := o.e, *n
	*n = sent{}
	there := network{last: was.at}
	there.prefix, there.flags = prefix(was.to.addr(), prefixV4, prefixV6)
	r.join(&there)
	r.commands[was.action].at = 0
	switch {
	case was.action == rules.Arm:
		r.armed = 0
	case was.action >= rules.RevokeSession:
		r.unrevoke(o.u, was.action)
	}
	r.demand.until = min(r.demand.until, r.armed)
	r.showAgain()
	standing := r.standing(&g.set.Policy, o.now, false)
	d := Decision{TimeMS: o.now, Tenant: e.Tenant, SessionID: e.Session.ID, UserID: e.User.ID, EventID: e.ID, EventSource: e.Source,
		Action: rules.Retract, Mode: rules.Enforce, Score: standing.Score(), PreviousScore: previous, NotEvaluable: []NotEvaluable{},
		Retracts: decisionPrefix + hex.EncodeToString(was.id[:]), Reason: lead + ": " + why,
		Ruleset: g.set.Hash, Revision: g.set.Revision, GeoBuild: g.cfg.GeoBuild, Misrouted: e.Record.Misrouted, ClampedTime: e.Clamped}
	if g.cfg.ObserveOnly {
		d.Mode, d.Action, d.Would = rules.Shadow, rules.None, rules.Retract
	}
	d.ID = decisionID(e, lead+" "+d.Retracts, rules.Retract)
	if d.Action == rules.Retract {
		d.Command = "sent"
		c := retractCommand(e, &d, lead)
		r.commands[rules.Retract] = sentAs(g.hash.command(c.ID), o.now, 1)
		g.out.Commands = append(g.out.Commands, c)
	}
	g.stats.Actions[d.Action]++
	g.keep(o, r, &d)
	g.out.Decisions = append(g.out.Decisions, d)
}

func retractCommand(e *Event, d *Decision, lead string) Command {
	at := issuedAt(e)
	return Command{
		ID: hashID("c1", d.ID, "1"), Action: rules.Retract, DecisionID: d.ID, Tenant: e.Tenant, SessionID: e.Session.ID, UserID: e.User.ID, Attempt: 1,
		IssuedAtMS: at, ExpiresAtMS: at + expiresMS[rules.Retract], EventID: e.ID, EventSource: e.Source, EventTimeMS: e.TimeMS,
		Code: lead, ReasonAdmin: d.Reason, ReasonUser: userReasons[rules.Retract], Score: d.Score, Rules: []string{lead}, Retracts: d.Retracts,
	}
}
