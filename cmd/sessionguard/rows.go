package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
)

// The formats of results.
const (
	formatNDJSON = "ndjson"
	formatTable  = "table"
	formatText   = "text"
	formatJSON   = "json"
	formatJUnit  = "junit"
)

// oneOf refuses a value that a flag does not take.
func oneOf(flag, value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return misused("--%s %q is not one of %s", flag, value, strings.Join(allowed, ", "))
}

// appendRow appends a decision as one line for people: when, who, what we did, why.
func appendRow(dst []byte, d *detector.Decision) []byte {
	return fmt.Appendf(dst, "%s  %-16s  %-10s  %-24s %4d  %s\n", clockTime(d.TimeMS), orDash(d.SessionID), orDash(d.UserID),
		actionWords(d), d.Score, because(d))
}

// because gives the rules that fired and the leading one's reason.
func because(d *detector.Decision) string {
	if len(d.Findings) == 0 {
		return "-"
	}
	return ruleNames(d) + ": " + d.Findings[0].Reason
}

// ruleNames lists the rules that fired; shadow rules and excepted findings are marked.
func ruleNames(d *detector.Decision) string {
	names := make([]string, 0, len(d.Findings))
	for i := range d.Findings {
		f := &d.Findings[i]
		name := f.Rule
		switch {
		case f.ExceptedBy != "":
			name += " [excepted by " + f.ExceptedBy + "]"
		case f.Mode == rules.Shadow:
			name += " [shadow]"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// actionWords gives what was done, or what a shadow decision would have done.
func actionWords(d *detector.Decision) string {
	if d.Mode == rules.Shadow && d.Would != rules.None {
		return "would " + d.Would.String()
	}
	return d.Action.String()
}

func clockTime(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05Z")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
