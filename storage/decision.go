package storage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// decisionJSON is what the archive's columns need of a decision (contracts.md section 3).
type decisionJSON struct {
	ID            string    `json:"id"`
	Time          time.Time `json:"time"`
	Tenant        string    `json:"tenant"`
	SessionID     string    `json:"session_id"`
	UserID        string    `json:"user_id"`
	EventID       string    `json:"event_id"`
	EventSource   string    `json:"event_source"`
	Action        string    `json:"action"`
	Mode          string    `json:"mode"`
	Would         string    `json:"would"`
	Score         int32     `json:"score"`
	PreviousScore int32     `json:"previous_score"`
	Rules         []struct {
		ID string `json:"id"`
	} `json:"rules"`
	Command  string `json:"command"`
	Retracts string `json:"retracts"`
	Ruleset  string `json:"ruleset"`
	Revision string `json:"revision"`
	GeoBuild string `json:"geo_build"`
}

// NewDecisionRow makes the row of a record of session.decisions. The row shares no memory with the record.
func NewDecisionRow(r *Record, p *Pseudonymizer) (DecisionRow, error) {
	var d decisionJSON
	if err := json.Unmarshal(r.Value, &d); err != nil {
		return DecisionRow{}, fmt.Errorf("archive a decision: not its JSON")
	}
	if d.ID == "" || d.Action == "" {
		return DecisionRow{}, fmt.Errorf("archive a decision: it has no id or no action")
	}
	m, err := decisionIDs(r.Value, d.Tenant, p)
	if err != nil {
		return DecisionRow{}, fmt.Errorf("archive a decision: %w", err)
	}
	row := DecisionRow{
		Coordinates:   r.Coordinates,
		ID:            d.ID,
		TimeMS:        d.Time.UnixMilli(),
		Session:       p.Session(d.Tenant, d.SessionID),
		Tenant:        m.text(d.Tenant),
		UserID:        m.text(d.UserID),
		EventID:       m.text(d.EventID),
		EventSource:   m.text(d.EventSource),
		Action:        d.Action,
		Mode:          d.Mode,
		Would:         d.Would,
		Score:         d.Score,
		PreviousScore: d.PreviousScore,
		Command:       d.Command,
		Retracts:      d.Retracts,
		Ruleset:       d.Ruleset,
		Revision:      d.Revision,
		GeoBuild:      d.GeoBuild,
	}
	for i := range d.Rules {
		row.Rules = append(row.Rules, d.Rules[i].ID)
	}
	if row.Raw, err = m.json(r.Value); err != nil {
		return DecisionRow{}, fmt.Errorf("archive a decision: %w", err)
	}
	return row, nil
}

// decisionIDs finds the ids in a decision: its own session's, and those of other sessions and tokens that the facts of a
// finding name. Facts are named by their detectors, so their names' ends are what can be relied on.
func decisionIDs(doc []byte, tenant string, p *Pseudonymizer) (mask, error) {
	var m mask
	_, err := rewriteStrings(nil, doc, func(path, text []byte, key bool) (string, bool) {
		if kind, ok := idKind(path); ok && !key {
			m.add(p, tenant, kind, string(path), string(text))
		}
		return "", false
	})
	return m, err
}

func idKind(path []byte) (IDKind, bool) {
	for _, k := range []struct {
		end  string
		kind IDKind
	}{{"session_id", SessionID}, {"token_id", TokenID}, {"token_family", TokenFamily}} {
		if bytes.HasSuffix(path, []byte(k.end)) {
			return k.kind, true
		}
	}
	return "", false
}
