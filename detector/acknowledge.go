package detector

import "github.com/sessionguard/sessionguard/rules"

// lateAnswerMS is how long the auth service may take to answer a command: as long as it may take to enforce a revoke.
const lateAnswerMS = revokeGraceMS

// acknowledge takes in what became of a command. One that did not reach its aim may be sent again: that one; what is said of an older command
// changes nothing. A revoke that was applied has ended the session, whether or not the app says so itself.
func (g *Engine) acknowledge(o *observation) {
	a := &o.e.Command
	p, r := g.answered(o)
	act, c := r.commandOf(g, a.ID)
	if p != nil {
		act = p.action
		if p.acked == 0 {
			p.acked = o.now
		}
	}
	if a.Result == 0 || p == nil && c == nil {
		g.stats.UnknownAnswers++
		return
	}
	g.stats.Answers[act][a.Result-1]++
	if c == nil || o.now < c.acked {
		return
	}
	c.acked, c.result = o.now, a.Result
	switch a.Result {
	case ResultFailed, ResultExpired, ResultRejected:
		c.at = 0
		r.showAgain()
	case ResultApplied, ResultEnded:
		if act >= rules.RevokeSession && act != rules.Retract {
			g.endRevoked(o, p)
		}
	}
}

// answered gives the decision whose command an event answers, nil when it is not remembered, and what was found of its session.
func (g *Engine) answered(o *observation) (p *past, r *risk) {
	id := g.hash.command(o.e.Command.ID)
	if p = g.pastBy(func(p *past) bool { return p.command == id && p.of(o) }); p != nil {
		if r = g.riskFor(p); r != nil {
			return p, r
		}
	}
	if r = g.riskSoFar(o); r == nil {
		r = &risk{}
	}
	return p, r
}

// commandOf gives the command of an id, nil when it is not the last of its action. An answer that names none is of the last command.
func (r *risk) commandOf(g *Engine, id string) (act rules.Action, c *issued) {
	hash := g.hash.command(id)
	for a := range r.commands {
		if x := &r.commands[a]; x.id == hash {
			return rules.Action(a), x
		} else if x.id != 0 && (id == "" || g.namesLast) && (c == nil || x.sent >= c.sent) {
			act, c = rules.Action(a), x
		}
	}
	return act, c
}

// endRevoked ends the session of a revoke that the auth service says it has applied.
func (g *Engine) endRevoked(o *observation, p *past) {
	s := o.s
	if p != nil {
		if slot := g.goesOn(p.session); slot != 0 {
			s = g.sessions.at(slot)
		}
	}
	if s != nil && o.now >= s.created {
		g.end(s, o.now, EndRevoked)
	}
}

// unanswered counts the commands in force that the auth service has not answered in time, of the decisions that are remembered.
func (g *Engine) unanswered() (n int) {
	for slot := uint32(1); slot <= g.pasts.used; slot++ {
		p := g.pasts.at(slot)
		if age := g.clock - p.at; p.command != 0 && p.acked == 0 && age > lateAnswerMS && age <= expiresMS[p.action] {
			n++
		}
	}
	return n
}
