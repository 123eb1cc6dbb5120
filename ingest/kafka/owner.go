package kafka

import (
	"context"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/rules"
)

// owner is the one goroutine that holds a partition's state. Its duties, in this order, for every offset: outcomes
// published and acknowledged, then a snapshot that covers it acknowledged, then the offset committed with a pointer to the
// snapshot. A crash between any two makes the same outcomes again, with the same ids.
type owner struct {
	stage  *Stage
	part   *Partition
	judge  judge
	set    *rules.Set
	geo    *geo.Databases
	store  *snapshots
	status *status

	next      int64 // the offset to be judged next
	end       int64 // with UntilIdle: where to stop
	replayEnd int64 // below this an earlier owner may have judged
	began     int64 // when the partition last started with an empty state, Unix ms
	taken     origins
	out       outbox
	silent    bool // observe-only is in force
	letters   breaker
	unsaid    int // dead letters since the last warning of them
	saidAt    time.Time
	statsAt   time.Time

	checkpoints
}

func (s *Stage) newOwner(p *Partition) (*owner, error) {
	store, err := newSnapshots(s.cluster, p)
	if err != nil {
		return nil, err
	}
	o := &owner{stage: s, part: p, store: store, status: &status{}, taken: origins{}}
	o.status.s = PartitionStatus{Topic: p.Topic, Partition: p.Number, State: Restoring}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status[p.Number] = o.status
	return o, nil
}

// run restores the partition and judges it until ctx ends (nil or the last checkpoint's error), its end is reached
// (nil), or it must stop.
func (o *owner) run(ctx, grace context.Context) error {
	defer o.abandon()
	if err := o.restore(ctx); err != nil {
		return err
	}
	for {
		if o.stage.cfg.UntilIdle && o.next >= o.end {
			return o.final(grace)
		}
		batch, err := o.part.Fetch(ctx, o.next)
		if ctx.Err() != nil {
			return o.final(grace)
		}
		if err != nil {
			return err
		}
		if err := o.batch(grace, batch); err != nil {
			return err
		}
		if err := o.barrier(grace); err != nil {
			return err
		}
	}
}

// batch judges records and publishes what came of them. When it returns without an error, every outcome of an offset
// before o.next is acknowledged.
func (o *owner) batch(ctx context.Context, b Batch) error {
	for i := range b.Records {
		if err := o.record(&b.Records[i]); err != nil {
			return o.stopAfter(ctx, &b.Records[i], err)
		}
		if o.out.full() {
			if err := o.publish(ctx); err != nil {
				return err
			}
		}
	}
	if err := o.publish(ctx); err != nil {
		return err
	}
	o.next = b.Next
	o.note(b)
	return nil
}

// stopAfter stops the partition behind a record, which is set aside and committed: once a person has mended the publisher, a start goes
// on from here.
func (o *owner) stopAfter(ctx context.Context, r *Record, cause error) error {
	if err := o.publish(ctx); err != nil {
		return err
	}
	o.next = r.Offset + 1
	if err := o.final(ctx); err != nil {
		return err
	}
	return cause
}

// record judges one record.
func (o *owner) record(r *Record) error {
	at := detector.Record{Topic: o.part.Topic, Partition: int32(o.part.Number), Offset: r.Offset, TimeMS: r.TimeMS,
		Key: view(r.Key), Misrouted: o.part.Count > 1 && (len(r.Key) == 0 || PartitionOf(r.Key, o.part.Count) != o.part.Number)}
	if at.Misrouted {
		o.out.misrouted++
	}
	if o.taken.again(r) {
		o.out.again++
		return o.letters.add(false)
	}
	outcome, err := o.process(cloudevents.Message{Headers: r.Headers, Value: r.Value}, at)
	if err != nil {
		o.out.addDeadLetter(r, o.part, o.stage.cfg.Build, err)
		return o.letters.add(true)
	}
	o.out.addOutcome(r, &outcome)
	o.observe(r, outcome.Observations)
	return o.letters.add(false)
}

// process turns a panic of the engine into a dead letter: the state after it is what it is after every replay too.
func (o *owner) process(m cloudevents.Message, at detector.Record) (outcome detector.Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &cloudevents.Rejection{Reason: "panic", Detail: panicText(p)}
			o.stage.cfg.Log.Error("judging an event failed; it goes to the dead letters", "partition", at.Partition, "offset", at.Offset, "error", err.Error())
		}
	}()
	_, outcome, err = o.judge.Process(m, at)
	return outcome, err
}

// panicText never shows a panic's own value, which may quote an event, unless the runtime made it.
func panicText(p any) string {
	if err, ok := p.(runtime.Error); ok {
		return "judging failed: " + err.Error()
	}
	return "judging failed"
}

// view gives bytes as a string without a copy: it is valid as long as the bytes' batch.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// publish writes what is in the outbox, the commands first, and waits until all of it is acknowledged. What the other stage is told comes
// last: an answer never waits for what its own event told.
func (o *owner) publish(ctx context.Context) error {
	t := o.stage.cluster.Topics
	for _, share := range []struct {
		topic    string
		messages *[]Message
	}{{t.Commands, &o.out.commands}, {t.Decisions, &o.out.decisions}, {t.DeadLetter, &o.out.letters}} {
		if len(*share.messages) == 0 {
			continue
		}
		if _, _, err := o.stage.cluster.append(ctx, share.topic, o.part.Number, 0, *share.messages); err != nil {
			return err
		}
	}
	if err := o.publishObservations(ctx); err != nil {
		return err
	}
	o.status.change(func(s *PartitionStatus) {
		s.Observations += uint64(len(o.out.observations) + len(o.out.verdicts))
		s.Commands += uint64(len(o.out.commands))
		s.Decisions += uint64(len(o.out.decisions))
		s.DeadLetters += uint64(len(o.out.letters))
		s.Misrouted += o.out.misrouted
		s.Again += o.out.again
	})
	o.warnOfLetters()
	o.out.clear()
	return nil
}

// lettersEvery is how often a partition's dead letters are logged at most.
const lettersEvery = 10 * time.Second

// warnOfLetters says that records were set aside, with the first of them.
func (o *owner) warnOfLetters() {
	o.unsaid += len(o.out.letters)
	if len(o.out.letters) == 0 || time.Since(o.saidAt) < lettersEvery {
		return
	}
	first := o.out.letters[0].Headers // as addDeadLetter orders them
	o.stage.cfg.Log.Warn("records that cannot be events went to the dead letters", "partition", o.part.Number, "count", o.unsaid,
		"offset", string(first[4].Value), "reason", string(first[0].Value), "detail", string(first[1].Value))
	o.unsaid, o.saidAt = 0, time.Now()
}

// note makes progress visible.
func (o *owner) note(b Batch) {
	now := time.Now()
	if n := len(b.Records); n > 0 {
		o.status.mu.Lock()
		o.status.lastTimeMS = b.Records[n-1].TimeMS
		o.status.mu.Unlock()
	}
	fresh := now.Sub(o.statsAt) > time.Second
	var stats detector.Stats
	if fresh {
		stats, o.statsAt = o.judge.Stats(), now
	}
	o.status.change(func(s *PartitionStatus) {
		s.Next, s.End = b.Next, b.End
		s.Records += uint64(len(b.Records))
		for i := 0; i < len(b.Records) && b.Records[i].Offset < o.replayEnd; i++ {
			s.Replayed++
		}
		if fresh {
			s.Engine = stats
		}
	})
}

// breaker stops a partition whose events are mostly dead letters: that is a broken schema, and draining a bank's events
// into a topic that nobody watches is an outage that looks like health.
type breaker struct {
	seen [breakerWindow]bool
	at   int
	dead int
}

const (
	breakerWindow = 1000
	breakerLimit  = breakerWindow / 20 // 5 %
)

func (b *breaker) add(dead bool) error {
	if b.seen[b.at] {
		b.dead--
	}
	if b.seen[b.at] = dead; dead {
		b.dead++
	}
	b.at = (b.at + 1) % breakerWindow
	if b.dead > breakerLimit {
		return fmt.Errorf("more than %d of the last %d events were dead letters: the events' form has changed, or another topic is read; they are in the dead letters; mend the publisher, then start again: judging goes on behind them", breakerLimit, breakerWindow)
	}
	return nil
}
