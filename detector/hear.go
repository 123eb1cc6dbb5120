package detector

import "github.com/sessionguard/sessionguard/rules"

// cause gives the id and source of the customer's event behind an event: its own, or of a verdict the ones that it names.
func (e *Event) cause() (id, source string) {
	if e.Type == ObservationVerdict {
		return e.Observation.EventID, e.Observation.EventSource
	}
	return e.ID, e.Source
}

// hear takes a verdict of the second stage: what it found is a finding of the session, or of nobody's, as if this stage had made it. It causes
// no observation, and hearing it twice changes nothing.
func (g *Engine) hear(o *observation) {
	if o.e.Observation.Knows != 0 {
		g.adopt(o.e)
		return
	}
	r := g.ruleID[ruleHash(o.e.Observation.Rule)]
	if r == nil || r.Detector < 0 || detectors[r.Detector].hears == nil {
		return // a rule that is gone since
	}
	if o.e.Session.ID != "" {
		g.openSession(o)
		g.succeed(o) // it may go on under another id
		o.late = o.now < o.s.last
	}
	spec, v := detectors[r.Detector], r.In(o.segment)
	o.print = g.printOf(o.e)
	spec.hears(o, &o.e.Observation)
	g.found = g.found[:0]
	if v.Mode == rules.Off || g.alreadyFound(o, r) || spec.spares != nil && spec.spares(g, o) || !g.holds(o, r) {
		return
	}
	g.fire(o, r, v, spec)
	g.decide(o, false)
}

// alreadyFound says whether the session has the finding of the same moment or a later one.
func (g *Engine) alreadyFound(o *observation, r *rules.Rule) bool {
	at := o.riskAt()
	if at == nil || *at == 0 {
		return false
	}
	for i := range g.risks.at(*at).findings {
		if m := &g.risks.at(*at).findings[i]; m.rule == ruleHash(r.ID) && m.at >= o.now {
			return true
		}
	}
	return false
}
