package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"net/netip"
	"strconv"

	"github.com/sessionguard/sessionguard/storage"
)

var dialect = storage.Dialect{Moment: "?", Fired: "EXISTS (SELECT 1 FROM json_each(rules) WHERE value = ?)"}

// Events yields the events that a filter wants.
func (a *Archive) Events(ctx context.Context, f storage.EventFilter) iter.Seq2[storage.EventRow, error] {
	where, args := f.Conditions(dialect)
	query := "SELECT " + eventColumns + " FROM session_events WHERE " + where + " ORDER BY " + f.Order.By() + limit(f.Limit)
	return ask(ctx, a.db, scanEvent, query, args)
}

// Decisions yields the decisions that a filter wants, each id once.
func (a *Archive) Decisions(ctx context.Context, f storage.DecisionFilter) iter.Seq2[storage.DecisionRow, error] {
	where, args := f.Conditions(dialect)
	query := "SELECT " + decisionColumns + " FROM session_decisions d WHERE " + where + " AND " + first +
		" ORDER BY " + f.Order.By() + limit(f.Limit)
	return ask(ctx, a.db, scanDecision, query, args)
}

// first is true for the first row of a decision's id: decisions are published at least once.
const first = "NOT EXISTS (SELECT 1 FROM session_decisions e WHERE e.id = d.id AND (e.topic, e.partition, e.offset) < (d.topic, d.partition, d.offset))"

// Counts counts decisions by rule, action and mode.
func (a *Archive) Counts(ctx context.Context, fromMS, toMS int64) ([]storage.Count, error) {
	f := storage.DecisionFilter{FromMS: fromMS, ToMS: toMS}
	where, args := f.Conditions(dialect)
	query := "SELECT coalesce(j.value, ''), action, mode, count(DISTINCT d.id) FROM session_decisions d LEFT JOIN json_each(rules) j WHERE " + where +
		" GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3"
	var counts []storage.Count
	for c, err := range ask(ctx, a.db, scanCount, query, args) {
		if err != nil {
			return nil, err
		}
		counts = append(counts, c)
	}
	return counts, nil
}

// Completeness gives what is archived of a topic, by partition.
func (a *Archive) Completeness(ctx context.Context, topic string) ([]storage.Span, error) {
	const query = `SELECT partition, min(offset), max(offset), count(*), sum(rejected <> '') FROM
		(SELECT topic, partition, offset, rejected FROM session_events UNION ALL SELECT topic, partition, offset, rejected FROM session_decisions)
		WHERE topic = ? GROUP BY partition ORDER BY partition`
	var spans []storage.Span
	for s, err := range ask(ctx, a.db, scanSpan, query, []any{topic}) {
		if err != nil {
			return nil, err
		}
		spans = append(spans, s)
	}
	return spans, nil
}

func limit(n int) string {
	if n == 0 {
		return ""
	}
	return " LIMIT " + strconv.Itoa(n)
}

func ask[T any](ctx context.Context, db *sql.DB, scan func(*sql.Rows) (T, error), query string, args []any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := db.QueryContext(ctx, query, args...)
		if err != nil {
			yield(none, fmt.Errorf("ask the archive: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			row, err := scan(rows)
			if !yield(row, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, fmt.Errorf("ask the archive: %w", err))
		}
	}
}

func scanEvent(rows *sql.Rows) (r storage.EventRow, err error) {
	var ip string
	err = rows.Scan(&r.Topic, &r.Partition, &r.Offset, &r.RecordTimeMS, &r.EventTimeMS, &r.Clamped, &r.Tenant, &r.UserID, &r.Session,
		&r.PreviousSession, &r.Token, &r.TokenFamily, &r.EventID, &r.Source, &r.Type, &r.Outcome, &r.Action, &ip, &r.Country, &r.City,
		&r.ASN, &r.Network, &r.Browser, &r.BrowserMajor, &r.OS, &r.Device, &r.GeoBuild, &r.Rejected, &r.Raw)
	if err == nil && ip != "" {
		r.IP, err = netip.ParseAddr(ip)
	}
	return r, err
}

func scanDecision(rows *sql.Rows) (r storage.DecisionRow, err error) {
	var rules string
	err = rows.Scan(&r.Topic, &r.Partition, &r.Offset, &r.RecordTimeMS, &r.ID, &r.TimeMS, &r.Tenant, &r.UserID, &r.Session, &r.EventID,
		&r.EventSource, &r.Action, &r.Mode, &r.Would, &r.Score, &r.PreviousScore, &rules, &r.Command, &r.Retracts, &r.Ruleset,
		&r.Revision, &r.GeoBuild, &r.Rejected, &r.Raw)
	if err == nil {
		err = json.Unmarshal([]byte(rules), &r.Rules)
	}
	return r, err
}

func scanCount(rows *sql.Rows) (c storage.Count, err error) {
	err = rows.Scan(&c.Rule, &c.Action, &c.Mode, &c.Decisions)
	return c, err
}

func scanSpan(rows *sql.Rows) (s storage.Span, err error) {
	err = rows.Scan(&s.Partition, &s.Min, &s.Max, &s.Records, &s.Rejected)
	return s, err
}
