package kafka

import (
	"context"
	"fmt"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// Message is a record to be published.
type Message struct {
	Key     []byte
	Value   []byte
	Headers []cloudevents.Header
	TimeMS  int64 // the record's timestamp, Unix ms; 0: now
}

// maxRequestBytes keeps a produce request under Kafka's message.max.bytes of 1 MiB, with room for what surrounds the
// records.
const maxRequestBytes = 900 << 10

// size is what a message adds to a request, at most.
func (m Message) size() int {
	n := len(m.Key) + len(m.Value) + 40
	for _, h := range m.Headers {
		n += len(h.Key) + len(h.Value) + 10
	}
	return n
}

// append writes messages to a partition, in order, and waits until all in-sync replicas have them. It tries for ever;
// the error is ctx's or one that no retry mends. A retry can write a message twice. It gives the offset of the first
// message and of the last.
func (c *Cluster) append(ctx context.Context, topic string, partition int, compression kafkago.Compression, messages []Message) (first, last int64, err error) {
	first = -1
	for len(messages) > 0 {
		n, _ := fitting(messages, maxRequestBytes)
		var base int64
		err := c.retry(ctx, "publish to "+topic, func(ctx context.Context) error {
			var err error
			base, err = c.produce(ctx, topic, partition, compression, messages[:n])
			return err
		})
		if err != nil {
			return first, last, fmt.Errorf("publish to partition %d of %q: %w", partition, topic, err)
		}
		if first < 0 {
			first = base
		}
		last, messages = base+int64(n)-1, messages[n:]
	}
	return first, last, nil
}

// fitting gives how many messages fit a limit of bytes, at least one, and their size.
func fitting(messages []Message, limit int) (n, size int) {
	for n < len(messages) {
		more := messages[n].size()
		if n > 0 && size+more > limit {
			break
		}
		n, size = n+1, size+more
	}
	return n, size
}

func (c *Cluster) produce(ctx context.Context, topic string, partition int, compression kafkago.Compression, messages []Message) (base int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, produceTimeout)
	defer cancel()
	answer, err := c.client.Produce(ctx, &kafkago.ProduceRequest{Topic: topic, Partition: partition,
		RequiredAcks: kafkago.RequireAll, Records: records(messages), Compression: compression})
	if err == nil {
		err = answer.Error
	}
	if err != nil {
		return 0, err
	}
	return answer.BaseOffset, nil
}

// produceTimeout is how long one request may take; it is tried again then.
const produceTimeout = 3 * time.Second

func records(messages []Message) kafkago.RecordReader {
	list := make([]kafkago.Record, len(messages))
	for i, m := range messages {
		list[i] = kafkago.Record{Key: kafkago.NewBytes(m.Key), Value: kafkago.NewBytes(m.Value)}
		if m.TimeMS != 0 {
			list[i].Time = time.UnixMilli(m.TimeMS)
		}
		for _, h := range m.Headers {
			list[i].Headers = append(list[i].Headers, kafkago.Header{Key: h.Key, Value: h.Value})
		}
	}
	return kafkago.NewRecordReader(list...)
}

// Publish writes messages to a topic, each to the partition of its key, in order of their slice within a partition, and
// waits until all in-sync replicas have them. It tries for ever; the error is ctx's or one that no retry mends. A retry
// can write a message twice.
func (c *Cluster) Publish(ctx context.Context, topic string, messages []Message) error {
	counts, err := c.countsOf(ctx, []string{topic})
	if err != nil {
		return err
	}
	return c.spread(ctx, topic, deal(messages, counts[topic]))
}
