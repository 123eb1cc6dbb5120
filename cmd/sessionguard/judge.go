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

	readers         *readers
	stages, against *detector.Stages // against is nil without --against
	show            func(r *replay, l *reading, outcomes []detector.Outcome)
	out, err        []byte // of the batch

	tally      tally
	coverage   *coverage
	difference *difference
	scoring    *scoring // nil without --labels
}

func (o *replayOptions) assemble(std streams, sets []*rules.Set, db *geo.Databases) *replay {
	r := &replay{set: sets[0], name: eventsName(o.events), stderr: std.err, terminal: isTerminal(std.err),
		readers: newReaders(o, db), stages: newStages(o, sets[0], db), show: (*replay).showJSON}
	switch {
	case o.against != "":
		r.against, r.difference = newStages(o, sets[1], db), newDifference(o.format)
		r.show = (*replay).compare
	case o.coverage:
		r.coverage = newCoverage()
		r.show = (*replay).noteWhy
	case o.labels != "":
		r.scoring = newScoring(o.labels, o.events)
		r.show = (*replay).keepScore
	case o.format == formatTable:
		r.show = (*replay).showRows
	}
	return r
}

func newStages(o *replayOptions, set *rules.Set, db *geo.Databases) *detector.Stages {
	return detector.NewStages(detector.Config{Rules: set, GeoBuild: geoBuild(db)},
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
	outcomes := r.stages.Observe(l.event)
	r.tally.add(l.number, l.event, outcomes)
	r.show(r, l, outcomes)
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
func (r *replay) showJSON(_ *reading, outcomes []detector.Outcome) {
	for _, o := range outcomes {
		for i := range o.Decisions {
			r.out = append(detector.AppendDecision(r.out, &o.Decisions[i], nil), '\n')
		}
	}
}

// showRows appends decisions as rows of a table.
func (r *replay) showRows(_ *reading, outcomes []detector.Outcome) {
	for _, o := range outcomes {
		for i := range o.Decisions {
			r.out = appendRow(r.out, &o.Decisions[i])
		}
	}
}
