package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of stale_auth.
const (
	staleHigh = iota
	staleCritical
	staleIdle
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
			{Name: "max_idle", Kind: rules.Period, Default: 0, Min: 0, Max: 24 * 3600_000,
				Doc: "longest time before a request without any since the authentication, in a browser (NIST SP 800-63B revision 3 AAL2, OWASP: 30 min); 0s: any"},
		},
		Needs: []string{"action.requested", "action.sensitivity"},
		Facts: []rules.Field{
			{Name: "auth_age_s", Type: rules.Integer, Unit: "s", Doc: "time since the last authentication"},
			{Name: "limit_s", Type: rules.Integer, Unit: "s", Doc: "how old it may be"},
			{Name: "idle_s", Type: rules.Integer, Unit: "s", Doc: "longest time that the session lay idle since then"},
			{Name: "max_idle_s", Type: rules.Integer, Unit: "s", Doc: "how long it may"},
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
type stale struct{ ageMS, limitMS, idleMS, maxIdleMS int64 }

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
	o.stale.rest(o, p)
	if o.stale.old() || o.stale.idle() {
		return fires
	}
	return silent
}

// idleFromEvents is how much of a session must be known before its silence says something: an app may publish no more than logins and actions.
const idleFromEvents = 5

// rest measures how long a browser's session lay idle since its authentication: somebody else may sit there now. A session in an app is
// bound to its device, and lives with it (NIST SP 800-63B-4, 5.2).
func (m *stale) rest(o *observation, p *rules.Params) {
	s := o.s
	if s == nil || o.late || s.events < idleFromEvents || p.MS(staleIdle) == 0 || s.kind == KindMobileApp || s.kind == KindAPI || o.e.Session.Kind > KindBrowser {
		return
	}
	if at, seen := authentication(o); seen && later(s.life.authed, tick(at)) != s.life.authed {
		return // the event itself attests a newer one
	}
	m.idleMS, m.maxIdleMS = int64(s.life.rest)*1000, p.MS(staleIdle)
}

func (m *stale) old() bool  { return m.ageMS > m.limitMS }
func (m *stale) idle() bool { return m.idleMS > m.maxIdleMS }

// asksForMuch says whether an event asks for an action of high or critical sensitivity.
func asksForMuch(e *Event) bool {
	return e.Type == ActionRequested && (e.Action.Sensitivity == SensitivityHigh || e.Action.Sensitivity == SensitivityCritical)
}

// authAge is the time since the last authentication: what the event attests or a step-up that was seen since, else what was attested or seen on
// the session.
func (o *observation) authAge() (ms int64, known bool) {
	if at, seen := authentication(o); seen {
		ms, known = o.now-at, true
	}
	if o.s == nil || o.s.life.authed == 0 || known && o.s.reauthed == 0 {
		return ms, known
	}
	if known {
		return min(ms, max(0, o.now-o.s.reauthed)), true
	}
	return o.since(o.s.life.authed), true
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
	x := explanation{reason: fmt.Sprintf("an action of %s sensitivity, %s after the last authentication", how, span(m.ageMS)), facts: []Fact{
		{Name: "auth_age_s", Kind: FactInt, Int: m.ageMS / 1000},
		{Name: "limit_s", Kind: FactInt, Int: m.limitMS / 1000},
		{Name: "sensitivity", Text: how},
	}}
	if m.old() {
		x.nearest = append(x.nearest, bound("auth_age_s", "<=", m.limitMS/1000))
	}
	if m.idle() {
		x.reason += " and after " + span(m.idleMS) + " without use"
		x.facts = append(x.facts, Fact{Name: "idle_s", Kind: FactInt, Int: m.idleMS / 1000}, Fact{Name: "max_idle_s", Kind: FactInt, Int: m.maxIdleMS / 1000})
		x.nearest = append(x.nearest, bound("idle_s", "<=", m.maxIdleMS/1000))
	}
	return x
}
