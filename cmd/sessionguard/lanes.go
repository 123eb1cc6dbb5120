package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/rules"
)

// replayTopic stands for the topic in decision ids, which in replay are functions of the line.
const replayTopic = "replay"

// replay runs lines of events through lanes, a batch at a time: the lanes work side by side, and what they made is printed in
// the order of the lines.
type replay struct {
	set      *rules.Set // of --rules
	name     string     // of the events, in diagnostics
	stderr   io.Writer
	terminal bool
	lanes    []*lane
	dealt    []int // the lane of each line of the batch
	dealer   dealer
	scoring  *scoring // nil without --labels
}

func (r *replay) replay(ctx context.Context, in io.Reader, out *bufio.Writer) error {
	source := newLines(in)
	progress := newProgress(r.stderr, r.terminal)
	defer progress.clear()
	diagnostics := bufio.NewWriter(r.stderr)
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
		if err := r.judgeAndPrint(batch, out, diagnostics); err != nil {
			return err
		}
		progress.at(source.last)
	}
	return nil
}

func (r *replay) judgeAndPrint(batch []line, out, diagnostics *bufio.Writer) error {
	var unlabelled error
	if r.scoring != nil {
		batch, unlabelled = r.scoring.attach(batch)
	}
	r.judge(batch)
	if err := r.print(out, diagnostics); err != nil || r.scoring == nil {
		return err
	}
	return cmp.Or(r.scoring.count(batch), unlabelled)
}

// judge deals a batch to the lanes and waits until they have judged it.
func (r *replay) judge(batch []line) {
	r.dealt = r.dealt[:0]
	for _, l := range r.lanes {
		l.begin()
	}
	for _, at := range batch {
		i := r.dealer.deal(at.text, len(r.lanes))
		r.dealt = append(r.dealt, i)
		r.lanes[i].todo = append(r.lanes[i].todo, at)
	}
	var wg sync.WaitGroup
	for _, l := range r.lanes[1:] {
		if len(l.todo) > 0 {
			wg.Go(func() { l.judge(r.name) })
		}
	}
	r.lanes[0].judge(r.name)
	wg.Wait()
}

// print writes what the lanes made of a batch.
func (r *replay) print(out, diagnostics *bufio.Writer) error {
	for _, i := range r.dealt {
		if err := r.lanes[i].printNext(out, diagnostics); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return diagnostics.Flush()
}

// dealer gives a line its lane as Kafka gives a record its partition.
type dealer struct {
	decoder cloudevents.Decoder
	event   detector.Event
}

// deal gives lane 0 for what cannot be an event: it is refused there.
func (d *dealer) deal(text []byte, lanes int) int {
	if lanes == 1 || d.decoder.Decode(cloudevents.Message{Value: text}, &d.event) != nil {
		return 0
	}
	return kafka.PartitionOf([]byte(ingest.Key(&d.event)), lanes)
}

// lane is one partition of a replay: an engine, under --against a second one, and what their last lines brought.
type lane struct {
	worker, against *ingest.Worker // against is nil without --against
	show            func(l *lane, at line, e *detector.Event, o detector.Outcome)

	todo     []line
	out, err []byte
	pages    []page // of todo's lines that were judged
	printed  int    // pages that were printed

	tally      tally
	coverage   *coverage
	difference *difference
	droppedGeo uint64
	wrongTypes uint64 // optional fields
}

// page says where in a lane's out and err a line's text ends.
type page struct{ out, err int }

func newLane(o *replayOptions, sets []*rules.Set, db *geo.Databases) *lane {
	l := &lane{worker: newWorker(o, sets[0], db), show: (*lane).showJSON, coverage: newCoverage(), difference: newDifference()}
	switch {
	case o.against != "":
		l.against = newWorker(o, sets[1], db)
		l.show = (*lane).compare
		l.difference.format = o.format
	case o.coverage:
		l.show = (*lane).cover
	case o.labels != "":
		l.show = (*lane).keepScore
	case o.format == formatTable:
		l.show = (*lane).showRow
	}
	return l
}

func newWorker(o *replayOptions, set *rules.Set, db *geo.Databases) *ingest.Worker {
	return &ingest.Worker{
		Enricher: enrich.New(db, o.trustGeo),
		Engine:   detector.New(detector.Config{Rules: set, GeoBuild: geoBuild(db), Partitions: o.partitions}),
	}
}

func (l *lane) begin() {
	l.todo, l.out, l.err, l.pages, l.printed = l.todo[:0], l.out[:0], l.err[:0], l.pages[:0], 0
}

// judge judges the lane's lines of the batch.
func (l *lane) judge(name string) {
	for _, at := range l.todo {
		e, outcome, err := l.worker.Process(cloudevents.Message{Value: at.text}, recordOf(at))
		if err != nil {
			l.err = fmt.Appendf(l.err, "%s:%d: %s\n", name, at.number, l.tally.refused(err))
		} else {
			l.tally.add(at.number, e, outcome)
			l.show(l, at, e, outcome)
		}
		l.pages = append(l.pages, page{len(l.out), len(l.err)})
	}
}

func recordOf(at line) detector.Record {
	return detector.Record{Topic: replayTopic, Offset: at.number}
}

// printNext writes what the lane's next line brought.
func (l *lane) printNext(out, diagnostics *bufio.Writer) error {
	var from page
	if l.printed > 0 {
		from = l.pages[l.printed-1]
	}
	to := l.pages[l.printed]
	l.printed++
	if to.err > from.err {
		if _, err := diagnostics.Write(l.err[from.err:to.err]); err != nil {
			return err
		}
	}
	if to.out > from.out {
		_, err := out.Write(l.out[from.out:to.out])
		return err
	}
	return nil
}

// showJSON appends an outcome's decisions, one JSON object a line.
func (l *lane) showJSON(_ line, _ *detector.Event, o detector.Outcome) {
	for i := range o.Decisions {
		l.out = append(detector.AppendDecision(l.out, &o.Decisions[i], nil), '\n')
	}
}

// showRow appends an outcome's decisions as rows of a table.
func (l *lane) showRow(_ line, e *detector.Event, o detector.Outcome) {
	for i := range o.Decisions {
		l.out = appendRow(l.out, e, &o.Decisions[i])
	}
}

// sum adds up what the lanes counted.
func sum(lanes []*lane) *lane {
	total := &lane{coverage: newCoverage(), difference: newDifference()}
	for _, l := range lanes {
		total.tally.merge(&l.tally)
		total.coverage.merge(l.coverage, l.worker.Engine.Stats())
		total.difference.merge(l.difference)
		total.wrongTypes += l.worker.Engine.Stats().Dropped
		total.droppedGeo += l.worker.Enricher.DroppedGeo()
	}
	return total
}
