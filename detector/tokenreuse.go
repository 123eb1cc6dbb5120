package detector

import (
	"fmt"
	"slices"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of token_reuse.
const (
	reuseGrace = iota
	reuseLostScore
)

var tokenReuse = detectorSpec{
	Detector: rules.Detector{
		Name: "token_reuse",
		Doc: "A refresh token was shown again: by another client; or by any client after a later token of its family was shown. A token that only " +
			"its own client shows again, because an answer was lost or two tabs raced, is none of these.",
		Params: []rules.Param{
			{Name: "grace", Kind: rules.Period, Default: 60_000, Min: 0, Max: 3600_000,
				Doc: "the same client may show a token again within this time: tabs race, answers get lost (in the field 10 s to 60 s)"},
			{Name: "lost_response_score", Default: 1, Min: 1, Max: rules.MinKindScore - 1,
				Doc: "score of the same client showing it later, while no later token was shown: an answer that was lost; this is no proof"},
		},
		Needs: []string{"token.refreshed"},
		Facts: []rules.Field{
			{Name: "since_shown_s", Type: rules.Integer, Unit: "s", Doc: "time between the two showings; where the token is older than those remembered, since a later one was shown"},
			{Name: "client", Type: rules.String, Doc: "same, another or unknown, held against who showed it first"},
			{Name: "successor_shown", Type: rules.Bool, Doc: "a later token of the family was shown before"},
			{Name: "reported", Type: rules.Bool, Doc: "the app itself found the reuse"},
		},
	},
	wakes:   tokenShown,
	sees:    seesFirst | seesRefused,
	judge:   judgeReuse,
	missing: missingToken,
	explain: explainReuse,
	tells:   tellReuse,
	hears:   hearReuse,
}

// reuse is a token that was shown before, or that is older than one that was.
type reuse struct {
	sinceMS   int64
	client    string
	successor bool
	reported  bool
	known     bool // there is something to compare with
	lost      bool // the weaker form: a lost response
}

func judgeReuse(g *Engine, o *observation, p *rules.Params) verdict {
	if o.family == nil {
		return silent
	}
	o.reuse = g.measureReuse(o)
	r := &o.reuse
	r.reported = o.e.Type == TokenReuseDetected
	switch another := r.client == "another"; {
	case r.known && !another && r.sinceMS <= p.MS(reuseGrace):
		return silent
	case r.reported:
		return fires
	case !r.known:
		return silent
	case another:
		return fires
	}
	r.lost = r.lost || !r.successor
	return fires
}

// measureReuse holds the presented token against those of its family.
func (g *Engine) measureReuse(o *observation) reuse {
	f, t := o.family, g.tokenOf(o)
	old := f.find(&t)
	if old == nil {
		return f.behind(o, t.generation)
	}
	r := reuse{known: true, sinceMS: abs(o.now - old.first), client: old.shownBy.compare(&o.print, o.inApp())}
	r.successor = f.after(old, min(o.now, old.first), max(o.now, old.first)) != nil
	return r
}

// behind measures a token that was never seen, but is of an earlier generation than one that was shown before: it was shown and changed
// where we did not look. Where its own client showed an earlier one twice there are two chains, and it may be the younger brother.
func (f *family) behind(o *observation, generation uint64) reuse {
	r := reuse{client: "unknown"}
	last, clients := int64(0), [...]string{"another", "unknown", "same"}
	closest := 0
	for i := range f.shown {
		k := &f.shown[i]
		if generation == 0 || k.generation < generation || k.first >= o.now {
			continue
		}
		r.successor = r.successor || k.generation > generation
		last = max(last, k.first)
		closest = max(closest, slices.Index(clients[:], k.shownBy.compare(&o.print, o.inApp())))
	}
	if r.successor {
		r.known, r.sinceMS, r.client = true, o.now-last, clients[closest]
		r.lost = f.raced != 0 && f.raced < generation && r.client != "another"
	}
	return r
}

// missingToken says what a refresh lacks.
func missingToken(_ *Engine, o *observation) string {
	switch e := o.e; {
	case e.Type != TokenRefreshed:
	case e.Token.ID == "" && !e.Token.Generation.Set:
		return "no token.id"
	case e.Token.Family == "" && e.Session.ID == "":
		return "no token.family"
	}
	return ""
}

func explainReuse(_ *Engine, o *observation, p *rules.Params) explanation {
	r := &o.reuse
	how := map[string]string{"same": "by the same client", "another": "by another client", "unknown": "by an unknown client"}[r.client]
	x := explanation{facts: []Fact{
		{Name: "since_shown_s", Kind: FactInt, Int: r.sinceMS / 1000},
		{Name: "client", Text: r.client},
		boolFact("successor_shown", r.successor),
		boolFact("reported", r.reported),
	}, nearest: []Fact{bound("since_shown_s", "<=", p.MS(reuseGrace)/1000)}}
	switch {
	case r.lost && !r.reported:
		x.reason = fmt.Sprintf("a refresh token shown again after %s, %s: its answer may have been lost", span(r.sinceMS), how)
		x.score = int(p.Num(reuseLostScore))
	case !r.known:
		x.reason = "the app reports that a refresh token was shown again"
		x.facts, x.nearest = x.facts[1:], []Fact{boolFact("reported", false)}
	case r.successor:
		x.reason = fmt.Sprintf("a refresh token shown %s after its time, %s, when a later one was in use", span(r.sinceMS), how)
	default:
		x.reason = fmt.Sprintf("a refresh token shown again after %s, %s", span(r.sinceMS), how)
	}
	if r.known && r.client == "another" {
		x.nearest = []Fact{{Name: "client", Text: "same"}}
	}
	return x
}
