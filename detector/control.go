package detector

import (
	"cmp"

	"github.com/sessionguard/sessionguard/rules"
)

// operatorCode stands for the leading rule where a person ordered the answer.
const operatorCode = "operator"

const (
	// trustMS is how long a person's trust lasts that does not say until when.
	trustMS = 24 * 3600_000
	// MaxTrustMS bounds it: nobody is trusted for longer than a session may live (NIST SP 800-63B-4 AAL1).
	MaxTrustMS = 30 * 24 * 3600_000
)

// obey does what a person orders. Every order has its decision, with who and why: a revoke is not braked, since a person asked for it and
// answers for it, and it does not count towards a brake.
func (g *Engine) obey(o *observation) {
	c := &o.e.Control
	if c.Do == 0 {
		return
	}
	if o.e.Session.ID != "" {
		g.openSession(o) // known here or not: what follows is held against the order
	} else {
		g.openUser(o)
	}
	a := answer{risk: &g.scratch}
	g.scratch = risk{}
	d := g.about(o)
	d.Control, d.Reason = Controls[c.Do-1], "by "+cmp.Or(c.By, "nobody named")+": "+cmp.Or(c.Why, "no reason given")
	switch c.Do {
	case ControlRevokeSession:
		g.revokeByHand(o, &a, &d)
	case ControlRevokeUser:
		if d.Action = rules.RevokeUserSessions; o.e.User.ID == "" {
			d.Action, d.Reason = rules.None, d.Reason+" (nothing was done: the order names no user)"
		}
	case ControlTrust:
		g.trustByHand(o, &a, &d)
	case ControlResumeBrake:
		d.Lifted, g.resumed = g.resumeBrakes(o.now), o.id
	}
	g.order(o, &a, &d)
}

// revokeByHand ends a session.
func (g *Engine) revokeByHand(o *observation, a *answer, d *Decision) {
	if o.e.Session.ID == "" {
		d.Reason += " (nothing was done: the order names no session)"
		return
	}
	if d.Action = rules.RevokeSession; o.s.endReason == EndSuperseded {
		d.Reason += " (this id was renewed: the session may go on under another one, which revoke_user_sessions ends too)"
	}
	g.scoreOf(o, a, d)
}

// trustByHand notes until when a session, or else its user, is trusted. A time that is over ends the trust.
func (g *Engine) trustByHand(o *observation, a *answer, d *Decision) {
	until := o.now + trustMS
	if u := o.e.Control.Until; u.Set {
		until = max(o.now, min(u.MS, o.now+MaxTrustMS))
	}
	switch d.TrustedUntil = until; {
	case o.e.Session.ID != "":
		slot, s := o.session, o.s
		g.succeed(o)
		g.scoreOf(o, a, d)
		a.risk.trusted = until
		o.session, o.s = slot, s
	case o.e.User.ID != "":
		o.u.trusted = until
	default:
		d.TrustedUntil = 0
		d.Reason += " (nothing was done: the order names nobody)"
	}
}

// scoreOf puts the session's score on the decision of an order.
func (g *Engine) scoreOf(o *observation, a *answer, d *Decision) {
	if o.s.risk == 0 {
		o.s.risk = g.risks.take()
	}
	a.risk = g.risks.at(o.s.risk)
	standing := a.risk.standing(&g.set.Policy, o.now, false)
	d.Score, d.PreviousScore = standing.Score(), standing.Score()
}

// order sends what a person ordered.
func (g *Engine) order(o *observation, a *answer, d *Decision) {
	if g.cfg.ObserveOnly {
		d.Mode, d.Would, d.Action = rules.Shadow, d.Action, rules.None
	}
	d.ID = decisionID(o.e, operatorCode+" "+d.Control, d.Action)
	if d.Action >= rules.Arm {
		d.Command = "sent"
		g.command(o, a, d, operatorCode)
	}
	g.count(d)
	g.keep(o, a.risk, d)
	g.out.Decisions = append(g.out.Decisions, *d)
}

// trustedUntil says until when a person trusts the event's session or its user (Unix ms); 0 for never.
func (g *Engine) trustedUntil(o *observation, r *risk) int64 {
	if o.u == nil {
		return r.trusted
	}
	return max(r.trusted, o.u.trusted)
}

// trust holds an answer back to observe while a person trusts the session or its user. It covers where the customer is, with what and what
// he does; not what shows one session in two hands: a proof, and evidence of the kind replay.
func (g *Engine) trust(o *observation, a *answer, d *Decision) {
	until := g.trustedUntil(o, a.risk)
	if until <= o.now || d.Action <= rules.Observe || d.Action > rules.RevokeUserSessions {
		return
	}
	left := *a.risk
	for i := range left.findings {
		if m := &left.findings[i]; m.flags&markProof == 0 && m.kind != rules.Replay {
			*m = mark{}
		}
	}
	standing := left.standing(&g.set.Policy, o.now, false)
	if act := max(rules.Observe, g.set.Policy.Action(&standing, o.segment)); act < d.Action {
		a.risk.held, a.risk.answered = d.Action, act
		d.Would, d.Action, d.TrustedUntil = d.Action, act, until
	}
}

// owes says whether more may be answered now than was when the session's answer was held back.
func (g *Engine) owes(o *observation, r *risk) bool {
	return r.held != rules.None && g.trustedUntil(o, r) <= o.now && g.allowed(r.held) > r.answered
}
