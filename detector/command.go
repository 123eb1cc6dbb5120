package detector

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/sessionguard/sessionguard/rules"
)

// How long the auth service acts on a command, and how strong and fresh a step-up it asks for: NIST SP 800-63B AAL2, and the five
// minutes of PSD2 RTS Art. 4(3)(d).
var expiresMS = [rules.NumActions]int64{
	rules.Arm: 3600_000, rules.RequireReauth: 15 * 60_000, rules.RevokeSession: 24 * 3600_000, rules.RevokeUserSessions: 24 * 3600_000,
	rules.Retract: 24 * 3600_000, // as long as what it takes back may hold
}

const (
	reauthMinAAL  = 2
	reauthMaxAgeS = 300
)

var userReasons = [rules.NumActions]string{
	rules.Arm:                "We will ask you to confirm that it is you before the next important step.",
	rules.RequireReauth:      "Please confirm that it is you.",
	rules.RevokeSession:      "We signed you out to protect your account.",
	rules.Retract:            "What we asked of you before no longer applies.",
	rules.RevokeUserSessions: "We signed you out on all devices to protect your account.",
}

// inForce says whether the same command was sent to the session and still holds.
func (g *Engine) inForce(r *risk, act rules.Action, now int64) bool {
	c := &r.commands[act]
	return c.at != 0 && now-c.at < g.set.Policy.RepeatMS[act]
}

// command makes the command of a decision and notes it in the session's risk.
func (g *Engine) command(o *observation, a *answer, d *Decision, lead string) {
	e := o.e
	if lead == "" {
		lead = g.strongest(a.risk, o.now)
	}
	issued := &a.risk.commands[d.Action]
	if d.Action >= rules.RevokeSession {
		g.revoke(o, a.risk, issued, d.Action == rules.RevokeUserSessions)
	}
	issued.attempt++
	d.Attempt = int(issued.attempt)
	at := issuedAt(e)
	c := Command{
		ID: hashID("c1", d.ID, strconv.Itoa(int(issued.attempt))), Action: d.Action, DecisionID: d.ID, Tenant: e.Tenant, SessionID: e.Session.ID,
		UserID: e.User.ID, Attempt: int(issued.attempt), IssuedAtMS: at, ExpiresAtMS: at + expiresMS[d.Action],
		EventID: d.EventID, EventSource: d.EventSource, EventTimeMS: e.TimeMS, Code: lead, ReasonAdmin: adminReason(d, lead), ReasonUser: userReasons[d.Action],
		Score: d.Score,
	}
	for i := range d.Findings {
		if f := &d.Findings[i]; f.Mode == rules.Enforce && f.ExceptedBy == "" {
			c.Rules = append(c.Rules, f.Rule)
		}
	}
	if c.Rules == nil && lead != "" && d.Control == "" {
		c.Rules = []string{lead}
	}
	*issued = sentAs(g.hash.command(c.ID), o.now, issued.attempt)
	switch d.Action {
	case rules.Arm:
		c.MinAAL, c.MaxAgeS = reauthMinAAL, reauthMaxAgeS
		a.risk.armed = max(a.risk.armed, o.now+expiresMS[rules.Arm])
		a.risk.demand.ask(o.now, o.now+expiresMS[rules.Arm])
	case rules.RequireReauth:
		c.MinAAL, c.MaxAgeS = reauthMinAAL, reauthMaxAgeS
		a.risk.demand.ask(o.now, o.now+expiresMS[rules.RequireReauth])
	case rules.RevokeUserSessions:
		c.CreatedBefore = e.TimeMS
	}
	g.out.Commands = append(g.out.Commands, c)
}

// issuedAt is the time from which a command counts: the record's, so that a replay gives the same command.
func issuedAt(e *Event) int64 {
	if e.Record.TimeMS != 0 {
		return e.Record.TimeMS
	}
	return e.TimeMS
}

func adminReason(d *Decision, lead string) string {
	if d.Control != "" {
		return lead + ": " + d.Reason
	}
	for i := range d.Findings {
		if d.Findings[i].Rule == lead {
			return lead + ": " + d.Findings[i].Reason
		}
	}
	return lead + ": the session's score is " + strconv.Itoa(d.Score)
}

// strongest is the rule whose finding counts most at a time: it leads where nothing new fired.
func (g *Engine) strongest(r *risk, now int64) string {
	best, id := -1, ""
	for i := range r.findings {
		m := &r.findings[i]
		rule := g.ruleID[m.rule]
		if rule == nil || m.flags&(markShadow|markExcepted|markCleared) != 0 {
			continue
		}
		// What is left decides, then what it was worth, then the id.
		weight := g.set.Policy.Decay(int(m.score), now-m.at)<<16 + int(m.score)
		if weight > best || weight == best && rule.ID < id {
			best, id = weight, rule.ID
		}
	}
	return id
}

// decisionID is a pure function of the event's coordinates, leading rule and action: the same event gives the same id whenever it is
// processed, also when it is replayed from the archive, which knows the session only by a pseudonym. The coordinates stand for the
// event's own session. For a verdict its id stands, which is a function of the observation's coordinates, its session and its rule: when the
// second stage gives it again after a crash, it lies elsewhere and the decision is the same.
func decisionID(e *Event, lead string, act rules.Action) string {
	if e.between() {
		return hashID("d1", e.ID, lead, act.String())
	}
	r := &e.Record
	return hashID("d1", r.Topic, strconv.Itoa(int(r.Partition)), strconv.FormatInt(r.Offset, 10), lead, act.String())
}

// hashID is 128 bits of SHA-256 over the parts, each with its length.
func hashID(prefix string, parts ...string) string {
	buf := append(make([]byte, 0, 256), prefix...)
	for _, p := range parts {
		buf = append(strconv.AppendInt(append(buf, '|'), int64(len(p)), 10), '|')
		buf = append(buf, p...)
	}
	sum := sha256.Sum256(buf)
	return string(hex.AppendEncode(append(append(buf[:0], prefix...), '-'), sum[:16]))
}
