package detector

import (
	"fmt"
	"math/bits"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of failures_then_success.
const (
	failuresOver = iota
	failuresLast
	failuresWindow
)

var failuresThenSuccess = detectorSpec{
	Detector: rules.Detector{
		Name: "failures_then_success",
		Doc:  "After several failed logins one succeeded, with a client and on a network that are both new to the user: a password was guessed.",
		Params: []rules.Param{
			{Name: "failures", Default: 3, Min: 1, Max: 7, Doc: "more than this many of the last authentications failed (Tirreno A01)"},
			{Name: "last", Default: 8, Min: 2, Max: 8, Doc: "how many of the last authentications count (Tirreno A01)"},
			{Name: "window", Kind: rules.Period, Default: 3600_000, Min: 1000, Max: 30 * 24 * 3600_000, Doc: "the last failure is no older than this: failures of weeks ago are not this success's (a proposal)"},
		},
		Needs: []string{"auth.failed", "session.created"},
		Facts: []rules.Field{
			{Name: "failures", Type: rules.Integer, Doc: "failed authentications among the last"},
			{Name: "since_failure_s", Type: rules.Integer, Unit: "s", Doc: "time since the last failure"},
		},
	},
	wakes:   loggedIn,
	sees:    seesFirst,
	judge:   judgeFailures,
	missing: missingFailures,
	explain: explainFailures,
}

// guesses is what came before a successful login.
type guesses struct {
	failures int
	sinceMS  int64
}

func judgeFailures(g *Engine, o *observation, p *rules.Params) verdict {
	u := o.u
	if u == nil || u.failedAt == 0 {
		return silent
	}
	o.guesses = guesses{bits.OnesCount8(u.auths << (8 - int(p.Num(failuresLast)))), o.now - int64(u.failedAt)*1000}
	switch {
	case float64(o.guesses.failures) <= p.Num(failuresOver) || o.guesses.sinceMS > p.MS(failuresWindow):
		return silent
	case missingFailures(g, o) != "":
		return notEvaluable
	case !o.strangeDevice() || o.learned(o.networkHere()):
		return silent
	}
	return fires
}

func missingFailures(_ *Engine, o *observation) string {
	switch {
	case o.e.Type != SessionCreated || o.u == nil || o.u.failedAt == 0:
		return ""
	case !o.print.known():
		return "no client"
	}
	return ""
}

// openGuessed makes room for a user of whom only a failed login is known, unless another user would have to go: who tries many names does
// not wash customers out.
func (g *Engine) openGuessed(o *observation) {
	if g.users.live() < g.cfg.MaxUsers/8*7 {
		g.openUser(o)
	}
}

// noteAuth remembers how an authentication of a known user went, the newest in the lowest bit.
func (o *observation) noteAuth() {
	e, u := o.e, o.u
	if u == nil || e.User.ActorID != "" || e.Type == AuthFailed && (e.User.ID == "" || o.now < u.first) {
		return // a failure of somebody who was not known yet is not remembered, and its repeat must not count either
	}
	failed := e.Type == AuthFailed || e.Outcome == OutcomeFailure
	u.auths <<= 1
	if failed {
		u.auths |= 1
		u.failedAt = max(u.failedAt, uint32(max(1, o.now/1000)))
	}
}

func explainFailures(_ *Engine, o *observation, p *rules.Params) explanation {
	return explanation{reason: fmt.Sprintf("%d of the last %d logins failed, then one succeeded from a new client on a new network", o.guesses.failures, int(p.Num(failuresLast))), facts: []Fact{
		{Name: "failures", Kind: FactInt, Int: int64(o.guesses.failures)},
		{Name: "since_failure_s", Kind: FactInt, Int: o.guesses.sinceMS / 1000},
	}, nearest: []Fact{bound("failures", "<=", int64(p.Num(failuresOver))), bound("since_failure_s", ">", p.MS(failuresWindow)/1000)}}
}
