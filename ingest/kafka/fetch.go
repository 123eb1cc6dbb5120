package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

const (
	// fetchMaxBytes bounds what one fetch brings, compressed: two batches a partition are in memory, and lz4 or zstd make eight times
	// that of JSON. With 4 MiB a drain peaked at 1,126 MB over four partitions, with 1 MiB at 583 MB, and was no slower.
	fetchMaxBytes = 1 << 20
	fetchMaxWait  = 250 * time.Millisecond
)

// Record is one record of a log. Its memory belongs to the Batch that it came in.
type Record struct {
	Offset  int64
	TimeMS  int64 // the record's timestamp, Unix ms
	Key     []byte
	Value   []byte // nil for a tombstone
	Headers []cloudevents.Header
}

// Batch is what one fetch brought: records without a gap between them, perhaps none.
type Batch struct {
	Records []Record
	Next    int64 // the offset to fetch from after this batch
	End     int64 // the log's end (high watermark) as the broker knew it
}

// partitionLog reads one partition's log, with one fetch of prefetch. It is not safe for concurrent use.
type partitionLog struct {
	cluster   *Cluster
	topic     string
	partition int

	slots [2]arena // a batch lives in one while the next is fetched into the other
	slot  int      // that the next fetch fills
	ahead *fetching
}

// fetching is a fetch under way. batch and err may be read when done is closed.
type fetching struct {
	from   int64
	batch  Batch
	err    error
	cancel context.CancelFunc
	done   chan struct{}
}

// fetch gives the records from an offset on. It waits up to fetchMaxWait for some to come, and for ever for a broker that
// is away. The batch is valid until the next call. The error is ctx's, a *GapError, or one that no retry mends.
func (l *partitionLog) fetch(ctx context.Context, from int64) (Batch, error) {
	if l.ahead == nil || l.ahead.from != from {
		l.close()
		l.start(ctx, from)
	}
	f := l.ahead
	select {
	case <-f.done:
	case <-ctx.Done():
		return Batch{}, ctx.Err()
	}
	l.close()
	if f.err != nil {
		return Batch{}, f.err
	}
	l.slot = 1 - l.slot
	l.start(ctx, f.batch.Next)
	return f.batch, nil
}

func (l *partitionLog) start(ctx context.Context, from int64) {
	ctx, cancel := context.WithCancel(ctx)
	f := &fetching{from: from, cancel: cancel, done: make(chan struct{})}
	l.ahead = f
	into := &l.slots[l.slot]
	go func() {
		defer close(f.done)
		f.err = l.cluster.retry(ctx, "fetch from "+l.topic, func(ctx context.Context) error {
			var err error
			f.batch, err = l.once(ctx, from, into)
			return err
		})
	}()
}

// close ends the fetch under way and waits for it.
func (l *partitionLog) close() {
	if l.ahead == nil {
		return
	}
	l.ahead.cancel()
	<-l.ahead.done
	l.ahead = nil
}

func (l *partitionLog) once(ctx context.Context, from int64, into *arena) (Batch, error) {
	// Without a deadline a dead peer would hold the fetch for ever.
	ctx, cancel := context.WithTimeout(ctx, fetchMaxWait+5*time.Second)
	defer cancel()
	answer, err := l.cluster.client.Fetch(ctx, &kafkago.FetchRequest{
		Topic: l.topic, Partition: l.partition, Offset: from,
		MinBytes: 1, MaxBytes: fetchMaxBytes, MaxWait: fetchMaxWait,
	})
	if err == nil {
		err = answer.Error
	}
	if errors.Is(err, kafkago.OffsetOutOfRange) {
		return Batch{}, l.outOfRange(ctx, from)
	}
	if err != nil {
		return Batch{}, err
	}
	batch, err := into.take(answer, from)
	if gap, ok := asGap(err); ok {
		gap.Topic, gap.Partition = l.topic, l.partition
	}
	return batch, err
}

// outOfRange tells a gap from a leader that is not up to date yet.
func (l *partitionLog) outOfRange(ctx context.Context, from int64) error {
	first, end, err := l.cluster.bounds(ctx, l.topic, l.partition)
	if err != nil {
		return err
	}
	if first <= from && from <= end {
		return kafkago.OffsetOutOfRange
	}
	return &GapError{Topic: l.topic, Partition: l.partition, Want: from, First: first, End: end}
}

// bounds gives the offset of a log's first record and the offset after its last.
func (c *Cluster) bounds(ctx context.Context, topic string, partition int) (first, end int64, err error) {
	answer, err := c.client.ListOffsets(ctx, &kafkago.ListOffsetsRequest{Topics: map[string][]kafkago.OffsetRequest{
		topic: {kafkago.FirstOffsetOf(partition), kafkago.LastOffsetOf(partition)}}})
	if err != nil {
		return 0, 0, fmt.Errorf("ask for the bounds of partition %d of %q: %w", partition, topic, brief(err))
	}
	for _, p := range answer.Topics[topic] {
		if p.Error != nil {
			return 0, 0, fmt.Errorf("ask for the bounds of partition %d of %q: %w", partition, topic, p.Error)
		}
		first, end = max(first, p.FirstOffset), max(end, p.LastOffset)
	}
	return first, end, nil
}
