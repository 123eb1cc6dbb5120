package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Grades is what analysts said of the decisions in which a rule fired on one day (UTC).
type Grades struct {
	DayMS     int64  // its beginning, Unix ms
	Decisions uint64 // of which analysts called so many
	True      uint64 // positives
	False     uint64
	Unsure    uint64
}

// Precision is the share of true positives among the decisions on which analysts were sure; false when there are none.
func (g Grades) Precision() (share float64, known bool) {
	if g.True+g.False == 0 {
		return 0, false
	}
	return float64(g.True) / float64(g.True+g.False), true
}

// Add counts another day's in.
func (g *Grades) Add(other Grades) {
	g.Decisions, g.True, g.False, g.Unsure = g.Decisions+other.Decisions, g.True+other.True, g.False+other.False, g.Unsure+other.Unsure
}

const dayMS = 24 * 3600_000

// Grade gives, for each day on which a rule fired in a decision of [fromMS, toMS), what analysts said of these decisions, also if they said it
// later; the oldest day first. A decision counts by the last word on it. Only verdicts are held in memory: analysts are people.
func Grade(ctx context.Context, a Reader, rule string, fromMS, toMS int64) ([]Grades, error) {
	labels, err := lastVerdicts(ctx, a, fromMS)
	if err != nil {
		return nil, err
	}
	days := map[int64]Grades{}
	for d, err := range a.Decisions(ctx, DecisionFilter{Rule: rule, FromMS: fromMS, ToMS: toMS}) {
		if err != nil {
			return nil, err
		}
		at := d.TimeMS - (d.TimeMS%dayMS+dayMS)%dayMS
		day := days[at]
		day.DayMS = at
		day.Add(graded(labels[d.ID]))
		days[at] = day
	}
	return slices.SortedFunc(maps.Values(days), func(a, b Grades) int { return cmp.Compare(a.DayMS, b.DayMS) }), nil
}

// graded is one decision with its label, "" for none.
func graded(label string) Grades {
	g := Grades{Decisions: 1}
	switch label {
	case "true_positive":
		g.True = 1
	case "false_positive":
		g.False = 1
	case "unsure":
		g.Unsure = 1
	}
	return g
}

// lastVerdicts gives the last label on each decision, of the verdicts since a time: none comes before its decision.
func lastVerdicts(ctx context.Context, a Reader, fromMS int64) (map[string]string, error) {
	labels := map[string]string{}
	for e, err := range a.Events(ctx, EventFilter{Type: "verdict.recorded", FromMS: fromMS}) {
		if err != nil {
			return nil, err
		}
		var event struct {
			Data struct {
				Verdict struct {
					DecisionID string `json:"decision_id"`
					Label      string `json:"label"`
				} `json:"verdict"`
			} `json:"data"`
		}
		if err := json.Unmarshal([]byte(e.Raw), &event); err != nil {
			return nil, fmt.Errorf("read the verdict %q of the archive: %w", e.EventID, err)
		}
		if v := event.Data.Verdict; graded(v.Label) != (Grades{Decisions: 1}) {
			labels[v.DecisionID] = v.Label
		}
	}
	return labels, nil
}
