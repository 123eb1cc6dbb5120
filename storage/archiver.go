package storage

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Log is one partition of a topic together with the consumer group's place in it.
type Log interface {
	// Fetch gives records from offset from on, in order. When there are none yet it waits for some, at most about a second,
	// and then gives none. If the record at from is gone it is an error, or the first record given is a later one. The
	// records' memory is valid until the next Fetch.
	Fetch(ctx context.Context, from int64) ([]Record, error)
	// Commit sets the group's place, fenced by its generation.
	Commit(ctx context.Context, offset int64, metadata string) error
}

// The bounds of a block, and the waits while the archive is away, where an Archiver does not set them.
const (
	DefaultMaxRows  = 50_000
	DefaultMaxBytes = 16 << 20 // of record values; a block takes about four times that while it is written
	DefaultLinger   = 2 * time.Second

	firstBackoff = 250 * time.Millisecond
	lastBackoff  = 30 * time.Second
)

const planPrefix = "plan:"

// GapError says that records which the archive still lacks are gone from the log. It is not passed over silently: archiving
// of the partition stops until an operator moves the group's offset to Found.
type GapError struct {
	Topic         string
	Partition     int32
	Wanted, Found int64
}

func (e *GapError) Error() string {
	return fmt.Sprintf("archive %q partition %d: records %d to %d are gone from the log; to go on without them, set the archive group's offset to %d",
		e.Topic, e.Partition, e.Wanted, e.Found-1, e.Found)
}

// Archiver moves one partition of a topic into an archive, each record exactly once.
//
// For each block it commits its place with the metadata "plan:<end>", writes the records [place, end), and commits end. After
// a crash anywhere, the plan says exactly which records the block had. It is formed again, has the same token, and is written
// again, which by Writer's contract completes what was begun and repeats nothing:
//
//	crash before the plan         nothing was written; the block may be formed with another end
//	crash between plan and write  written once, now
//	crash in the write            completed
//	crash between write and commit, or an acknowledgement that was lost: written again, recognised
//
// While the archive is away the archiver waits and holds one block; the log keeps the rest. One goroutine runs an Archiver.
type Archiver struct {
	Log       Log
	Archive   Writer
	Form      Form
	Topic     string
	Partition int32

	// Place and Metadata are what the group has committed. Without a commit, Place is the log's first offset.
	Place    int64
	Metadata string
	Until    int64 // return when this offset has been reached; 0: go on until ctx is done

	MaxRows  int           // 0: DefaultMaxRows
	MaxBytes int           // 0: DefaultMaxBytes
	Linger   time.Duration // how long a block waits to be filled; 0: DefaultLinger

	// Away, if set, is called when a write fails, and with nil when writes succeed again.
	Away func(error)
	// Wrote, if set, is called after each block whose end is committed. The block is valid until it returns.
	Wrote func(*Block)
}

// Run archives until ctx is done, whose error it then returns, or Until is reached. An unreachable archive is waited for;
// a *GapError, an error of the log and a place that is none of ours end Run. To go on, make a new Archiver from the
// group's committed place.
func (a *Archiver) Run(ctx context.Context) error {
	end, err := planned(a.Metadata)
	if err != nil {
		return fmt.Errorf("archive %q partition %d: %w", a.Topic, a.Partition, err)
	}
	if end != 0 && end <= a.Place {
		return fmt.Errorf("archive %q partition %d: the committed plan ends at %d, before its begin %d", a.Topic, a.Partition, end, a.Place)
	}
	for a.Until == 0 || a.Place < a.Until || end != 0 {
		if err := a.block(ctx, end); err != nil {
			return err
		}
		end = 0
	}
	return nil
}

// planned gives the end of a plan; 0 when none was left.
func planned(metadata string) (int64, error) {
	if metadata == "" {
		return 0, nil
	}
	text, ok := strings.CutPrefix(metadata, planPrefix)
	end, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || end <= 0 {
		return 0, fmt.Errorf("the group's offset has the metadata %q, which no archiver writes: is the group used by something else?", metadata)
	}
	return end, nil
}

// block moves one block. end is the end of a plan that was found, or 0.
func (a *Archiver) block(ctx context.Context, end int64) error {
	b, err := a.collect(ctx, end)
	if err != nil {
		return err
	}
	next := b.Last + 1
	if end == 0 {
		if err := a.Log.Commit(ctx, a.Place, planPrefix+strconv.FormatInt(next, 10)); err != nil {
			return fmt.Errorf("commit the plan of block %q: %w", b.Token(), err)
		}
	}
	if err := a.write(ctx, b); err != nil {
		return err
	}
	if err := a.Log.Commit(ctx, next, ""); err != nil {
		return fmt.Errorf("commit the end of block %q: %w", b.Token(), err)
	}
	a.Place = next
	if a.Wrote != nil {
		a.Wrote(b)
	}
	return nil
}

// collect forms a block from the place on: up to end if that is given, else until the block is full, has waited long
// enough, or reaches Until.
func (a *Archiver) collect(ctx context.Context, end int64) (*Block, error) {
	b := &Block{Topic: a.Topic, Partition: a.Partition, First: a.Place, Last: a.Place - 1}
	full := filling{end: end, rows: orElse(a.MaxRows, DefaultMaxRows), bytes: orElse(a.MaxBytes, DefaultMaxBytes)}
	if end == 0 && a.Until != 0 {
		full.end = a.Until
	}
	var due time.Time
	for {
		records, err := a.Log.Fetch(ctx, b.Last+1)
		if err != nil {
			return nil, fmt.Errorf("fetch %q partition %d from %d: %w", a.Topic, a.Partition, b.Last+1, err)
		}
		for i := range records {
			done, err := a.take(&records[i], b, &full, end != 0)
			if done || err != nil {
				return b, err
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if b.Rows() > 0 && due.IsZero() {
			due = time.Now().Add(orElse(a.Linger, DefaultLinger))
		}
		if end == 0 && b.Rows() > 0 && !time.Now().Before(due) {
			return b, nil
		}
	}
}

// filling says when a block is full.
type filling struct {
	end         int64 // 0: anywhere
	rows, bytes int   // left
}

// take adds a record to the block and says whether the block is then full. exact: only end ends it.
func (a *Archiver) take(r *Record, b *Block, f *filling, exact bool) (bool, error) {
	if r.Offset <= b.Last {
		return false, nil // a fetch may begin before the offset asked for: brokers give whole batches
	}
	if r.Offset != b.Last+1 {
		return false, &GapError{Topic: a.Topic, Partition: a.Partition, Wanted: b.Last + 1, Found: r.Offset}
	}
	a.Form(r, b)
	b.Last = r.Offset
	if err := b.whole(); err != nil {
		return false, err
	}
	f.rows--
	f.bytes -= len(r.Value)
	return b.Last+1 == f.end || !exact && (f.rows <= 0 || f.bytes <= 0), nil
}

// write writes a block, again and again until the archive takes it.
func (a *Archiver) write(ctx context.Context, b *Block) error {
	away := false
	for wait := firstBackoff; ; wait = min(2*wait, lastBackoff) {
		err := a.Archive.Write(ctx, b)
		if err == nil {
			a.say(away, nil)
			return nil
		}
		if ctx.Err() == nil {
			a.say(!away, err)
			away = true
			err = sleep(ctx, wait)
		}
		if ctx.Err() != nil { // another owner goes on: this one waits for nothing any more
			a.say(away, nil)
			return err
		}
	}
}

func (a *Archiver) say(changed bool, err error) {
	if changed && a.Away != nil {
		a.Away(err)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func orElse[N int | time.Duration](n, otherwise N) N {
	if n == 0 {
		return otherwise
	}
	return n
}
