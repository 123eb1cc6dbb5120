package kafka

import (
	"errors"
	"fmt"
	"io"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// arena holds the records of one batch in memory that is used again for the next: the copy out of kafka-go's pages is
// what lets these be freed, and costs no allocation once the arena has grown to its size.
type arena struct {
	bytes   []byte
	headers []cloudevents.Header
	records []Record
}

// take copies a fetch's records from an offset on, and checks that none is missing between them. Records before the
// offset are Kafka's habit: it answers with whole batches.
func (a *arena) take(answer *kafkago.FetchResponse, from int64) (Batch, error) {
	a.bytes, a.headers, a.records = a.bytes[:0], a.headers[:0], a.records[:0]
	next := from
	for _, part := range parts(answer.Records) {
		_, control := part.(*protocol.ControlBatch)
		var err error
		if next, err = a.takePart(part, control, next); err != nil {
			return Batch{}, err
		}
	}
	return Batch{Records: a.records, Next: next, End: answer.HighWatermark}, nil
}

// parts gives the batches of a fetch, so that transaction markers can be told from a gap: kafka-go's own stream hides
// them.
func parts(r kafkago.RecordReader) []kafkago.RecordReader {
	if stream, ok := r.(*protocol.RecordStream); ok {
		return stream.Records
	}
	return []kafkago.RecordReader{r}
}

func (a *arena) takePart(part kafkago.RecordReader, control bool, next int64) (int64, error) {
	for {
		r, err := part.ReadRecord()
		if errors.Is(err, io.EOF) {
			return next, nil
		}
		if err != nil {
			return next, fmt.Errorf("read record %d: %w", next, err)
		}
		if r.Offset > next {
			discard(r)
			return next, &GapError{Want: next, First: r.Offset, InTheMiddle: true}
		}
		if r.Offset < next || control {
			discard(r)
		} else if err := a.add(r); err != nil {
			return next, fmt.Errorf("read record %d: %w", next, err)
		}
		next = max(next, r.Offset+1)
	}
}

func (a *arena) add(r *kafkago.Record) error {
	key, err := a.copy(r.Key)
	if err != nil {
		return err
	}
	value, err := a.copy(r.Value)
	if err != nil {
		return err
	}
	start := len(a.headers)
	for _, h := range r.Headers {
		a.headers = append(a.headers, cloudevents.Header{Key: h.Key, Value: h.Value})
	}
	a.records = append(a.records, Record{Offset: r.Offset, TimeMS: r.Time.UnixMilli(), Key: key, Value: value,
		Headers: a.headers[start:len(a.headers):len(a.headers)]})
	return nil
}

// copy reads b into the arena and closes it. When the arena must grow, earlier records keep its old memory.
func (a *arena) copy(b kafkago.Bytes) ([]byte, error) {
	if b == nil {
		return nil, nil
	}
	defer b.Close()
	start, end := len(a.bytes), len(a.bytes)+b.Len()
	if end > cap(a.bytes) {
		a.bytes, start, end = make([]byte, 0, max(2*cap(a.bytes), b.Len(), 64<<10)), 0, b.Len()
	}
	a.bytes = a.bytes[:end]
	into := a.bytes[start:end:end]
	_, err := io.ReadFull(b, into)
	return into, err
}

func discard(r *kafkago.Record) {
	if r.Key != nil {
		r.Key.Close()
	}
	if r.Value != nil {
		r.Value.Close()
	}
}
