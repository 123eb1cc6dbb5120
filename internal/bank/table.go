package bank

import (
	"fmt"
	"io"
	"strings"
)

// WriteTable writes the score for a terminal, as plain text of at most 80 columns.
func (s *Score) WriteTable(w io.Writer) error {
	var t strings.Builder
	fmt.Fprintf(&t, "%-36s %7s %8s %6s %7s %9s\n", "", "", "", "", "before", "requests")
	fmt.Fprintf(&t, "%-36s %7s %8s %6s %7s %9s\n", "attack", "attacks", "detected", "missed", "action", "until")
	blind := false
	for _, k := range s.Tallies() {
		name, mean := k.Attack, "-"
		if k.Blind != "" {
			name, blind = name+" *", true
		}
		if k.Detected > 0 {
			mean = fmt.Sprintf("%.1f", k.MeanRequests)
		}
		fmt.Fprintf(&t, "%-36s %7d %8d %6d %7d %9s\n", name, k.Attacks, k.Detected, k.Missed, k.BeforeAction, mean)
	}
	sum := s.Summary()
	fmt.Fprintf(&t, "%-36s %7d %8d %6d\n\n", "all", sum.Attacks, sum.Detected, sum.Missed)
	if blind {
		fmt.Fprint(&t, "* no field at hand shows it; docs/detection.md says which one would\n\n")
	}
	fmt.Fprintf(&t, "honest sessions %d, false alarms %d (asked to re-authenticate, or ended)\nof the false alarms ended %d; events %d\n",
		sum.Sessions-s.stolenSessions, sum.FalseAlarms, s.honest.revokes, sum.Events)
	_, err := io.WriteString(w, t.String())
	return err
}
