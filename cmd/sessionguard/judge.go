package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/rules"
)

// replay runs lines of events through the engines, a batch at a time: the lines are read side by side, and judged and shown one
// after the other.
type replay struct {
	set      *rules.Set // of --rules
	name     string     // of the events, in diagnostics
	stderr   io.Writer
	terminal bool

	readers        *readers
	house, against *detector.House                         // against is nil without --against
	shown          func(*detector.Event, detector.Outcome) // is see, bound once
	line           *reading                                // that is being judged
	show           func(r *replay, o detector.Outcome)     // takes an outcome of the line
	out, err       []byte                                  // of the batch

	tally      tally
	coverage   *coverage
	difference *difference
	scoring    *scoring // nil without --labels
}

func (o *replayOptions) assemble(std streams, sets []*rules.Set, db *geo.Databases) *replay {
	r := &replay{set: sets[0], name: eventsName(o.events), stderr: std.err, terminal: isTerminal(std.err),
		readers: newReaders(o, db), house: newHouse(o, sets[0], db), show: (*replay).showJSON}
	r.shown = r.see
	switch {
	case o.against != "":
		r.against, r.difference = newHouse(o, sets[1], db), newDifference(o.format)
		r.show = (*replay).keepAfter
	case o.coverage:
		r.coverage = newCoverage()
		r.show = (*replay).noteWhy
	case o.labels != "":
		r.scoring = newScoring(o.labels, o.events, o.after)
		r.show = (*replay).keepScore
	case o.format == formatTable:
		r.show = (*replay).showRows
	}
	return r
}

func newHouse(o *replayOptions, set *rules.Set, db *geo.Databases) *detector.House {
	return detector.NewHouse(detector.Config{Rules: set, GeoBuild: geoBuild(db)},
		detector.Dealing{Partitions: o.partitions, Key: ingest.Key, PartitionOf: kafka.PartitionOf})
}

func (r *replay) replay(ctx context.Context, in io.Reader, out *bufio.Writer) error {
	source := newLines(in)
	progress := newProgress(r.stderr, r.terminal)
	defer progress.clear()
	var batch []line
	for ctx.Err() == nil {
		var err error
		batch, err = source.next(batch[:0])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unusable("cannot read events: %w", err)
		}
		if err := r.judgeAndPrint(batch, out); err != nil {
			return err
		}
		progress.at(source.last)
	}
	return nil
}

func (r *replay) judgeAndPrint(batch []line, out io.Writer) error {
	var unlabelled error
	if r.scoring != nil {
		batch, unlabelled = r.scoring.attach(batch)
	}
	r.out, r.err = r.out[:0], r.err[:0]
	r.readers.read(batch, r.judge)
	if err := r.print(out); err != nil || r.scoring == nil {
		return err
	}
	return cmp.Or(r.scoring.count(batch), unlabelled)
}

// judge shows a line to the engines.
func (r *replay) judge(l *reading) {
	if l.err != nil {
		r.err = fmt.Appendf(r.err, "%s:%d: %s\n", r.name, l.number, r.tally.refused(l.err))
		return
	}
	r.line = l
	r.house.Observe(l.event, r.shown)
	if r.against != nil {
		r.compare()
	}
}

// see takes an outcome: of the line's event, or of a verdict that it completed.
func (r *replay) see(e *detector.Event, o detector.Outcome) {
	if e == r.line.event {
		r.tally.addEvent(r.line.number, e, o.Fate)
	} else {
		r.tally.verdicts++
	}
	r.tally.addAnswers(&o)
	r.show(r, o)
}

// print writes what a batch brought.
func (r *replay) print(out io.Writer) error {
	if len(r.err) > 0 {
		if _, err := r.stderr.Write(r.err); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if _, err := out.Write(r.out); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// showJSON appends decisions, one JSON object a line.
func (r *replay) showJSON(o detector.Outcome) {
	for i := range o.Decisions {
		r.out = append(detector.AppendDecision(r.out, &o.Decisions[i], nil), '\n')
	}
}

// showRows appends decisions as rows of a table.
func (r *replay) showRows(o detector.Outcome) {
	for i := range o.Decisions {
		r.out = appendRow(r.out, &o.Decisions[i])
	}
}
