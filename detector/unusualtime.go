package detector

import (
	"fmt"
	"math"

	"github.com/sessionguard/sessionguard/rules"
)

// oddMaxProbability is the parameter of unusual_time.
const oddMaxProbability = 0

var unusualTime = detectorSpec{
	Detector: rules.Detector{
		Name: "unusual_time",
		Doc:  "A session began at an hour of the day at which the user's sessions hardly ever begin. It is a rule about habits: not evaluable until he has 10 sessions on 5 days.",
		Params: []rules.Param{
			{Name: "max_probability", Default: 0.01, Min: 0, Max: 1, Sane: [2]float64{0, 0.1}, Doc: "less probable hours are unusual; the counts of the hours within two are taken in with falling weight (AppSensor UT3)"},
		},
		Facts: []rules.Field{
			{Name: "hour_utc", Type: rules.Integer, Unit: "h", Doc: "the hour of the day, in UTC"},
			{Name: "probability", Type: rules.Number, Doc: "how probable it is by the user's latest sessions, 0 to 1"},
			{Name: "sessions", Type: rules.Integer, Doc: "sessions of the user that are known"},
		},
	},
	wakes:   firstLook,
	sees:    seesFirst,
	judge:   judgeHour,
	missing: missingHour,
	explain: explainHour,
}

// odd is how probable an hour is.
type odd struct{ probability float64 }

func judgeHour(g *Engine, o *observation, p *rules.Params) verdict {
	switch {
	case !o.personal():
		return silent
	case missingHour(g, o) != "":
		return notEvaluable
	}
	if o.hour.probability = o.u.likelihood(o.now); o.hour.probability < p.Num(oddMaxProbability) {
		return fires
	}
	return silent
}

func missingHour(_ *Engine, o *observation) string {
	if !o.personal() {
		return ""
	}
	return o.cold(firstLook)
}

func explainHour(_ *Engine, o *observation, p *rules.Params) explanation {
	return explanation{reason: fmt.Sprintf("a session at %02d:00 UTC, which is no hour of this customer", hourOf(o.now)), facts: []Fact{
		{Name: "hour_utc", Kind: FactInt, Int: int64(hourOf(o.now))},
		{Name: "probability", Kind: FactNum, Num: math.Round(o.hour.probability*1e4) / 1e4},
		{Name: "sessions", Kind: FactInt, Int: int64(o.u.logins)},
	}, nearest: []Fact{{Name: "probability", Text: fmt.Sprintf(">= %v", p.Num(oddMaxProbability))}}}
}
