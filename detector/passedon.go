package detector

import "github.com/sessionguard/sessionguard/rules"

// A session that several partitions know is answered where its evidence lies, and goes on where its user's events go. What was found of a
// showing from afar, and what was sent for it, is passed on to the partition from where it came: so the session's rung, a revoke that nobody
// enforces, and the next attempt are known there too. It is a verdict like any other, and causes nothing by itself.

// passOn tells the partition of who showed the session what was found here, and answered.
func (g *Engine) passOn(o *observation) {
	if len(g.out.Decisions) == 0 {
		return
	}
	d := g.out.Decisions[len(g.out.Decisions)-1]
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.Mode != rules.Enforce || f.ExceptedBy != "" {
			continue
		}
		e := g.send(o.e, ObservationVerdict)
		e.ID, e.Record.Key = hashID("v2", d.ID, f.Rule), o.e.User.ID
		e.Observation = Observation{Key: o.e.Observation.Key, Of: o.e.TypeName, EventID: d.EventID, EventSource: d.EventSource, Rule: f.Rule,
			Score: Whole{int64(f.Score), true}, Answered: d.Action.String()}
		if n := len(g.out.Commands); d.Command == "sent" && n > 0 {
			e.Observation.CommandID, e.Observation.Count = g.out.Commands[n-1].ID, Whole{int64(d.Attempt), true}
		}
	}
}

// takeOver takes what another partition found of a session that is used here as found here, and as answered.
func (g *Engine) takeOver(o *observation) {
	from := o.e.Observation
	r := g.ruleID[ruleHash(from.Rule)]
	if r == nil || r.Detector < 0 {
		return
	}
	g.asShown(o)
	g.openSession(o)
	g.succeed(o)
	if o.s.risk == 0 {
		o.s.risk = g.risks.take()
	}
	o.print = g.printOf(o.e)
	c := candidate{rule: r, variant: r.In(o.segment), spec: detectors[r.Detector], hash: ruleHash(r.ID)}
	c.score = int(from.Score.V)
	if known := g.risks.at(o.s.risk); !g.alreadyFound(o, &c) {
		known.put(&g.set.Policy, c.mark(o.now, o.context()))
		known.takeCommand(g.hash.command(from.CommandID), &from, o.now)
	}
}

// takeCommand notes a command that another partition sent for the session.
func (r *risk) takeCommand(id uint64, from *Observation, now int64) {
	act, known := rules.ParseAction(from.Answered)
	if !known || from.CommandID == "" || r.commands[act].sent > now {
		return
	}
	r.commands[act] = sentAs(id, now, uint32(from.Count.V))
	switch act {
	case rules.Arm:
		r.armed = max(r.armed, now+expiresMS[act])
		r.demand.ask(now, now+expiresMS[act])
	case rules.RequireReauth:
		r.demand.ask(now, now+expiresMS[act])
	case rules.RevokeSession, rules.RevokeUserSessions:
		r.revoked = max(r.revoked, now)
	}
}
