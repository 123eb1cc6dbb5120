package detector

import "github.com/sessionguard/sessionguard/rules"

// factorWindow is the parameter of factor_change_after_context_change.
const factorWindow = 0

var factorAfterContext = detectorSpec{
	Detector: rules.Detector{
		Name: "factor_change_after_context_change",
		Doc:  "A way to log in or to be reached changed on a session that stands, or lately stood, at arm or above: a thief makes himself at home.",
		Params: []rules.Param{
			{Name: "window", Kind: rules.Period, Default: 60 * 60_000, Min: 1000, Max: 24 * 3600_000, Doc: "how long after the session stood at arm or above (a proposal; Elastic's triage note on AiTM looks for new factors after the login)"},
		},
		Needs: []string{"action.requested", "factor.changed", "credential.changed"},
		Facts: []rules.Field{
			{Name: "changed", Type: rules.String, Doc: "what changed, or is to change: credential, factor or contact"},
			{Name: "since_arm_s", Type: rules.Integer, Unit: "s", Doc: "time since the session stood at arm or above; 0: it does"},
			{Name: "after", Type: rules.String, Doc: "the rule that weighed most then"},
		},
	},
	wakes:   acting,
	sees:    seesFirst,
	judge:   judgeFactorChange,
	missing: alwaysEvaluable,
	explain: explainFactorChange,
	follows: true,
}

func judgeFactorChange(g *Engine, o *observation, p *rules.Params) verdict {
	if changedFactor(o.e) != "" && g.follow(o, p.MS(factorWindow)) {
		return fires
	}
	return silent
}

// changedFactor names the way to log in or to be reached that an event changes, "" for none.
func changedFactor(e *Event) string {
	switch {
	case e.Type == CredentialChanged:
		return "credential"
	case e.Type == FactorChanged, e.Type == ActionRequested && e.Action.Kind == ActionFactor:
		return "factor"
	case e.Type == ActionRequested && e.Action.Kind == ActionContact:
		return "contact"
	}
	return ""
}

func explainFactorChange(_ *Engine, o *observation, p *rules.Params) explanation {
	what := changedFactor(o.e)
	return explanation{reason: "a change of " + what + " " + o.chain.text(), facts: append([]Fact{{Name: "changed", Text: what}}, o.chain.facts()...),
		nearest: []Fact{bound("since_arm_s", ">", p.MS(factorWindow)/1000)}}
}
