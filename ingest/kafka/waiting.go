package kafka

import (
	"context"
	"fmt"

	kafkago "github.com/segmentio/kafka-go"
)

// Waiting is how far a consumer group is behind in a topic.
type Waiting struct {
	Records   int64 // between what the group committed and the logs' ends
	Committed int64 // the sum of the committed offsets: it grows while the group works
}

// Waiting asks Kafka once how far a group is behind, whoever its members are. Of a partition without a committed offset every record
// that is there waits.
func (c *Cluster) Waiting(ctx context.Context, group, topic string) (Waiting, error) {
	var w Waiting
	counts, err := c.partitionCounts(ctx)
	if err != nil {
		return w, err
	}
	commits, err := c.commits(ctx, group, topic, counts[topic])
	if err != nil {
		return w, fmt.Errorf("ask for the offsets of group %q: %w", group, brief(err))
	}
	ask := make([]kafkago.OffsetRequest, 0, 2*len(commits))
	for p := range commits {
		ask = append(ask, kafkago.FirstOffsetOf(p), kafkago.LastOffsetOf(p))
	}
	answer, err := c.client.ListOffsets(ctx, &kafkago.ListOffsetsRequest{Topics: map[string][]kafkago.OffsetRequest{topic: ask}})
	if err != nil {
		return w, fmt.Errorf("ask for the bounds of %q: %w", topic, brief(err))
	}
	for _, p := range answer.Topics[topic] {
		if p.Error != nil {
			return w, fmt.Errorf("ask for the bounds of partition %d of %q: %w", p.Partition, topic, p.Error)
		}
		from := p.FirstOffset
		if at := commits[p.Partition]; at.ok {
			from = max(from, at.offset)
			w.Committed += at.offset
		}
		w.Records += max(0, p.LastOffset-from)
	}
	return w, nil
}
