package detector

import "github.com/sessionguard/sessionguard/rules"

var sessionSharedByUsers = detectorSpec{
	Detector: rules.Detector{
		Name:  "session_shared_by_users",
		Doc:   "A session that belongs to one user is shown with another. Who acts in a user's name (user.actor_id) is no second user.",
		Needs: []string{"user.id"},
		Facts: []rules.Field{
			{Name: "session_age_s", Type: rules.Integer, Unit: "s", Doc: "time since the session began"},
			{Name: "users", Type: rules.Integer, Doc: "users of the session that are known here"},
		},
	},
	wakes:   userChanged,
	sees:    seesFirst,
	judge:   judgeShared,
	missing: alwaysEvaluable,
	explain: explainShared,
}

func judgeShared(_ *Engine, o *observation, _ *rules.Params) verdict {
	if presentsOrBegins(o.e) || o.e.Type == CredentialChanged || o.e.Type == FactorChanged {
		return fires
	}
	return silent
}

func explainShared(_ *Engine, o *observation, _ *rules.Params) explanation {
	age := max(0, o.now-o.s.first)
	return explanation{reason: "another user shows a session that began " + span(age) + " ago with its first one", facts: []Fact{
		{Name: "session_age_s", Kind: FactInt, Int: age / 1000},
		{Name: "users", Kind: FactInt, Int: 2},
	}, nearest: []Fact{bound("users", "<=", 1)}}
}
