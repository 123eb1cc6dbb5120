package kafka

import (
	"context"
	"fmt"
	"sync"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// Tail reads all partitions of a topic outside any consumer group and calls see for each record, one at a time, until
// ctx ends. It begins at the first record, or with fromEnd at the records that come after the call: started, if not nil,
// is closed when nothing published from then on can be missed. The record is valid during the call of see. A gap is
// stepped over: Tail is for displays and for consumers that keep no state. The error is ctx's, or says that the topic is
// missing.
func (c *Cluster) Tail(ctx context.Context, topic string, fromEnd bool, started chan<- struct{}, see func(partition int, r *Record) error) error {
	starts, err := c.tailStarts(ctx, topic, fromEnd)
	if err != nil {
		return err
	}
	if started != nil {
		close(started)
	}
	return c.tailFrom(ctx, topic, starts, see)
}

// TailSince is Tail from the first record whose timestamp is not before a time.
func (c *Cluster) TailSince(ctx context.Context, topic string, since time.Time, see func(partition int, r *Record) error) error {
	starts, err := c.tailStarts(ctx, topic, true)
	if err != nil {
		return err
	}
	err = c.retry(ctx, "find "+since.UTC().Format(time.RFC3339)+" in "+topic, func(ctx context.Context) error { return c.moveBack(ctx, topic, since, starts) })
	if err != nil {
		return err
	}
	return c.tailFrom(ctx, topic, starts, see)
}

// moveBack sets the start of each partition to its first record from a time on, where it has one.
func (c *Cluster) moveBack(ctx context.Context, topic string, since time.Time, starts []int64) error {
	ask := make([]kafkago.OffsetRequest, len(starts))
	for p := range ask {
		ask[p] = kafkago.TimeOffsetOf(p, since)
	}
	answer, err := c.client.ListOffsets(ctx, &kafkago.ListOffsetsRequest{Topics: map[string][]kafkago.OffsetRequest{topic: ask}})
	if err != nil {
		return fmt.Errorf("ask for the offsets of %q at a time: %w", topic, brief(err))
	}
	for _, p := range answer.Topics[topic] {
		if p.Error != nil {
			return fmt.Errorf("ask for the offset of partition %d of %q at a time: %w", p.Partition, topic, p.Error)
		}
		for offset := range p.Offsets {
			if offset >= 0 && p.Partition < len(starts) {
				starts[p.Partition] = min(starts[p.Partition], offset)
			}
		}
	}
	return nil
}

// tailFrom reads each partition from its start until ctx ends.
func (c *Cluster) tailFrom(ctx context.Context, topic string, starts []int64, see func(partition int, r *Record) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var one sync.Mutex
	var readers sync.WaitGroup
	for partition, from := range starts {
		readers.Go(func() {
			cancel(c.tailPartition(ctx, topic, partition, from, func(r *Record) error {
				one.Lock()
				defer one.Unlock()
				return see(partition, r)
			}))
		})
	}
	readers.Wait()
	return context.Cause(ctx)
}

func (c *Cluster) tailStarts(ctx context.Context, topic string, fromEnd bool) ([]int64, error) {
	counts, err := c.countsOf(ctx, []string{topic})
	if err != nil {
		return nil, err
	}
	starts := make([]int64, counts[topic])
	err = c.retry(ctx, "read bounds of "+topic, func(ctx context.Context) error {
		for p := range starts {
			first, end, err := c.bounds(ctx, topic, p)
			if err != nil {
				return err
			}
			if starts[p] = first; fromEnd {
				starts[p] = end
			}
		}
		return nil
	})
	return starts, err
}

func (c *Cluster) tailPartition(ctx context.Context, topic string, partition int, from int64, see func(*Record) error) error {
	l := &partitionLog{cluster: c, topic: topic, partition: partition}
	defer l.close()
	for {
		batch, err := l.fetch(ctx, from)
		if gap, ok := asGap(err); ok && gap.First > from {
			from = gap.First
			continue
		}
		if err != nil {
			return err
		}
		for i := range batch.Records {
			if err := see(&batch.Records[i]); err != nil {
				return err
			}
		}
		from = batch.Next
	}
}
