package bank

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Scoreboard is everything that a Score knows, for WriteTable and WriteJSON.
type Scoreboard struct {
	Kinds   []Tally
	All     Tally
	Visible Tally // without the blind kinds
	Honest  HonestTally
	Groups  []GroupTally // by the shared network behind which customers live; nil where the population has no groups
	Fleets  []FleetTally // by kind of attack
	Named   NamedTally   // networks named for guessing
	Rules   []Alarms     // by the leading rule, most first
	Causes  []Alarms     // by the causes on the labels, of which a session may have several, most first
	Robbed  Alarms       // other sessions of customers at the time when they were being robbed: no false alarms
}

// HonestTally is what honest customers had to bear.
type HonestTally struct {
	Events   int  `json:"events"`   // honest ones and others
	Sessions int  `json:"sessions"` // honest logins whose session no thief ever used
	StepUps  Rate `json:"step_ups"` // sessions answered require_reauth
	Armed    Rate `json:"armed_and_asked"`
	Asked    Rate `json:"asked"` // the two together: sessions in which the customer was asked
	Revokes  Rate `json:"revokes"`
}

// Rate is a number of sessions, and what it makes per 10,000 honest ones, with the upper 95 % bound (Poisson, exact).
type Rate struct {
	Sessions int     `json:"sessions"`
	Per10k   float64 `json:"per_10k"`
	Upper10k float64 `json:"per_10k_upper"`
}

func rate(n, of int) Rate {
	if of == 0 {
		return Rate{Sessions: n}
	}
	scale := 10_000 / float64(of)
	return Rate{n, float64(n) * scale, poissonUpper(n) * scale}
}

// Scoreboard is the score so far.
func (s *Score) Scoreboard() Scoreboard {
	kinds, h, of := s.Tallies(), &s.honest, s.sessions-s.earlySessions-s.stolenSessions
	return Scoreboard{
		Kinds: kinds, All: together(All, kinds), Visible: together(Visible, kinds),
		Honest: HonestTally{Events: s.events, Sessions: of, StepUps: rate(h.stepUps, of), Armed: rate(h.armedAsks, of), Asked: rate(h.asked, of), Revokes: rate(h.revokes, of)},
		Groups: s.groupTallies(), Fleets: s.fleetTallies(), Named: s.namedTally(),
		Rules: mostFirst(h.rules), Causes: mostFirst(h.causes), Robbed: h.robbed,
	}
}

func mostFirst(by map[string]*Alarms) []Alarms {
	var list []Alarms
	for _, name := range slices.Sorted(maps.Keys(by)) {
		list = append(list, *by[name])
	}
	slices.SortStableFunc(list, func(a, b Alarms) int {
		return cmp.Or(cmp.Compare(b.Revokes, a.Revokes), cmp.Compare(b.StepUps, a.StepUps))
	})
	return list
}

// WriteTable writes the scoreboard as plain text of at most 120 columns but for lists of rules and reasons.
func (b *Scoreboard) WriteTable(w io.Writer) error {
	var t strings.Builder
	b.writeAttacks(&t)
	b.writeRules(&t)
	b.writeFleets(&t)
	b.writeNamed(&t)
	b.writeHonest(&t)
	b.writeGroups(&t)
	writeAlarms(&t, "by leading rule", b.Rules)
	writeAlarms(&t, "by cause", b.Causes)
	_, err := io.WriteString(w, t.String())
	return err
}

func (b *Scoreboard) writeAttacks(t *strings.Builder) {
	const head, row = "%-36s %7s %8s %13s %5s %7s %6s %6s %6s %5s %4s %4s\n", "%-36s %7d %8s %13s %5d %7d %6d %6d %6s %5s %4s %4s\n"
	fmt.Fprintf(t, "%96s %6s %5s\n", "before", "by 3rd", "requ.")
	fmt.Fprintf(t, head, "attack", "attacks", "answered", "95 %", "armed", "step-up", "revoke", "money", "requ.", "until", "p50", "p90")
	for _, k := range append(slices.Clip(b.Kinds), b.All, b.Visible) {
		name := k.Attack
		if k.Blind != "" {
			name += " *"
		}
		mean, p50, p90 := "-", "-", "-"
		if k.Detected > 0 {
			mean, p50, p90 = fmt.Sprintf("%.1f", k.MeanRequests), fmt.Sprint(k.RequestsP50), fmt.Sprint(k.RequestsP90)
		}
		third := "-"
		if k.Attacks > 0 {
			third = percent(float64(k.ByThird) / float64(k.Attacks))
		}
		fmt.Fprintf(t, row, name, k.Attacks, percent(k.Recall), percent(k.RecallLow)+" to "+percent(k.RecallHigh),
			k.Armed, k.StepUps, k.Revokes, k.BeforeAction, third, mean, p50, p90)
	}
	for _, k := range b.Kinds {
		if k.Blind != "" {
			fmt.Fprintf(t, "* %s: not to be seen by the shipped rules. It would be shown by %s\n", k.Attack, k.Blind)
		}
	}
}

// writeRules says for each kind which rules were the first to answer, most first.
func (b *Scoreboard) writeRules(t *strings.Builder) {
	fmt.Fprintf(t, "\n%-36s %s\n", "attack", "answered first by")
	for _, k := range b.Kinds {
		names := slices.SortedFunc(maps.Keys(k.Rules), func(one, other string) int {
			return cmp.Or(cmp.Compare(k.Rules[other], k.Rules[one]), cmp.Compare(one, other))
		})
		for i, name := range names {
			names[i] = fmt.Sprintf("%s %d", name, k.Rules[name])
		}
		if len(names) > 0 {
			fmt.Fprintf(t, "%-36s %s\n", k.Attack, strings.Join(names, ", "))
		}
	}
}

// percent gives a share in percent, rounded down, so that 100.0 is all of them.
func percent(share float64) string { return fmt.Sprintf("%.1f", float64(int(share*1000+1e-9))/10) }

func (b *Scoreboard) writeHonest(t *strings.Builder) {
	h := &b.Honest
	fmt.Fprintf(t, "\nhonest sessions %d, events %d\n\n", h.Sessions, h.Events)
	fmt.Fprintf(t, "%-40s %8s %10s %10s\n", "sessions, per 10,000 honest ones", "sessions", "per 10,000", "upper 95 %")
	for _, line := range []struct {
		name string
		rate Rate
	}{{"asked to re-authenticate", h.StepUps}, {"armed, and asked before an action", h.Armed}, {"asked in one way or the other", h.Asked}, {"ended", h.Revokes}} {
		fmt.Fprintf(t, "%-40s %8d %10.2f %10.2f\n", line.name, line.rate.Sessions, line.rate.Per10k, line.rate.Upper10k)
	}
	fmt.Fprintf(t, "\nnot among them: other sessions of customers who were being robbed, asked %d, ended %d\n", b.Robbed.StepUps, b.Robbed.Revokes)
}

func writeAlarms(t *strings.Builder, title string, list []Alarms) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(t, "\n%-40s %8s %10s\n", title, "asked", "ended")
	for _, a := range list {
		fmt.Fprintf(t, "%-40s %8d %10d\n", a.Name, a.StepUps, a.Revokes)
	}
}

// WriteJSON writes the scoreboard as JSON lines: {"attack":...} for each kind and two for all, {"honest":{...}}, and a line for each
// rule and each cause that led to a false alarm.
func (b *Scoreboard) WriteJSON(w io.Writer) error {
	lines := make([]any, 0, len(b.Kinds)+2)
	for _, k := range b.Kinds {
		lines = append(lines, k)
	}
	lines = append(lines, b.All, b.Visible, map[string]HonestTally{"honest": b.Honest}, map[string]Alarms{"robbed": b.Robbed})
	for _, g := range b.Groups {
		lines = append(lines, g)
	}
	for _, f := range b.Fleets {
		lines = append(lines, map[string]FleetTally{"fleets": f})
	}
	if b.Named != (NamedTally{}) {
		lines = append(lines, map[string]NamedTally{"named": b.Named})
	}
	type of struct {
		Rule  string `json:"rule,omitempty"`
		Cause string `json:"cause,omitempty"`
		Alarms
	}
	for _, a := range b.Rules {
		lines = append(lines, of{Rule: a.Name, Alarms: a})
	}
	for _, a := range b.Causes {
		lines = append(lines, of{Cause: a.Name, Alarms: a})
	}
	out := json.NewEncoder(w)
	for _, line := range lines {
		if err := out.Encode(line); err != nil {
			return fmt.Errorf("write scoreboard: %w", err)
		}
	}
	return nil
}
