package detector

import "github.com/sessionguard/sessionguard/rules"

// cause gives the id and source of the customer's event behind an event: its own, or what an observation or verdict names.
func (e *Event) cause() (id, source string) {
	if e.between() {
		return e.Observation.EventID, e.Observation.EventSource
	}
	return e.ID, e.Source
}

// between says whether the event is of those that the product's own stages tell each other.
func (e *Event) between() bool { return e.Source == Source && e.Observation.EventID != "" }

// asShown makes the event what it stands for: the customer's event that was told. What is judged by type is judged as it was there.
func (g *Engine) asShown(o *observation) {
	g.shown = *o.e
	g.shown.TypeName = o.e.Observation.Of
	g.shown.Type = ParseEventType(g.shown.TypeName)
	o.e = &g.shown
}

// hear takes a verdict: what the second stage, or another partition, found is a finding of the session, of its token family, or of nobody's, as
// if it had been made here. It causes no observation, and hearing it twice changes nothing.
func (g *Engine) hear(o *observation) {
	switch kind := kindOf(o.e.Observation.Key); {
	case kind == "sid" && o.e.Observation.Rule != "":
		g.takeOver(o)
		return
	case kind == "sid":
		g.hearShowing(o)
		return
	case o.e.Observation.Knows != 0:
		g.adopt(o.e)
		return
	}
	r := g.ruleID[ruleHash(o.e.Observation.Rule)]
	if r == nil || r.Detector < 0 || detectors[r.Detector].hears == nil {
		return // a rule that is gone since
	}
	if kindOf(o.e.Observation.Key) == "tok" {
		g.asShown(o)
		g.openUser(o)
		g.openFamily(o)
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
	if v.Mode == rules.Off || spec.spares != nil && spec.spares(g, o) || !g.holds(o, r) {
		return
	}
	g.fire(o, r, v, spec)
	if !g.alreadyFound(o, &g.found[0]) {
		g.decide(o, false)
	}
}

// alreadyFound says whether the same was found, or more, at the same moment or a later one.
func (g *Engine) alreadyFound(o *observation, c *candidate) bool {
	at := o.riskAt()
	if at == nil || *at == 0 {
		return false
	}
	for i := range g.risks.at(*at).findings {
		if m := &g.risks.at(*at).findings[i]; m.rule == c.hash && m.at >= o.now && int(m.score) >= c.score {
			return true
		}
	}
	return false
}
