package storage_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/archivetest"
	"github.com/sessionguard/sessionguard/storage/sqlite"
)

// logOf is a partition with the records 0 to end-1, and the group's place in it.
type logOf struct {
	end      int64
	first    int64 // earlier ones are gone
	batch    int64 // a fetch gives at most so many, from the batch's begin on, as a broker does; 0: all
	place    int64
	metadata string
	history  []string // of commits
	fail     func(offset int64, metadata string) error
}

func (l *logOf) Fetch(ctx context.Context, from int64) ([]storage.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if from >= l.end {
		time.Sleep(time.Second) // fake time: every test that gets here runs in a synctest bubble
		return nil, ctx.Err()
	}
	to := l.end
	if l.batch != 0 {
		from -= from % l.batch
		to = min(to, from+l.batch)
	}
	var records []storage.Record
	for o := max(from, l.first); o < to; o++ {
		records = append(records, storage.Record{Coordinates: archivetest.Event(0, o).Coordinates, Value: []byte("0123456789")})
	}
	return records, nil
}

func (l *logOf) Commit(_ context.Context, offset int64, metadata string) error {
	if l.fail != nil {
		if err := l.fail(offset, metadata); err != nil {
			return err
		}
	}
	l.place, l.metadata = offset, metadata
	l.history = append(l.history, strings.TrimSpace(fmt.Sprintf("%d %s", offset, metadata)))
	return nil
}

// form takes the row from the record's coordinates alone.
func form(r *storage.Record, b *storage.Block) {
	b.Events = append(b.Events, archivetest.Event(r.Partition, r.Offset))
}

// faulty is an archive whose writes go wrong: before returns an error instead of writing, after returns one although it wrote.
type faulty struct {
	storage.Writer
	before, after func(*storage.Block) error
}

func (f faulty) Write(ctx context.Context, b *storage.Block) error {
	if f.before != nil {
		if err := f.before(b); err != nil {
			return err
		}
	}
	if err := f.Writer.Write(ctx, b); err != nil {
		return err
	}
	if f.after != nil {
		return f.after(b)
	}
	return nil
}

func archiver(l *logOf, w storage.Writer) *storage.Archiver {
	return &storage.Archiver{Log: l, Archive: w, Form: form, Topic: archivetest.Events, Place: l.place, Metadata: l.metadata, Until: l.end, MaxRows: 10}
}

func openSQLite(t *testing.T) storage.Archive {
	a, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := storage.Migrate(t.Context(), a, nil); err != nil {
		t.Fatal(err)
	}
	return a
}

func wantWhole(t *testing.T, a storage.Archive, end int64) {
	t.Helper()
	spans, err := a.Completeness(t.Context(), archivetest.Events)
	if err != nil || len(spans) != 1 || spans[0] != (storage.Span{Max: end - 1, Records: uint64(end)}) {
		t.Errorf("archived is %+v, want each of 0 to %d once (error: %v)", spans, end-1, err)
	}
	var shown int64
	for _, err := range a.Events(t.Context(), storage.EventFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		shown++
	}
	if shown != end {
		t.Errorf("%d events are shown, want %d", shown, end)
	}
}

func TestArchiverPlansThenWritesThenCommits(t *testing.T) {
	l, a := &logOf{end: 25, batch: 4}, openSQLite(t)
	if err := archiver(l, a).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"0 plan:10", "10", "10 plan:20", "20", "20 plan:25", "25"}
	if !slices.Equal(l.history, want) {
		t.Errorf("commits are %q\nwant %q", l.history, want)
	}
	wantWhole(t, a, 25)
}

// TestArchiverCrashes kills the archiver at every point of the protocol, starts a new one from what the group has
// committed, and looks at the archive. The second life makes larger blocks: only the plan can tell it the old border.
func TestArchiverCrashes(t *testing.T) {
	crash := errors.New("killed")
	tests := []struct {
		name   string
		commit func(offset int64, metadata string) error
		before func(*storage.Block) error
		after  func(*storage.Block) error
		second []string // the commits of the second life
	}{
		{name: "before the plan is committed",
			commit: func(o int64, m string) error { return when(o == 10 && m != "", crash) },
			second: []string{"10 plan:45", "45"}},
		{name: "between plan and write",
			before: func(b *storage.Block) error { return when(b.First == 10, crash) },
			second: []string{"20", "20 plan:45", "45"}},
		{name: "between write and commit",
			commit: func(o int64, m string) error { return when(o == 20 && m == "", crash) },
			second: []string{"20", "20 plan:45", "45"}},
		{name: "after a write whose acknowledgement was lost",
			after:  func(b *storage.Block) error { return when(b.First == 10, crash) },
			second: []string{"20", "20 plan:45", "45"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, l := openSQLite(t), &logOf{end: 45, fail: tt.commit}
			ctx, kill := context.WithCancel(t.Context())
			dying := func(fault func(*storage.Block) error) func(*storage.Block) error {
				return func(b *storage.Block) error {
					if fault == nil || fault(b) == nil {
						return nil
					}
					kill()
					return crash
				}
			}
			err := archiver(l, faulty{a, dying(tt.before), dying(tt.after)}).Run(ctx)
			kill()
			if err == nil {
				t.Fatal("the first life was not killed")
			}
			l.fail, l.history = nil, nil
			second := archiver(l, a)
			second.MaxRows = 1000
			if err := second.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(l.history, tt.second) {
				t.Errorf("the second life commits %q\nwant %q", l.history, tt.second)
			}
			wantWhole(t, a, 45)
		})
	}
}

func when(now bool, err error) error {
	if now {
		return err
	}
	return nil
}

func TestArchiverWaitsForTheArchiveAndSaysSoOnce(t *testing.T) {
	a := openSQLite(t)
	var times []time.Duration
	var said []string
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		refuse := func(b *storage.Block) error {
			times = append(times, time.Since(start))
			return when(b.First == 10 && time.Since(start) < time.Minute, storage.ErrUnreachable)
		}
		l := &logOf{end: 30}
		ar := archiver(l, faulty{Writer: a, before: refuse})
		ar.Away = func(err error) { said = append(said, fmt.Sprint(time.Since(start), " ", err)) }
		if err := ar.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	const ms = time.Millisecond
	tries := []time.Duration{0, 0, 250 * ms, 750 * ms, 1750 * ms, 3750 * ms, 7750 * ms, 15750 * ms, 31750 * ms, 61750 * ms, 61750 * ms}
	if !slices.Equal(times, tries) {
		t.Errorf("writes are tried at %v\nwant %v", times, tries)
	}
	want := []string{"0s the archive cannot be reached", "1m1.75s <nil>"}
	if !slices.Equal(said, want) {
		t.Errorf("it says %q, want %q", said, want)
	}
	wantWhole(t, a, 30)
}

func TestArchiverWritesASmallBlockAfterTheLinger(t *testing.T) {
	a := openSQLite(t)
	synctest.Test(t, func(t *testing.T) {
		l := &logOf{end: 3}
		ctx, stop := context.WithCancel(t.Context())
		ar, start := archiver(l, a), time.Now()
		ar.Until = 0
		ar.Wrote = func(b *storage.Block) {
			if waited := time.Since(start); waited != 2*time.Second || b.Rows() != 3 {
				t.Errorf("%d rows are written after %v, want 3 after 2s", b.Rows(), waited)
			}
			stop()
		}
		if err := ar.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Run ends with %v", err)
		}
	})
	wantWhole(t, a, 3)
}

func TestArchiverBoundsABlocksBytes(t *testing.T) {
	l, a := &logOf{end: 9}, openSQLite(t)
	ar := archiver(l, a)
	ar.MaxBytes = 35 // a record has 10
	if err := ar.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"0 plan:4", "4", "4 plan:8", "8", "8 plan:9", "9"}; !slices.Equal(l.history, want) {
		t.Errorf("commits are %q, want %q", l.history, want)
	}
}

func TestArchiverStopsLoudly(t *testing.T) {
	tests := []struct {
		name string
		log  logOf
		want string
	}{
		{"records are gone", logOf{end: 20, first: 7, place: 5},
			`archive "session.events" partition 0: records 5 to 6 are gone from the log; to go on without them, set the archive group's offset to 7`},
		{"records of a plan are gone", logOf{end: 20, first: 7, place: 5, metadata: "plan:15"},
			`archive "session.events" partition 0: records 5 to 6 are gone from the log; to go on without them, set the archive group's offset to 7`},
		{"another program's offset", logOf{end: 20, place: 5, metadata: "1|3|17"},
			`archive "session.events" partition 0: the group's offset has the metadata "1|3|17", which no archiver writes: is the group used by something else?`},
		{"a plan of nothing", logOf{end: 20, place: 5, metadata: "plan:5"},
			`archive "session.events" partition 0: the committed plan ends at 5, before its begin 5`},
		{"fenced", logOf{end: 20, fail: func(int64, string) error { return errors.New("illegal generation") }},
			`commit the plan of block "session.events:0:0-9": illegal generation`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := archiver(&tt.log, openSQLite(t)).Run(t.Context())
			if err == nil || err.Error() != tt.want {
				t.Errorf("Run gives %v\nwant %s", err, tt.want)
			}
			if len(tt.log.history) != 0 {
				t.Errorf("it committed %q", tt.log.history)
			}
		})
	}
}
