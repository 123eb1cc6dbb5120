package detector

import "github.com/sessionguard/sessionguard/rules"

var cookieTampered = detectorSpec{
	Detector: rules.Detector{
		Name:  "cookie_tampered",
		Doc:   "The app found that the session's cookie did not come back as it was set.",
		Needs: []string{"session.integrity"},
		Facts: []rules.Field{
			{Name: "integrity", Type: rules.String, Enum: Integrities, Doc: "what the app found"},
			{Name: "accepted", Type: rules.Bool, Doc: "the app went on all the same"},
		},
	},
	wakes:   tampered,
	sees:    seesFirst | seesRefused,
	judge:   func(*Engine, *observation, *rules.Params) verdict { return fires },
	missing: alwaysEvaluable,
	explain: func(_ *Engine, o *observation, _ *rules.Params) explanation {
		accepted := o.e.Outcome != OutcomeFailure
		x := explanation{reason: "the session's cookie was changed, and the app refused it", facts: []Fact{
			{Name: "integrity", Text: word(Integrities, o.e.Session.Integrity)}, boolFact("accepted", accepted),
		}, nearest: []Fact{{Name: "integrity", Text: "ok"}}}
		if accepted {
			x.reason = "the session's cookie was changed, and the app accepted it"
		}
		return x
	},
}
