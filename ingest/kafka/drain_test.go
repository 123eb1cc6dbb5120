package kafka

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/internal/bank"
	"github.com/sessionguard/sessionguard/internal/broker"
	"github.com/sessionguard/sessionguard/rules"
)

const (
	drainPartitions = 4
	drainEvents     = 200_000
)

// BenchmarkDrain drains a preloaded topic with the shipped rules, checkpoints included, and for comparison only fetches
// and decodes the same topic, in the same run: ratio is the detector's speed over that floor.
//
//	go test ./ingest/kafka -run '^$' -bench Drain -benchtime 3x
func BenchmarkDrain(b *testing.B) {
	c := preloaded(b)
	set := shippedRules(b)
	var floor, whole time.Duration
	for b.Loop() {
		floor += timed(func() { fetchAndDecode(b, c) })
		whole += timed(func() { drain(b, c, set) })
	}
	n := float64(drainEvents * b.N)
	b.ReportMetric(n/floor.Seconds(), "floor_events/s")
	b.ReportMetric(n/whole.Seconds(), "events/s")
	b.ReportMetric(floor.Seconds()/whole.Seconds(), "ratio")
	b.ReportMetric(0, "ns/op")
}

func timed(f func()) time.Duration {
	started := time.Now()
	f()
	return time.Since(started)
}

// preloaded fills a topic with a synthetic bank's day.
func preloaded(b *testing.B) *Cluster {
	b.Helper()
	node, err := broker.Start(broker.Config{Topics: TopicNames("").All(), Partitions: drainPartitions})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(node.Close)
	c, err := Connect(Settings{Brokers: []string{node.Addr}}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	world, err := bank.New(bank.Config{Users: 20_000, Seed: 1, Geo: true})
	if err != nil {
		b.Fatal(err)
	}
	list := make([]Message, 0, drainEvents)
	for len(list) < drainEvents {
		e, more := world.Next()
		if !more {
			b.Fatalf("the world ended after %d events", len(list))
		}
		list = append(list, Message{Key: []byte(e.Key), Value: e.JSON, TimeMS: e.TimeMS})
	}
	if err := c.Publish(b.Context(), c.Topics.Events, list); err != nil {
		b.Fatal(err)
	}
	return c
}

func shippedRules(b *testing.B) *rules.Set {
	b.Helper()
	text, err := os.ReadFile("../../rules.yaml")
	if err != nil {
		b.Fatal(err)
	}
	set, problems := rules.Load([]rules.Source{{Name: "../../rules.yaml", Text: text}}, detector.Language(), rules.Options{})
	if set == nil {
		b.Fatal(problems)
	}
	return set
}

func fetchAndDecode(b *testing.B, c *Cluster) {
	var readers sync.WaitGroup
	for p := range drainPartitions {
		readers.Go(func() {
			s := &snapshots{cluster: c, topic: c.Topics.Events, partition: p}
			_, end, err := s.bounds(context.Background())
			if err != nil {
				b.Error(err)
				return
			}
			var decoder cloudevents.Decoder
			var event detector.Event
			if err := s.scan(context.Background(), 0, end, func(r *Record) error {
				return decoder.Decode(cloudevents.Message{Headers: r.Headers, Value: r.Value}, &event)
			}); err != nil {
				b.Error(err)
			}
		})
	}
	readers.Wait()
}

// drain runs a stage of a new group over the whole topic.
func drain(b *testing.B, c *Cluster, set *rules.Set) {
	s, err := NewStage(c, StageConfig{Group: "drain-" + newID(), UntilIdle: true, TrustGeo: true, Engine: detector.Config{HashKey: [2]uint64{1, 2}},
		CheckpointInterval: time.Second, Current: func() (*rules.Set, *geo.Databases) { return set, nil }})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Run(context.Background()); err != nil {
		b.Fatal(err)
	}
	records := uint64(0)
	for _, p := range s.Status() {
		if records += p.Records; p.DeadLetters > 0 {
			b.Fatalf("partition %d has %d dead letters", p.Partition, p.DeadLetters)
		}
	}
	if records != drainEvents {
		b.Fatalf("judged %d events of %d", records, drainEvents)
	}
}
