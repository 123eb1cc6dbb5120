package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDecisionLineFitsTheTerminal(t *testing.T) {
	var d decisionLine
	d.Time, d.UserID, d.Action, d.Command, d.Score = "2026-11-23T09:30:00.125Z", "u-4711", "require_reauth", "repeated", 72
	d.Rules = append(d.Rules, struct {
		ID     string `json:"id"`
		Reason string `json:"reason"`
	}{"impossible-travel", "Linköping to Changchun: at least 6,818 km in 12 min"})
	f := func(columns int, want string) {
		t.Helper()
		got := d.text("5f0c22aa91b3", "Linköping SE -> Changchun CN AS4837", false, columns)
		if got != want+"\n" {
			t.Errorf("in %d columns it is\n%swant\n%s", columns, got, want)
		}
		if n := utf8.RuneCountInString(want); columns > 0 && n > columns {
			t.Errorf("%d columns for %d", n, columns)
		}
		coloured := d.text("5f0c22aa91b3", "Linköping SE -> Changchun CN AS4837", true, columns)
		if plain := strings.NewReplacer("\x1b[33m", "", "\x1b[0m", "").Replace(coloured); plain != got {
			t.Errorf("in colour it is %q, without %q", plain, got)
		}
	}
	f(0, "09:30:00  u-4711   5f0c22aa91b3 Linköping SE -> Changchun CN AS4837 require_reauth (in force)    72  impossible-travel: Linköping to Changchun: at least 6,818 km in 12 min")
	f(140, "09:30:00  u-4711   5f0c22aa91b3 Linköping SE -> Changchun CN AS4837 require_reauth (in force)    72  impossible-travel: Linköping to Changc…")
	f(80, "09:30:00  u-4711   Linköping SE -> Changch… require_reauth (in force)    72  im…")
	f(40, "09:30:00  u-4711   Linköping SE -> Chan…")
}
