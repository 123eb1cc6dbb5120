package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	produceapi "github.com/segmentio/kafka-go/protocol/produce"
)

// deal gives each partition of a topic the messages that its keys belong to, in order.
func deal(messages []Message, partitions int) [][]Message {
	dealt := make([][]Message, partitions)
	for _, m := range messages {
		p := PartitionOf(m.Key, partitions)
		dealt[p] = append(dealt[p], m)
	}
	return dealt
}

// spread writes messages to several partitions of a topic, dealt[p] to partition p, in order within each, and waits until all
// in-sync replicas have them. Every broker is asked at the same time and, unless there is more than fits a request, once: with
// a request a partition, 48 partitions would be 48 round trips. It tries for ever; the error is ctx's or one that no retry
// mends. A retry can write a message twice.
func (c *Cluster) spread(ctx context.Context, topic string, dealt [][]Message) error {
	left := slices.Clone(dealt)
	for slices.ContainsFunc(left, func(share []Message) bool { return len(share) > 0 }) {
		err := c.retry(ctx, "publish to "+topic, func(ctx context.Context) error { return c.round(ctx, topic, left) })
		if err != nil {
			return fmt.Errorf("publish to %q: %w", topic, err)
		}
	}
	return nil
}

// round sends each broker one request, and takes off left what was acknowledged.
func (c *Cluster) round(ctx context.Context, topic string, left [][]Message) error {
	leaders, err := c.leaders(ctx, topic)
	if err != nil {
		return err
	}
	requests := map[int][]portion{}
	sizes := map[int]int{}
	for p, share := range left {
		if len(share) == 0 {
			continue
		}
		if p >= len(leaders) || leaders[p] < 0 {
			return fmt.Errorf("partition %d: %w", p, kafkago.LeaderNotAvailable)
		}
		at := leaders[p]
		n, size := fitting(share, maxRequestBytes-sizes[at])
		if len(requests[at]) > 0 && sizes[at]+size > maxRequestBytes {
			continue // the next round's
		}
		requests[at], sizes[at] = append(requests[at], portion{p, share[:n]}), sizes[at]+size
	}
	faults := make(chan error, len(requests))
	var brokers sync.WaitGroup
	for _, portions := range requests {
		brokers.Go(func() { faults <- c.produceAll(ctx, topic, portions, left) })
	}
	brokers.Wait()
	close(faults)
	for fault := range faults {
		err = errors.Join(err, fault)
	}
	return err
}

// portion is what one partition gets of a request.
type portion struct {
	partition int
	messages  []Message
}

// leaders gives the broker that leads each partition of a topic; -1 where there is none now. kafka-go answers from what it
// knows, and asks the brokers once in MetadataTTL.
func (c *Cluster) leaders(ctx context.Context, topic string) ([]int, error) {
	answer, err := c.client.Metadata(ctx, &kafkago.MetadataRequest{Topics: []string{topic}})
	if err != nil {
		return nil, err
	}
	if len(answer.Topics) != 1 {
		return nil, fmt.Errorf("find the leaders of %q: the answer names %d topics", topic, len(answer.Topics))
	}
	t := &answer.Topics[0]
	leaders := make([]int, len(t.Partitions))
	for i := range leaders {
		leaders[i] = -1
	}
	for _, p := range t.Partitions {
		if p.Error == nil && p.ID < len(leaders) && p.Leader.Host != "" {
			leaders[p.ID] = p.Leader.ID
		}
	}
	return leaders, t.Error
}

// produceAll writes to partitions that one broker leads, in one request, and takes off left what was acknowledged. Each
// portion's partition is this call's alone.
func (c *Cluster) produceAll(ctx context.Context, topic string, portions []portion, left [][]Message) error {
	ctx, cancel := context.WithTimeout(ctx, produceTimeout)
	defer cancel()
	to := produceapi.RequestTopic{Topic: topic}
	for _, p := range portions {
		to.Partitions = append(to.Partitions, produceapi.RequestPartition{Partition: int32(p.partition),
			RecordSet: protocol.RecordSet{Attributes: protocol.Attributes(kafkago.Lz4), Records: records(p.messages)}})
	}
	answer, err := c.transport.RoundTrip(ctx, c.client.Addr, &produceapi.Request{
		Acks: int16(kafkago.RequireAll), Timeout: int32(produceTimeout.Milliseconds()), Topics: []produceapi.RequestTopic{to}})
	if err != nil {
		return err
	}
	written := map[int32]bool{}
	for _, t := range answer.(*produceapi.Response).Topics {
		for _, p := range t.Partitions {
			if p.ErrorCode != 0 {
				err = errors.Join(err, kafkago.Error(p.ErrorCode))
				continue
			}
			written[p.Partition] = true
		}
	}
	for _, p := range portions {
		if written[int32(p.partition)] {
			left[p.partition] = left[p.partition][len(p.messages):]
		}
	}
	if err == nil && len(written) < len(portions) {
		return fmt.Errorf("the answer names %d of %d partitions", len(written), len(portions))
	}
	return err
}
