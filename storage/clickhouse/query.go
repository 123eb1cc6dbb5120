package clickhouse

import (
	"context"
	"iter"
	"net/netip"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/sessionguard/sessionguard/storage"
)

var dialect = storage.Dialect{Moment: "fromUnixTimestamp64Milli(toInt64(?), 'UTC')", Fired: "has(rules, ?)"}

// Events yields the events that a filter wants. FINAL shows once what stands twice: a record that was archived again after
// the group's offset was set back has the same place in the table's order, and merges remove it only some time.
func (a *Archive) Events(ctx context.Context, f storage.EventFilter) iter.Seq2[storage.EventRow, error] {
	where, args := f.Conditions(dialect)
	query := "SELECT " + reads(eventColumns) + " FROM session_events FINAL WHERE " + where + " ORDER BY " + f.Order.By() + limit(f.Limit)
	return ask(ctx, a.conn, query, args, func(rows driver.Rows) (r storage.EventRow, err error) {
		err = rows.Scan(targets(eventColumns, &r)...)
		if r.IP = r.IP.Unmap(); r.IP == netip.IPv6Unspecified() {
			r.IP = netip.Addr{}
		}
		return r, err
	})
}

// Decisions yields the decisions that a filter wants, each id once.
func (a *Archive) Decisions(ctx context.Context, f storage.DecisionFilter) iter.Seq2[storage.DecisionRow, error] {
	where, args := f.Conditions(dialect)
	query := "SELECT * FROM (SELECT * FROM session_decisions FINAL WHERE " + where + " ORDER BY topic, partition, offset LIMIT 1 BY id)"
	query = "SELECT " + reads(decisionColumns) + " FROM (" + query + ") ORDER BY " + f.Order.By() + limit(f.Limit)
	return ask(ctx, a.conn, query, args, func(rows driver.Rows) (r storage.DecisionRow, err error) {
		err = rows.Scan(targets(decisionColumns, &r)...)
		return r, err
	})
}

// Counts counts decisions by rule, action and mode.
func (a *Archive) Counts(ctx context.Context, fromMS, toMS int64) ([]storage.Count, error) {
	f := storage.DecisionFilter{FromMS: fromMS, ToMS: toMS}
	where, args := f.Conditions(dialect)
	query := "SELECT arrayJoin(if(empty(rules), [''], rules)) AS rule, action, mode, uniqExact(id) AS decisions FROM session_decisions WHERE " + where +
		" GROUP BY rule, action, mode ORDER BY decisions DESC, rule, action, mode"
	return collect(ask(ctx, a.conn, query, args, func(rows driver.Rows) (c storage.Count, err error) {
		err = rows.Scan(&c.Rule, &c.Action, &c.Mode, &c.Decisions)
		return c, err
	}))
}

// Completeness gives what is archived of a topic, by partition. It reads the coordinates of the whole topic.
func (a *Archive) Completeness(ctx context.Context, topic string) ([]storage.Span, error) {
	const query = `SELECT partition, min(offset), max(offset), count(), countIf(rejected != '') FROM
		(SELECT topic, partition, offset, rejected FROM session_events FINAL UNION ALL SELECT topic, partition, offset, rejected FROM session_decisions FINAL)
		WHERE topic = ? GROUP BY partition ORDER BY partition`
	return collect(ask(ctx, a.conn, query, []any{topic}, func(rows driver.Rows) (s storage.Span, err error) {
		err = rows.Scan(&s.Partition, &s.Min, &s.Max, &s.Records, &s.Rejected)
		return s, err
	}))
}

func targets[T any](columns []column[T], row *T) []any {
	list := make([]any, len(columns))
	for i, c := range columns {
		list[i] = c.scan(row)
	}
	return list
}

func limit(n int) string {
	if n == 0 {
		return ""
	}
	return " LIMIT " + strconv.Itoa(n)
}

func ask[T any](ctx context.Context, conn driver.Conn, query string, args []any, scan func(driver.Rows) (T, error)) iter.Seq2[T, error] {
	const doing = "ask the archive"
	return func(yield func(T, error) bool) {
		var none T
		// Cancelled when the sequence is left early, so that the server stops, too.
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		rows, err := conn.Query(ctx, query, args...)
		if err != nil {
			yield(none, reached(doing, err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			row, err := scan(rows)
			if !yield(row, reached(doing, err)) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, reached(doing, err))
		}
	}
}

func collect[T any](rows iter.Seq2[T, error]) (all []T, err error) {
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}
