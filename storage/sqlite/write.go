package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sessionguard/sessionguard/storage"
)

const eventColumns = "topic, partition, offset, record_time, event_time, clamped, tenant, user_id, session, previous_session, " +
	"token, token_family, event_id, source, type, outcome, action, ip, country, city, asn, network, browser, browser_major, " +
	"os, device, geo_build, rejected, raw"

const decisionColumns = "topic, partition, offset, record_time, id, event_time, tenant, user_id, session, event_id, event_source, " +
	"action, mode, would, score, previous_score, rules, command, retracts, ruleset, revision, geo_build, rejected, raw"

// insert writes a row unless its coordinates have one: that is how a repeated block repeats nothing.
func insert(table, columns string) string {
	marks := strings.Repeat("?, ", strings.Count(columns, ",")) + "?"
	return "INSERT OR IGNORE INTO " + table + " (" + columns + ") VALUES (" + marks + ")"
}

// Write keeps a block in one transaction.
func (a *Archive) Write(ctx context.Context, b *storage.Block) error {
	tx, err := a.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("write block %q: %w", b.Token(), err)
	}
	defer tx.Rollback()
	if err := writeEvents(ctx, tx, b.Events); err != nil {
		return fmt.Errorf("write block %q: %w", b.Token(), err)
	}
	if err := writeDecisions(ctx, tx, b.Decisions); err != nil {
		return fmt.Errorf("write block %q: %w", b.Token(), err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("write block %q: %w", b.Token(), err)
	}
	return nil
}

func writeEvents(ctx context.Context, tx *sql.Tx, rows []storage.EventRow) error {
	if len(rows) == 0 {
		return nil
	}
	s, err := tx.PrepareContext(ctx, insert("session_events", eventColumns))
	if err != nil {
		return err
	}
	defer s.Close()
	for i := range rows {
		r := &rows[i]
		ip := ""
		if r.IP.IsValid() {
			ip = r.IP.String()
		}
		if _, err := s.ExecContext(ctx, r.Topic, r.Partition, r.Offset, r.RecordTimeMS, r.EventTimeMS, r.Clamped, r.Tenant, r.UserID, r.Session,
			r.PreviousSession, r.Token, r.TokenFamily, r.EventID, r.Source, r.Type, r.Outcome, r.Action, ip, r.Country, r.City, r.ASN,
			r.Network, r.Browser, r.BrowserMajor, r.OS, r.Device, r.GeoBuild, r.Rejected, r.Raw); err != nil {
			return err
		}
	}
	return nil
}

func writeDecisions(ctx context.Context, tx *sql.Tx, rows []storage.DecisionRow) error {
	if len(rows) == 0 {
		return nil
	}
	s, err := tx.PrepareContext(ctx, insert("session_decisions", decisionColumns))
	if err != nil {
		return err
	}
	defer s.Close()
	for i := range rows {
		r := &rows[i]
		rules, err := json.Marshal(append([]string{}, r.Rules...))
		if err != nil {
			return err
		}
		if _, err := s.ExecContext(ctx, r.Topic, r.Partition, r.Offset, r.RecordTimeMS, r.ID, r.TimeMS, r.Tenant, r.UserID, r.Session, r.EventID,
			r.EventSource, r.Action, r.Mode, r.Would, r.Score, r.PreviousScore, string(rules), r.Command, r.Retracts, r.Ruleset,
			r.Revision, r.GeoBuild, r.Rejected, r.Raw); err != nil {
			return err
		}
	}
	return nil
}
