package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of idle_timeout and absolute_lifetime.
const (
	limitPreset = iota
	limitOwn
)

// presets are the limits that a bank may pick from, in the order of their words; 0 is none.
var presets = []struct {
	name            string
	idleMS, wholeMS int64
}{
	{name: "none"},
	{"psd2", 5 * 60_000, 0},           // RTS (EU) 2018/389 Art. 4(3)(d); it names no lifetime
	{"pci", 15 * 60_000, 0},           // PCI DSS 4.0.1, 8.2.8; likewise
	{"aal2", 3600_000, 24 * 3600_000}, // NIST SP 800-63B-4, 2.2.3
}

func presetNames() (names []string) {
	for _, p := range presets {
		names = append(names, p.name)
	}
	return names
}

func idleLimit(p *rules.Params) int64 {
	if own := p.MS(limitOwn); own > 0 {
		return own
	}
	return presets[p.Word(limitPreset)].idleMS
}

func lifetimeLimit(p *rules.Params) int64 {
	if own := p.MS(limitOwn); own > 0 {
		return own
	}
	return presets[p.Word(limitPreset)].wholeMS
}

var idleTimeout = detectorSpec{
	Detector: rules.Detector{
		Name: "idle_timeout",
		Doc:  "A session goes on after nobody used it for longer than the bank allows: the app did not end it. Only what a person began counts as use.",
		Params: []rules.Param{
			{Name: "preset", Kind: rules.Word, Words: presetNames(),
				Doc: "psd2 5 min (RTS 2018/389 Art. 4(3)(d)), pci 15 min (PCI DSS 4.0.1 8.2.8), aal2 1 h (NIST SP 800-63B-4); none: no limit"},
			{Name: "limit", Kind: rules.Period, Max: 30 * 24 * 3600_000, Doc: "the bank's own limit, instead of the preset's; 0s: none"},
		},
		Needs: []string{"session.presented"},
		Facts: []rules.Field{
			{Name: "idle_s", Type: rules.Integer, Unit: "s", Doc: "time since the last use by a person"},
			{Name: "limit_s", Type: rules.Integer, Unit: "s", Doc: "the bank's limit"},
		},
	},
	wakes:   rested,
	sees:    seesFirst,
	judge:   judgeIdle,
	missing: alwaysEvaluable,
	explain: explainIdle,
}

var absoluteLifetime = detectorSpec{
	Detector: rules.Detector{
		Name: "absolute_lifetime",
		Doc:  "A session is in use for longer than the bank allows without a new authentication: the app did not end it.",
		Params: []rules.Param{
			{Name: "preset", Kind: rules.Word, Words: presetNames(), Doc: "aal2 24 h (NIST SP 800-63B-4); psd2 and pci name no lifetime; none: no limit"},
			{Name: "limit", Kind: rules.Period, Max: 365 * 24 * 3600_000, Doc: "the bank's own limit, instead of the preset's; 0s: none"},
		},
		Needs: []string{"session.presented"},
		Facts: []rules.Field{
			{Name: "age_s", Type: rules.Integer, Unit: "s", Doc: "time since the session began, or since the last passed step-up"},
			{Name: "limit_s", Type: rules.Integer, Unit: "s", Doc: "the bank's limit"},
		},
	},
	wakes:   aged,
	sees:    seesFirst,
	judge:   judgeLifetime,
	missing: alwaysEvaluable,
	explain: explainLifetime,
}

// overdue is how far a session is beyond a limit.
type overdue struct{ ageMS, limitMS int64 }

func judgeIdle(_ *Engine, o *observation, p *rules.Params) verdict {
	o.overdue = overdue{o.since(o.s.life.active), idleLimit(p)}
	return o.overdue.verdict(o)
}

// judgeLifetime counts from the session's beginning, or from its last passed step-up: that begins a session anew (NIST SP 800-63B-4, 5.2).
func judgeLifetime(_ *Engine, o *observation, p *rules.Params) verdict {
	o.overdue = overdue{o.now - max(o.s.first, o.s.reauthed), lifetimeLimit(p)}
	return o.overdue.verdict(o)
}

func (d overdue) verdict(o *observation) verdict {
	if d.limitMS > 0 && d.ageMS > d.limitMS && o.s.ended == 0 {
		return fires
	}
	return silent
}

func explainIdle(_ *Engine, o *observation, _ *rules.Params) explanation {
	return o.overdue.explain("idle_s", "used again after %s without use: the limit is %s")
}

func explainLifetime(_ *Engine, o *observation, _ *rules.Params) explanation {
	return o.overdue.explain("age_s", "in use for %s without a new authentication: the limit is %s")
}

func (d overdue) explain(name, reason string) explanation {
	return explanation{reason: fmt.Sprintf(reason, span(d.ageMS), span(d.limitMS)), facts: []Fact{
		{Name: name, Kind: FactInt, Int: d.ageMS / 1000},
		{Name: "limit_s", Kind: FactInt, Int: d.limitMS / 1000},
	}, nearest: []Fact{bound(name, "<=", d.limitMS/1000)}}
}
