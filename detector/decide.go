package detector

import (
	"slices"

	"github.com/sessionguard/sessionguard/rules"
)

// answer is a decision in the making.
type answer struct {
	risk     *risk
	before   rules.Action
	previous int // score
	action   rules.Action
	score    int
	enforced bool // an enforced finding is shown
	shadowed bool // a shadow finding is shown
	asks     bool // an action.requested that an app may wait for
	owed     bool // an answer was held back, and nothing holds it back any more
}

// decide turns what fired into one decision for the event and its session, and into a command where the answer asks for one.
func (g *Engine) decide(o *observation, asks bool) {
	a := answer{asks: asks, risk: g.riskOf(o, len(g.found) > 0)}
	policy := &g.set.Policy
	before := a.risk.standing(policy, o.now, false)
	a.before, a.previous = policy.Action(&before, o.segment), before.Score()
	if g.owes(o, a.risk) {
		a.owed, a.before = true, min(a.before, a.risk.answered)
	}
	if a.risk.armed > o.now { // it stays armed until its command expires: what arms it again raises nothing
		a.before = max(a.before, rules.Arm)
	}
	g.hide(o, &a)
	where := o.context()
	findings := g.mark(o, &a, where)
	after := a.risk.standing(policy, o.now, false)
	a.action, a.score = policy.Action(&after, o.segment), after.Score()
	g.keepApart(o, &a)
	g.stay24h(o, &a, where)
	if len(findings) == 0 && !asks {
		return
	}
	slices.SortFunc(findings, inOrder)
	g.emit(o, &a, findings)
}

// riskOf gives the session's risk; an empty one stands in where nothing was found, or where the event has no session, and a copy where the
// event has no person behind it: it is answered and changes nothing.
func (g *Engine) riskOf(o *observation, write bool) *risk {
	at := o.riskAt()
	switch {
	case at == nil, *at == 0 && !write:
		g.scratch = risk{}
		return &g.scratch
	case o.e.Background == True:
		g.scratch = *g.risks.at(*at)
		return &g.scratch
	case *at == 0:
		*at = g.risks.take()
	}
	r := g.risks.at(*at)
	g.renewAfterRevoke(o, r)
	return r
}

// riskAt is where the slot of the event's risk stands: with its session; of an event without one, with its token family.
func (o *observation) riskAt() *uint32 {
	switch {
	case o.s != nil:
		return &o.s.risk
	case o.family != nil:
		return &o.family.risk
	}
	return nil
}

// renewAfterRevoke lets findings and commands come again on activity after our own revoke: it was not enforced.
func (g *Engine) renewAfterRevoke(o *observation, r *risk) {
	for _, act := range [...]rules.Action{rules.RevokeSession, rules.RevokeUserSessions} {
		c := &r.commands[act]
		if c.at != 0 && !o.late && o.now-c.at >= revokeGraceMS && presents(o.e) && accepted(o.e) {
			r.restart()
			return
		}
	}
}

// hide finds the candidates that a cooldown covers. None is hidden that raises the action.
func (g *Engine) hide(o *observation, a *answer) {
	policy, trial := &g.set.Policy, *a.risk
	for i := range g.found {
		c := &g.found[i]
		if last := a.risk.last(c.hash, c.flags()); c.goesOn && last.stands() {
			c.hidden = last
			continue
		}
		c.hidden = a.risk.of(c.hash, o.now, c.variant.CooldownMS, c.flags())
		if c.excepted == "" && !c.shadow {
			trial.put(policy, c.mark(o.now, context{}))
		}
	}
	would := trial.standing(policy, o.now, false)
	raised := policy.Action(&would, o.segment)
	for i := range g.found {
		c := &g.found[i]
		if h := c.hidden; h != nil && !c.goesOn && !c.shadow && c.excepted == "" && raised > a.before && (a.owed || !c.again(o)) {
			c.hidden = nil
		}
	}
}

// again says whether an impossible journey leads to the place that it led to before: within the cooldown it does not fire again.
func (c *candidate) again(o *observation) bool {
	return c.spec == &impossibleTravel && c.hidden.context.network == o.context().network
}

func (c *candidate) mark(now int64, where context) mark {
	return mark{at: now, context: where, rule: c.hash, score: uint16(min(c.score, 1<<16-1)), kind: c.rule.Evidence, flags: c.flags()}
}

// mark puts what is shown into the session's risk and gives the findings of the decision.
func (g *Engine) mark(o *observation, a *answer, where context) []Finding {
	var findings []Finding
	for i := range g.found {
		c := &g.found[i]
		if c.hidden != nil {
			c.hidden.suppressed++
			continue
		}
		suppressed := 0
		if old := a.risk.last(c.hash, c.flags()); old != nil {
			suppressed = int(old.suppressed)
			old.suppressed = 0
		}
		a.risk.put(&g.set.Policy, c.mark(o.now, where))
		g.noteUnenforced(c, o.now)
		findings = append(findings, c.finding(suppressed))
		if !c.shadow && c.excepted == "" {
			a.enforced = true
			if c.rule.Evidence == rules.Client && o.s != nil {
				o.s.drifted = o.now
			}
		}
		a.shadowed = a.shadowed || c.shadow && c.excepted == ""
	}
	return findings
}

func (c *candidate) finding(suppressed int) Finding {
	f := Finding{Rule: c.rule.ID, Score: c.score, Mode: rules.Enforce, Evidence: c.rule.Evidence, Proof: c.proof(),
		Reason: c.reason, Facts: c.facts, Nearest: c.nearest, ExceptedBy: c.excepted, Suppressed: suppressed}
	if c.shadow {
		f.Mode = rules.Shadow
	}
	return f
}

// keepApart keeps the place of an impossible journey out of the baseline until a step-up vouches for it, and takes what was found into what is
// known of the user.
func (g *Engine) keepApart(o *observation, a *answer) {
	enforced, network := false, false
	for i := range g.found {
		c := &g.found[i]
		if c.shadow || c.excepted != "" || o.s == nil {
			continue
		}
		enforced, network = true, network || c.rule.Evidence == rules.Network
		if c.spec == &impossibleTravel {
			a.risk.setApart(o.networkHere())
		}
	}
	switch {
	case !enforced:
	case a.action <= rules.Arm:
		g.acquaint(o)
	default:
		g.estrange(o, network)
	}
}

// stay24h lets a context that in 24 hours never reached more than arm teach again.
func (g *Engine) stay24h(o *observation, a *answer, where context) {
	r := a.risk
	if !r.context.matches(where) {
		r.context, r.pending, r.highest = where, o.now, rules.None
	}
	r.highest = max(r.highest, a.action)
}

// emit makes the decision and its command.
func (g *Engine) emit(o *observation, a *answer, findings []Finding) {
	g.locate(o)
	d := g.decision(o, a, findings)
	g.trust(o, a, &d)
	commands := d.Mode == rules.Enforce && d.Action >= rules.Arm && (a.enforced || a.asks) && o.e.Background != True
	// A session that is armed and no more has its command: it holds until it expires and is not sent anew.
	repeated := commands && (g.inForce(a.risk, d.Action, o.now) || a.action < rules.Arm)
	if commands && !repeated && !g.cfg.ObserveOnly { // nothing is sent: nothing is braked
		d.Braked, d.Action = g.brakeAll(o, a, d.Action)
		repeated = g.inForce(a.risk, d.Action, o.now)
		a.risk.held, a.risk.answered = d.Braked, d.Action
	}
	if g.cfg.ObserveOnly {
		if d.Mode == rules.Enforce {
			d.Would = d.Action
		}
		d.Mode, d.Action, commands = rules.Shadow, rules.None, false
	}
	lead := leading(findings)
	d.ID = decisionID(o.e, lead, d.Action)
	switch {
	case !commands || d.Action < rules.Arm:
	case repeated:
		d.Command = "repeated"
	default:
		d.Command = "sent"
		g.command(o, a, &d, lead)
		g.noteSent(o, a.risk, &d)
	}
	g.count(&d)
	g.keep(o, a.risk, &d)
	g.out.Decisions = append(g.out.Decisions, d)
}

// decision is what stands before brake and observe-only have their say.
func (g *Engine) decision(o *observation, a *answer, findings []Finding) Decision {
	d := g.about(o)
	d.Action, d.Score, d.PreviousScore, d.Findings, d.NotEvaluable = a.action, a.score, a.previous, findings, g.notEvaluable(o)
	if d.Action < rules.Arm && a.risk.armed > o.now {
		d.Action = rules.Arm
	}
	if !a.enforced && a.shadowed {
		with := a.risk.standing(&g.set.Policy, o.now, true)
		d.Would = max(d.Action, g.set.Policy.Action(&with, o.segment))
		if !a.asks || d.Action == rules.None { // else the answer that the app waits for stands by itself
			d.Mode, d.Action = rules.Shadow, rules.None
		}
	}
	return d
}

// about is an enforced decision on an event that says nothing yet.
func (g *Engine) about(o *observation) Decision {
	e := o.e
	id, source := e.cause()
	return Decision{TimeMS: o.now, Tenant: e.Tenant, SessionID: e.Session.ID, UserID: e.User.ID, EventID: id, EventSource: source,
		Mode: rules.Enforce, NotEvaluable: []NotEvaluable{}, Ruleset: g.set.Hash, Revision: g.set.Revision, GeoBuild: g.cfg.GeoBuild,
		Misrouted: e.Record.Misrouted, ClampedTime: e.Clamped, Truncated: o.s != nil && o.s.flags&wasTruncated != 0}
}

// leading is the id of the finding that leads: enforced, the highest score, then the first id.
func leading(findings []Finding) string {
	for i := range findings {
		if findings[i].ExceptedBy == "" {
			return findings[i].Rule
		}
	}
	if len(findings) > 0 {
		return findings[0].Rule
	}
	return ""
}

func (g *Engine) count(d *Decision) {
	g.stats.Actions[d.Action]++
	for i := range d.Findings {
		f := &d.Findings[i]
		switch {
		case f.ExceptedBy != "":
		case f.Mode == rules.Enforce:
			g.stats.Findings[f.Rule]++
		default:
			g.stats.Shadow[f.Rule]++
		}
	}
}
