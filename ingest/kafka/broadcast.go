package kafka

import (
	"context"
	"fmt"
)

// Broadcast writes a message into every partition of a topic, for what all of them must know, and waits until all in-sync replicas have
// each. Its keys are KEY#n, with the smallest n that murmur2 places on the partition, so that it is misrouted on none; they are given by
// partition. m.Key is not used. Errors are those of Publish.
func (c *Cluster) Broadcast(ctx context.Context, topic, key string, m Message) (keys [][]byte, err error) {
	counts, err := c.countsOf(ctx, []string{topic})
	if err != nil {
		return nil, err
	}
	keys = keysOnEach(key, counts[topic])
	messages := make([]Message, len(keys))
	for p := range keys {
		messages[p] = m
		messages[p].Key = keys[p]
	}
	return keys, c.Publish(ctx, topic, messages)
}

// PublishOne writes a message to the partition of its key, which it gives, and waits until all in-sync replicas have it. Errors are those of
// Publish.
func (c *Cluster) PublishOne(ctx context.Context, topic string, m Message) (partition int, err error) {
	counts, err := c.countsOf(ctx, []string{topic})
	if err != nil {
		return 0, err
	}
	return PartitionOf(m.Key, counts[topic]), c.Publish(ctx, topic, []Message{m})
}

// keysOnEach gives a key for each of n partitions.
func keysOnEach(key string, n int) [][]byte {
	keys := make([][]byte, n)
	for i, left := 0, n; left > 0; i++ {
		k := fmt.Appendf(nil, "%s#%d", key, i)
		if p := PartitionOf(k, n); keys[p] == nil {
			keys[p], left = k, left-1
		}
	}
	return keys
}
