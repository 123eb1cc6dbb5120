package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of stale_auth.
const (
	staleHigh = iota
	staleCritical
)

var staleAuth = detectorSpec{
	Detector: rules.Detector{
		Name: "stale_auth",
		Doc:  "A sensitive action is asked for, and the customer's last authentication lies too far back.",
		Params: []rules.Param{
			{Name: "max_age", Kind: rules.Period, Default: 24 * 3600_000, Min: 60_000, Max: 30 * 24 * 3600_000,
				Doc: "oldest authentication for an action of sensitivity high (NIST SP 800-63B-4 AAL2: 24 h)"},
			{Name: "max_age_critical", Kind: rules.Period, Default: 12 * 3600_000, Min: 60_000, Max: 30 * 24 * 3600_000,
				Doc: "likewise for critical (NIST SP 800-63B-4 AAL3: 12 h)"},
		},
		Needs: []string{"action.requested", "action.sensitivity"},
		Facts: []rules.Field{
			{Name: "auth_age_s", Type: rules.Integer, Unit: "s", Doc: "time since the last authentication"},
			{Name: "limit_s", Type: rules.Integer, Unit: "s", Doc: "how old it may be"},
			{Name: "sensitivity", Type: rules.String, Enum: Sensitivities, Doc: "of the action"},
		},
	},
	wakes:   acting,
	sees:    seesFirst,
	judge:   judgeStaleAuth,
	missing: missingAuth,
	explain: explainStaleAuth,
}

// stale is how old an authentication is.
type stale struct{ ageMS, limitMS int64 }

func judgeStaleAuth(g *Engine, o *observation, p *rules.Params) verdict {
	if !asksForMuch(o.e) {
		return silent
	}
	age, known := o.authAge()
	if !known {
		return notEvaluable
	}
	o.stale = stale{ageMS: age, limitMS: p.MS(staleHigh)}
	if o.e.Action.Sensitivity == SensitivityCritical {
		o.stale.limitMS = p.MS(staleCritical)
	}
	if o.stale.ageMS > o.stale.limitMS {
		return fires
	}
	return silent
}

// asksForMuch says whether an event asks for an action of high or critical sensitivity.
func asksForMuch(e *Event) bool {
	return e.Type == ActionRequested && (e.Action.Sensitivity == SensitivityHigh || e.Action.Sensitivity == SensitivityCritical)
}

// authAge is the time since the last authentication: what the event attests, or what was attested or seen on the session, whichever is later.
func (o *observation) authAge() (ms int64, known bool) {
	if at, seen := authentication(o); seen {
		ms, known = o.now-at, true
	}
	if o.s == nil || o.s.life.authed == 0 {
		return ms, known
	}
	if before := o.since(o.s.life.authed); !known || before < ms {
		ms = before
	}
	return ms, true
}

func missingAuth(_ *Engine, o *observation) string {
	if !asksForMuch(o.e) {
		return ""
	}
	if _, known := o.authAge(); !known {
		return "no auth.time, and no login seen"
	}
	return ""
}

func explainStaleAuth(_ *Engine, o *observation, _ *rules.Params) explanation {
	m, how := &o.stale, word(Sensitivities, o.e.Action.Sensitivity)
	return explanation{reason: fmt.Sprintf("an action of %s sensitivity, %s after the last authentication", how, span(m.ageMS)), facts: []Fact{
		{Name: "auth_age_s", Kind: FactInt, Int: m.ageMS / 1000},
		{Name: "limit_s", Kind: FactInt, Int: m.limitMS / 1000},
		{Name: "sensitivity", Text: how},
	}, nearest: []Fact{bound("auth_age_s", "<=", m.limitMS/1000)}}
}
