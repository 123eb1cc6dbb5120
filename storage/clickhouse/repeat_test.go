package clickhouse

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/internal/chdb"
	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/archivetest"
)

// stored counts a table's rows as they lie there, without FINAL and without the merges that would remove repeated ones.
func stored(t *testing.T, a *Archive) (rows uint64) {
	t.Helper()
	if err := a.conn.QueryRow(t.Context(), "SELECT count() FROM session_events").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func withoutMerges(t *testing.T, faults chdb.Faults) *Archive {
	t.Helper()
	a := migrated(t, faults)
	if err := a.conn.Exec(t.Context(), "SYSTEM STOP MERGES session_events"); err != nil {
		t.Fatal(err)
	}
	return a
}

const weekMS = 7 * 24 * 3600 * 1000

// TestToken shows that ClickHouse itself recognises a repeated block by its token, for each of its partitions.
func TestToken(t *testing.T) {
	twoWeeks := archivetest.EventBlock(0, 0, 99)
	for i := 50; i < 100; i++ {
		twoWeeks.Events[i].RecordTimeMS += weekMS
	}
	firstWeek := *twoWeeks
	firstWeek.Events = twoWeeks.Events[:50]
	tests := []struct {
		name   string
		blocks []*storage.Block
		want   uint64 // rows stored
	}{
		{"repeated", []*storage.Block{twoWeeks, twoWeeks, twoWeeks}, 100},
		{"begun, then completed", []*storage.Block{&firstWeek, twoWeeks}, 100},
		{"other borders: the token cannot tell", []*storage.Block{twoWeeks, archivetest.EventBlock(0, 0, 49)}, 150},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := withoutMerges(t, chdb.Faults{})
			for _, b := range tt.blocks {
				if err := a.Write(t.Context(), b); err != nil {
					t.Fatal(err)
				}
			}
			if n := stored(t, a); n != tt.want {
				t.Errorf("%d rows are stored, want %d", n, tt.want)
			}
			spans, err := a.Completeness(t.Context(), archivetest.Events)
			if err != nil || len(spans) != 1 || spans[0].Records != 100 || !spans[0].Complete() {
				t.Errorf("completeness is %+v (error: %v)", spans, err)
			}
		})
	}
}

// once gives true at the n-th call for an INSERT of events, counted from 1.
func once(n int) func(string) bool {
	calls := 0
	return func(query string) bool {
		if strings.Contains(query, "INTO session_events") {
			calls++
			return calls == n
		}
		return false
	}
}

// TestArchiverOverABrokenServer lets the server go wrong in every way that an archiver may meet, and looks for rows that
// are missing or stand twice.
func TestArchiverOverABrokenServer(t *testing.T) {
	fail := once(7)
	refuse := false
	a := withoutMerges(t, chdb.Faults{
		DropInsert: once(2),
		DropAck:    once(4), // of those that got so far
		Fail: func(query string) *chdb.Error {
			if !fail(query) {
				return nil
			}
			return &chdb.Error{Code: 252, Message: "Code: 252. DB::Exception: Too many parts"}
		},
		Refuse: func() bool { return refuse },
	})
	log := &countedLog{end: 1000}
	var said []string
	ar := &storage.Archiver{Log: log, Archive: a, Topic: archivetest.Events, Until: log.end, MaxRows: 100,
		Form: func(r *storage.Record, b *storage.Block) { b.Events = append(b.Events, archivetest.Event(0, r.Offset)) },
		Away: func(err error) {
			var reason string
			switch {
			case err == nil:
				reason = "back"
			case errors.Is(err, storage.ErrUnreachable):
				reason = "unreachable"
			default:
				reason = "refused"
			}
			said = append(said, reason)
		}}
	if err := ar.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(said, " "), "unreachable back unreachable back refused back"; got != want {
		t.Errorf("the archiver says %q, want %q", got, want)
	}
	if n := stored(t, a); n != 1000 {
		t.Errorf("%d rows are stored, want 1000", n)
	}
}

// countedLog is a partition with the offsets 0 to end-1.
type countedLog struct{ end int64 }

func (l *countedLog) Fetch(_ context.Context, from int64) (records []storage.Record, err error) {
	for o := from; o < min(from+30, l.end); o++ {
		records = append(records, storage.Record{Coordinates: archivetest.Event(0, o).Coordinates})
	}
	return records, nil
}

func (l *countedLog) Commit(context.Context, int64, string) error { return nil }

func TestErrorsSayWhetherTheServerWasReached(t *testing.T) {
	refusing := open(t, serve(t, chdb.Faults{Refuse: func() bool { return true }}))
	if _, err := storage.Pending(t.Context(), refusing); !errors.Is(err, storage.ErrUnreachable) {
		t.Errorf("a server that hangs up gives %v", err)
	}
	nobody := open(t, "clickhouse://user:secret@127.0.0.1:1/archive")
	if err := nobody.Ping(t.Context()); !errors.Is(err, storage.ErrUnreachable) || strings.Contains(err.Error(), "secret") {
		t.Errorf("no server gives %v", err)
	}
	empty := open(t, serve(t, chdb.Faults{}))
	err := empty.Write(t.Context(), archivetest.EventBlock(0, 0, 0))
	if err == nil || errors.Is(err, storage.ErrUnreachable) {
		t.Errorf("a missing schema gives %v", err)
	}
}

// TestOneInsertMakesOnePartAWeek is what tokens stand on: were an INSERT cut into more parts, a repeated one could be
// recognised in part only. Its rows are 100,000 seconds from a Sunday on.
func TestOneInsertMakesOnePartAWeek(t *testing.T) {
	a := withoutMerges(t, chdb.Faults{})
	if err := a.Write(t.Context(), archivetest.EventBlock(0, 0, 99_999)); err != nil {
		t.Fatal(err)
	}
	var parts uint64
	err := a.conn.QueryRow(t.Context(), "SELECT count() FROM system.parts WHERE active AND table = 'session_events' AND database = currentDatabase()").Scan(&parts)
	if n := stored(t, a); err != nil || parts != 2 || n != 100_000 {
		t.Errorf("%d rows are stored in %d parts, want 100000 in 2 (error: %v)", n, parts, err)
	}
}
