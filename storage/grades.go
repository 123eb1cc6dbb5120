package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/sessionguard/sessionguard/detector"
)

// Grades is what analysts said of the decisions in which a rule fired on one day (UTC).
type Grades struct {
	DayMS     int64  // its beginning, Unix ms
	Decisions uint64 // of which analysts judged so many
	detector.Verdicts
}

// Add counts another day's in.
func (g *Grades) Add(other Grades) {
	g.Decisions += other.Decisions
	g.Verdicts.Add(other.Verdicts)
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
		day.Add(Grades{Decisions: 1, Verdicts: detector.VerdictOf(labels[d.ID])})
		days[at] = day
	}
	return slices.SortedFunc(maps.Values(days), func(a, b Grades) int { return cmp.Compare(a.DayMS, b.DayMS) }), nil
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
		if v := event.Data.Verdict; slices.Contains(detector.Labels, v.Label) {
			labels[v.DecisionID] = v.Label
		}
	}
	return labels, nil
}
