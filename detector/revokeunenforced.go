package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// unenforcedAfter is the parameter of revoke_not_enforced.
const unenforcedAfter = 0

// revokeGraceMS is how long after our own revoke activity is still its echo.
const revokeGraceMS = 30_000

var revokeNotEnforced = detectorSpec{
	Detector: rules.Detector{
		Name: "revoke_not_enforced",
		Doc: "The app accepted a session that we had revoked (revoke_session, or revoke_user_sessions of a session that began before): the command got lost, or nobody obeys it. " +
			"It is sent again as a further attempt, and a person is to look: metrics, log and readiness say so.",
		Params: []rules.Param{
			{Name: "after", Kind: rules.Period, Default: revokeGraceMS, Min: revokeGraceMS, Max: 3600_000, Doc: "how long the auth service may take (contracts: 30 s)"},
		},
		Facts: []rules.Field{
			{Name: "since_revoke_s", Type: rules.Integer, Unit: "s", Doc: "time since the last revoke that we sent"},
			{Name: "revoke", Type: rules.String, Enum: revokeScopes, Doc: "what it was to end: this session, or all of the user"},
			{Name: "acknowledged", Type: rules.String, Enum: append([]string{unanswered}, Results...), Doc: "what the auth service answered"},
		},
	},
	wakes:   wasRevoked,
	sees:    seesFirst,
	judge:   judgeUnenforced,
	missing: alwaysEvaluable,
	explain: explainUnenforced,
}

var revokeScopes = []string{"session", "user"}

const unanswered = "no answer"

// unenforced is the use of a session that we revoked.
type unenforced struct {
	sinceMS int64
	scope   string
	answer  string
}

func judgeUnenforced(g *Engine, o *observation, p *rules.Params) verdict {
	at := g.revokedAt(o) // 0: the event itself took the revoke back
	since := o.now - at
	if at == 0 || o.late || !presents(o.e) || !accepted(o.e) || since < p.MS(unenforcedAfter) {
		return silent
	}
	o.uncured = unenforced{sinceMS: since, scope: "user", answer: unanswered}
	if r := g.riskSoFar(o); r != nil && r.revoked != 0 {
		c := r.lastRevoke()
		if o.uncured.scope = "session"; c == &r.commands[rules.RevokeUserSessions] {
			o.uncured.scope = "user"
		}
		if c.result != 0 {
			o.uncured.answer = word(Results, c.result)
		}
	}
	return fires
}

// revokedAt gives when we last revoked the event's session: by itself, or with all of its user that began before. 0: never. An id that began
// anew since is another session.
func (g *Engine) revokedAt(o *observation) (at int64) {
	if r := g.riskSoFar(o); r != nil {
		at = r.revoked
	}
	if o.s == nil {
		return at
	}
	if at < o.s.created {
		at = 0
	}
	if u := g.userOf(o.s); u != 0 {
		if by := g.users.at(u).revoked; max(o.s.first, o.s.created) < by {
			at = max(at, by)
		}
	}
	return at
}

// riskSoFar is what was found of the event's session, nil for nothing.
func (g *Engine) riskSoFar(o *observation) *risk {
	if at := o.riskAt(); at != nil && *at != 0 {
		return g.risks.at(*at)
	}
	return nil
}

// lastRevoke is the newer of the two revokes.
func (r *risk) lastRevoke() *issued {
	one, all := &r.commands[rules.RevokeSession], &r.commands[rules.RevokeUserSessions]
	if all.id != 0 && (one.id == 0 || all.sent > one.sent) {
		return all
	}
	return one
}

// revoke notes a revoke that is about to be sent. A further attempt counts on from the earlier ones, of whichever reach.
func (g *Engine) revoke(o *observation, r *risk, c *issued, all bool) {
	for i := range g.found {
		if f := &g.found[i]; f.spec == &revokeNotEnforced && !f.shadow && f.excepted == "" {
			c.attempt = max(r.commands[rules.RevokeSession].attempt, r.commands[rules.RevokeUserSessions].attempt, 1)
		}
	}
	r.revoked = max(r.revoked, o.now)
	if all && o.u != nil {
		o.u.revoked = max(o.u.revoked, o.now)
	}
}

// unrevoke forgets a revoke that was wrong: who still shows the session is not held against anybody.
func (r *risk) unrevoke(u *user, act rules.Action) {
	if r.revoked = 0; u != nil && act == rules.RevokeUserSessions {
		u.revoked = 0
	}
}

// forgetUnenforced clears what only followed from a revoke that was wrong.
func (g *Engine) forgetUnenforced(r *risk) {
	for i := range r.findings {
		m := &r.findings[i]
		if rule := g.ruleID[m.rule]; rule != nil && rule.Detector >= 0 && detectors[rule.Detector] == &revokeNotEnforced {
			m.flags |= markCleared
		}
	}
}

// unenforcedMS is how long, by the partition's clock, a person is told that revokes are not enforced.
const unenforcedMS = 15 * 60_000

// noteUnenforced counts findings that a person must look at.
func (g *Engine) noteUnenforced(c *candidate, now int64) {
	if c.spec == &revokeNotEnforced && !c.shadow && c.excepted == "" {
		g.stats.RevokesNotEnforced++
		g.unenforcedAt = max(g.unenforcedAt, now)
	}
}

func explainUnenforced(_ *Engine, o *observation, p *rules.Params) explanation {
	u := &o.uncured
	answer := "the auth service had not answered"
	if u.answer != unanswered {
		answer = "the auth service had answered: " + u.answer
	}
	what := map[string]string{"session": "we revoked it", "user": "we revoked all of the user's"}[u.scope]
	return explanation{reason: fmt.Sprintf("used %s after %s; %s", span(u.sinceMS), what, answer), facts: []Fact{
		{Name: "since_revoke_s", Kind: FactInt, Int: u.sinceMS / 1000},
		{Name: "revoke", Text: u.scope},
		{Name: "acknowledged", Text: u.answer},
	}, nearest: []Fact{bound("since_revoke_s", "<", p.MS(unenforcedAfter)/1000)}}
}
