package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// Partition is one partition of a topic while this member of a consumer group owns it. One goroutine owns it.
type Partition struct {
	Topic  string
	Number int
	Count  int // partitions that the topic has

	// GroupIsNew says that the group has no committed offset for any partition of the topic.
	GroupIsNew bool

	log       partitionLog
	group     membership
	committed commit
}

// membership is what fences this member's commits.
type membership struct {
	group, member string
	generation    int
}

// commit is a committed offset and what was written beside it.
type commit struct {
	offset   int64
	metadata string
	ok       bool
}

// Committed gives the offset from which to go on and what Commit wrote beside it; !ok when there is none. It changes with
// Commit.
func (p *Partition) Committed() (offset int64, metadata string, ok bool) {
	return p.committed.offset, p.committed.metadata, p.committed.ok
}

// Fetch gives the records from an offset on, without a gap. It waits a quarter of a second for some to come, and then
// gives an empty batch; it waits for ever for a broker that is away. The batch is valid until the next call. The error is
// ctx's, a *GapError, or one that no retry mends.
func (p *Partition) Fetch(ctx context.Context, from int64) (Batch, error) {
	return p.log.fetch(ctx, from)
}

// Bounds gives the offset of the log's first record and the offset after its last. It waits for ever for a broker that
// is away.
func (p *Partition) Bounds(ctx context.Context) (first, end int64, err error) {
	err = p.log.cluster.retry(ctx, "read bounds of "+p.Topic, func(ctx context.Context) (err error) {
		first, end, err = p.log.cluster.bounds(ctx, p.Topic, p.Number)
		return err
	})
	return first, end, err
}

// Commit stores the offset from which to go on, with metadata of at most 4 KiB. It is fenced: ErrFenced means that the
// group moved on without this member. It waits for ever for a broker that is away; the other errors are ctx's and those
// that no retry mends.
func (p *Partition) Commit(ctx context.Context, offset int64, metadata string) error {
	c := p.log.cluster
	err := c.retry(ctx, "commit for "+p.Topic, func(ctx context.Context) error {
		return c.commit(ctx, p.group, p.Topic, kafkago.OffsetCommit{Partition: p.Number, Offset: offset, Metadata: metadata})
	})
	if fenced(err) {
		return fmt.Errorf("commit offset %d of partition %d of %q: %w (%v)", offset, p.Number, p.Topic, ErrFenced, err)
	}
	if err != nil {
		return fmt.Errorf("commit offset %d of partition %d of %q: %w", offset, p.Number, p.Topic, err)
	}
	p.committed = commit{offset, metadata, true}
	return nil
}

func (c *Cluster) commit(ctx context.Context, g membership, topic string, offset kafkago.OffsetCommit) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	answer, err := c.client.OffsetCommit(ctx, &kafkago.OffsetCommitRequest{GroupID: g.group, GenerationID: g.generation,
		MemberID: g.member, Topics: map[string][]kafkago.OffsetCommit{topic: {offset}}})
	if err != nil {
		return err
	}
	for _, p := range answer.Topics[topic] {
		return p.Error
	}
	return errors.New("the coordinator's answer names no partition")
}

// commits gives what a group committed for all partitions of a topic, by partition: nothing, when there never was such a group.
func (c *Cluster) commits(ctx context.Context, group, topic string, count int) ([]commit, error) {
	all := make([]int, count)
	for i := range all {
		all[i] = i
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	answer, err := c.client.OffsetFetch(ctx, &kafkago.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: all}})
	if err == nil {
		err = answer.Error
	}
	found := make([]commit, count)
	if errors.Is(err, kafkago.GroupIdNotFound) {
		return found, nil
	}
	if err != nil {
		return nil, err
	}
	for _, p := range answer.Topics[topic] {
		if p.Error != nil {
			return nil, p.Error
		}
		if p.CommittedOffset >= 0 && p.Partition < count {
			found[p.Partition] = commit{p.CommittedOffset, p.Metadata, true}
		}
	}
	return found, nil
}
