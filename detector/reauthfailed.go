package detector

import (
	"fmt"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// reauthFailures is the parameter of reauth_failed.
const reauthFailures = 0

var reauthFailed = detectorSpec{
	Detector: rules.Detector{
		Name: "reauth_failed",
		Doc: "A step-up that we asked for (arm or require_reauth in force) failed too often, or the customer said that it was not he who asked (`reason` denied). " +
			"Step-ups that nobody asked for do not count, nor does what failed before one that was passed.",
		Params: []rules.Param{
			{Name: "failures", Default: 3, Min: 1, Max: maxRefusals, Doc: "of one step-up (contracts: 3; people mistype once or twice)"},
		},
		Needs: []string{"auth.reauthenticated"},
		Facts: []rules.Field{
			{Name: "failures", Type: rules.Integer, Doc: "of the step-up so far, this one included"},
			{Name: "denied", Type: rules.Bool, Doc: "the customer said that it was not he"},
			{Name: "since_asked_s", Type: rules.Integer, Unit: "s", Doc: "time since we asked"},
		},
	},
	wakes:   stepUpFailed,
	sees:    seesFirst | seesRefused,
	judge:   judgeReauth,
	missing: alwaysEvaluable,
	explain: explainReauth,
}

// maxRefusals is how many failures of one step-up are remembered.
const maxRefusals = 5

// demand is the step-up that we asked for, and how it fared.
type demand struct {
	from   int64              // the command that asked for it first; 0: none did
	until  int64              // when the last such command expires
	failed [maxRefusals]int64 // when it failed; 0: free
}

// ask notes a command that asks for a step-up. One in force goes on, and with it what failed.
func (d *demand) ask(now, until int64) {
	if d.from == 0 || now > d.until {
		*d = demand{from: now}
	}
	d.from, d.until = min(d.from, now), max(d.until, until)
}

// met ends a demand by a step-up that was passed at a time. A session that stays armed is asked again: from then on.
func (d *demand) met(now, armed int64) {
	if now < d.from {
		return // it was passed before we asked
	}
	if armed <= now {
		*d = demand{}
		return
	}
	d.from, d.until = now, armed
	for i, at := range d.failed {
		if at <= now {
			d.failed[i] = 0
		}
	}
}

// open says whether a failure at a time is one of this step-up.
func (d *demand) open(now int64) bool { return d.from != 0 && d.from < now && now <= d.until }

// fail notes a failure; the oldest one gives way.
func (d *demand) fail(now int64) {
	oldest := 0
	for i, at := range d.failed {
		if at < d.failed[oldest] {
			oldest = i
		}
	}
	d.failed[oldest] = max(d.failed[oldest], now)
}

func (d *demand) failures() (n int) {
	for _, at := range d.failed {
		if at != 0 {
			n++
		}
	}
	return n
}

// refusals is what a failed step-up brought.
type refusals struct {
	failures int
	denied   bool
	askedMS  int64
}

func judgeReauth(g *Engine, o *observation, p *rules.Params) verdict {
	r := g.riskSoFar(o)
	if r == nil || o.s == nil || !r.demand.open(o.now) || o.now <= o.s.reauthed {
		return silent
	}
	o.refused = refusals{failures: r.demand.failures() + 1, denied: strings.EqualFold(o.e.Reason, "denied"), askedMS: o.now - r.demand.from}
	if o.refused.denied || o.refused.failures >= int(p.Num(reauthFailures)) {
		return fires
	}
	return silent
}

// noteRefusal notes a step-up that failed, after it was judged.
func (g *Engine) noteRefusal(o *observation) {
	if o.signals&stepUpFailed == 0 || o.s.risk == 0 || o.now <= o.s.reauthed {
		return
	}
	if d := &g.risks.at(o.s.risk).demand; d.open(o.now) {
		d.fail(o.now)
	}
}

func explainReauth(_ *Engine, o *observation, p *rules.Params) explanation {
	f := &o.refused
	reason := fmt.Sprintf("the step-up that we asked for %s ago failed %d times", span(f.askedMS), f.failures)
	if f.denied {
		reason = fmt.Sprintf("the customer denied the step-up that we asked for %s ago: it was not he", span(f.askedMS))
	}
	return explanation{reason: reason, facts: []Fact{
		{Name: "failures", Kind: FactInt, Int: int64(f.failures)},
		boolFact("denied", f.denied),
		{Name: "since_asked_s", Kind: FactInt, Int: f.askedMS / 1000},
	}, nearest: []Fact{bound("failures", "<", int64(p.Num(reauthFailures)))}}
}
