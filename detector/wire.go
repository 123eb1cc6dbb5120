package detector

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/sessionguard/sessionguard/rules"
)

// AppendDecision appends a decision's JSON as contracts.md section 3 has it, without a newline. mask, if not nil, gives the
// pseudonym that stands for a session id (the archive and the console never hold the raw one).
func AppendDecision(dst []byte, d *Decision, mask func(tenant, sessionID string) string) []byte {
	session := d.SessionID
	if mask != nil && session != "" {
		session = mask(d.Tenant, session)
	}
	j := object{buf: append(dst, '{')}
	j.text("id", d.ID)
	j.time("time", d.TimeMS)
	j.text("tenant", d.Tenant)
	j.text("session_id", session)
	j.text("user_id", d.UserID)
	j.text("event_id", d.EventID)
	j.text("event_source", d.EventSource)
	j.text("action", d.Action.String())
	j.text("mode", d.Mode.String())
	if d.Would != rules.None {
		j.text("would", d.Would.String())
	}
	j.int("score", int64(d.Score))
	j.int("previous_score", int64(d.PreviousScore))
	j.findings(d.Findings)
	j.notEvaluable(d.NotEvaluable)
	j.some("command", d.Command)
	if d.Attempt > 1 {
		j.int("attempt", int64(d.Attempt))
	}
	j.some("control", d.Control)
	j.some("reason", d.Reason)
	j.some("retracts", d.Retracts)
	if d.Braked != rules.None {
		j.text("braked", d.Braked.String())
	}
	if d.TrustedUntil != 0 {
		j.time("trusted_until", d.TrustedUntil)
	}
	j.lifted(d.Lifted)
	j.text("ruleset", d.Ruleset)
	j.text("revision", d.Revision)
	j.text("geo_build", d.GeoBuild)
	j.mark("misrouted", d.Misrouted)
	j.mark("time_clamped", d.ClampedTime)
	j.mark("state_truncated", d.Truncated)
	return append(j.buf, '}')
}

func (j *object) lifted(list []Tripped) {
	if len(list) == 0 {
		return
	}
	j.key("lifted")
	j.buf = append(j.buf, '[')
	for i, t := range list {
		if i > 0 {
			j.buf = append(j.buf, ',')
		}
		in := object{buf: append(j.buf, '{')}
		in.text("brake", t.Brake)
		in.time("since", t.SinceMS)
		in.int("held", int64(t.Held))
		j.buf = append(in.buf, '}')
	}
	j.buf = append(j.buf, ']')
}

func (j *object) findings(list []Finding) {
	j.key("rules")
	j.buf = append(j.buf, '[')
	for i := range list {
		f := &list[i]
		if i > 0 {
			j.buf = append(j.buf, ',')
		}
		in := object{buf: append(j.buf, '{')}
		in.text("id", f.Rule)
		in.int("score", int64(f.Score))
		in.text("mode", f.Mode.String())
		in.text("evidence", f.Evidence.String())
		in.mark("proof", f.Proof)
		in.text("reason", f.Reason)
		in.key("facts")
		in.facts(f.Facts)
		if len(f.Nearest) > 0 {
			in.key("nearest")
			in.facts(f.Nearest)
		}
		in.some("excepted_by", f.ExceptedBy)
		if f.Suppressed > 0 {
			in.int("suppressed", int64(f.Suppressed))
		}
		j.buf = append(in.buf, '}')
	}
	j.buf = append(j.buf, ']')
}

func (j *object) facts(list []Fact) {
	in := object{buf: append(j.buf, '{')}
	for i := range list {
		f := &list[i]
		switch f.Kind {
		case FactInt:
			in.int(f.Name, f.Int)
		case FactNum:
			in.key(f.Name)
			in.buf = strconv.AppendFloat(in.buf, f.Num, 'f', -1, 64)
		case FactBool:
			in.key(f.Name)
			in.buf = strconv.AppendBool(in.buf, f.Int == 1)
		case FactObject:
			in.key(f.Name)
			in.facts(f.Sub)
		default:
			in.text(f.Name, f.Text)
		}
	}
	j.buf = append(in.buf, '}')
}

func (j *object) notEvaluable(list []NotEvaluable) {
	j.key("not_evaluable")
	j.buf = append(j.buf, '[')
	for i := range list {
		if i > 0 {
			j.buf = append(j.buf, ',')
		}
		in := object{buf: append(j.buf, '{')}
		in.text("rule", list[i].Rule)
		in.text("why", list[i].Why)
		j.buf = append(in.buf, '}')
	}
	j.buf = append(j.buf, ']')
}

// CommandType is the CloudEvents type of a command; DecisionType that of a decision.
const (
	CommandType  = "session.command"
	DecisionType = "session.decision"
	// Source is the CloudEvents source of what the detector publishes.
	Source = "/sessionguard/detector"
)

// AppendCommand appends a command as a structured-mode CloudEvent (contracts.md section 4).
func AppendCommand(dst []byte, c *Command) []byte {
	j := object{buf: append(dst, '{')}
	j.text("specversion", "1.0")
	j.text("id", c.ID)
	j.text("source", Source)
	j.text("type", CommandType)
	j.time("time", c.IssuedAtMS)
	j.text("datacontenttype", "application/json")
	j.key("data")
	j.buf = append(j.buf, '{')
	j.fresh()
	j.text("command_id", c.ID)
	j.text("action", c.Action.String())
	j.text("decision_id", c.DecisionID)
	j.text("session_id", c.SessionID)
	j.text("user_id", c.UserID)
	j.text("tenant", c.Tenant)
	j.int("attempt", int64(c.Attempt))
	j.time("issued_at", c.IssuedAtMS)
	j.time("expires_at", c.ExpiresAtMS)
	j.issuedFor(c)
	j.reasons(c)
	j.reauth(c)
	if c.CreatedBefore != 0 {
		j.time("created_before", c.CreatedBefore)
	}
	j.some("retracts", c.Retracts)
	j.int("score", int64(c.Score))
	j.texts("rules", c.Rules)
	return append(j.buf, '}', '}')
}

func (j *object) issuedFor(c *Command) {
	j.key("issued_for")
	in := object{buf: append(j.buf, '{')}
	in.text("event_id", c.EventID)
	in.text("event_source", c.EventSource)
	in.time("event_time", c.EventTimeMS)
	j.buf = append(in.buf, '}')
}

func (j *object) reasons(c *Command) {
	j.key("reason")
	in := object{buf: append(j.buf, '{')}
	in.text("code", c.Code)
	in.key("admin")
	in.english(c.ReasonAdmin)
	in.key("user")
	in.english(c.ReasonUser)
	j.buf = append(in.buf, '}')
}

func (j *object) english(s string) {
	in := object{buf: append(j.buf, '{')}
	in.text("en", s)
	j.buf = append(in.buf, '}')
}

func (j *object) reauth(c *Command) {
	j.key("reauth")
	if c.MinAAL == 0 {
		j.buf = append(j.buf, "null"...)
		return
	}
	in := object{buf: append(j.buf, '{')}
	in.int("min_aal", int64(c.MinAAL))
	in.int("max_age_s", c.MaxAgeS)
	j.buf = append(in.buf, '}')
}

// object appends the members of a JSON object in the order in which they are given.
type object struct {
	buf   []byte
	begun bool
}

func (j *object) fresh() { j.begun = false }

func (j *object) key(name string) {
	if j.begun {
		j.buf = append(j.buf, ',')
	}
	j.begun = true
	j.buf = append(AppendString(j.buf, name), ':')
}

func (j *object) text(name, s string) {
	j.key(name)
	j.buf = AppendString(j.buf, s)
}

func (j *object) some(name, s string) {
	if s != "" {
		j.text(name, s)
	}
}

func (j *object) mark(name string, set bool) {
	if set {
		j.key(name)
		j.buf = append(j.buf, "true"...)
	}
}

func (j *object) int(name string, n int64) {
	j.key(name)
	j.buf = strconv.AppendInt(j.buf, n, 10)
}

func (j *object) time(name string, ms int64) {
	j.key(name)
	j.buf = append(AppendTime(append(j.buf, '"'), ms), '"')
}

// AppendTime appends a Unix time in milliseconds as RFC 3339 in UTC, with milliseconds.
func AppendTime(dst []byte, ms int64) []byte {
	return time.UnixMilli(ms).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
}

func (j *object) texts(name string, list []string) {
	j.key(name)
	j.buf = append(j.buf, '[')
	for i, s := range list {
		if i > 0 {
			j.buf = append(j.buf, ',')
		}
		j.buf = AppendString(j.buf, s)
	}
	j.buf = append(j.buf, ']')
}

const hexDigits = "0123456789abcdef"

// AppendString appends a JSON string; what is not UTF-8 becomes the replacement character.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	plain := 0 // most texts are, to their end: they are copied at once
	for plain < len(s) && s[plain] >= 0x20 && s[plain] < utf8.RuneSelf && s[plain] != '"' && s[plain] != '\\' {
		plain++
	}
	dst = append(dst, s[:plain]...)
	for _, r := range s[plain:] {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
