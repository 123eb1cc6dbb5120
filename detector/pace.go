package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of inhuman_speed.
const (
	paceBurstPages = iota
	paceBurstActions
)

// A person reads at most a page a second and orders at most ten actions a minute (Okta's rapid access to applications: 10 a minute); what is
// ahead of that is a burst.
const (
	pageEveryMS   = 1000
	actionEveryMS = 6000
)

// The smallest bursts that a rule may ask for: an ordinary event is below them.
const (
	leastPages   = 10
	leastActions = 5
)

var inhumanSpeed = detectorSpec{
	Detector: rules.Detector{
		Name: "inhuman_speed",
		Doc:  "The session asks for pages, or for actions, faster than a person can. Two leaky buckets: one page a second and ten actions a minute leak out, what is over stays. Sessions of kind api, background requests, HEAD and OPTIONS do not count.",
		Params: []rules.Param{
			{Name: "burst_pages", Default: 20, Min: leastPages, Max: 100_000, Sane: [2]float64{15, 2000}, Doc: "requests ahead of one a second: 80 in the first minute; an app that publishes each call of its pages needs more (OWASP CRS calls 100 in a minute a burst, which is 40 ahead)"},
			{Name: "burst_actions", Default: 10, Min: leastActions, Max: 10_000, Sane: [2]float64{5, 200}, Doc: "requested actions ahead of ten a minute (Okta: 10 a minute)"},
		},
		Facts: []rules.Field{
			{Name: "burst_pages", Type: rules.Integer, Doc: "requests ahead of one a second"},
			{Name: "burst_actions", Type: rules.Integer, Doc: "requested actions ahead of ten a minute"},
		},
	},
	wakes:   hurried,
	judge:   judgePace,
	missing: alwaysEvaluable,
	explain: explainPace,
}

// pace is how far a session is ahead of a person.
type pace struct {
	pages, actions int64
}

// timed says whether the event's time says anything of how fast a person is: not when it came late, nor of a program.
func (o *observation) timed() bool { return !o.late && o.s.kind != KindAPI }

// hurry gives the moments until which a person would need for all that the session asked for so far, this event included.
func (o *observation) hurry() (pages, actions int64) {
	s := o.s
	pages, actions = s.pagesUntil, s.actionsUntil
	if !o.timed() {
		return pages, actions
	}
	switch m := o.e.HTTP.Method; {
	case o.e.Type == ActionRequested:
		actions = max(actions, o.now) + actionEveryMS
	case o.e.Type == SessionPresented && m != "HEAD" && m != "OPTIONS":
		pages = max(pages, o.now) + pageEveryMS
	}
	return pages, actions
}

// paced says whether the event comes faster than the slowest burst that a rule may ask for.
func (o *observation) paced() bool {
	pages, actions := o.hurry()
	return !o.timed() || pages-o.now < leastPages*pageEveryMS && actions-o.now < leastActions*actionEveryMS
}

func judgePace(_ *Engine, o *observation, p *rules.Params) verdict {
	pages, actions := o.hurry()
	o.pace = pace{max(0, pages-o.now) / pageEveryMS, max(0, actions-o.now) / actionEveryMS}
	if float64(o.pace.pages) > p.Num(paceBurstPages) || float64(o.pace.actions) > p.Num(paceBurstActions) {
		return fires
	}
	return silent
}

func explainPace(_ *Engine, o *observation, p *rules.Params) explanation {
	x := explanation{facts: []Fact{
		{Name: "burst_pages", Kind: FactInt, Int: o.pace.pages},
		{Name: "burst_actions", Kind: FactInt, Int: o.pace.actions},
	}}
	if limit := p.Num(paceBurstPages); float64(o.pace.pages) > limit {
		x.reason = fmt.Sprintf("%d requests ahead of one a second", o.pace.pages)
		x.nearest = append(x.nearest, bound("burst_pages", "<=", int64(limit)))
	}
	if limit := p.Num(paceBurstActions); float64(o.pace.actions) > limit {
		x.reason = fmt.Sprintf("%d actions ahead of ten a minute", o.pace.actions)
		x.nearest = append(x.nearest, bound("burst_actions", "<=", int64(limit)))
	}
	return x
}
