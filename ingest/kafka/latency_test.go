package kafka

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/internal/broker"
	"github.com/sessionguard/sessionguard/internal/realkafka"
	"github.com/sessionguard/sessionguard/rules"
)

// telling is a judge that answers every event with a command, and tells the other stage so many things by keys of their own.
type telling struct{ things int }

func (j telling) Process(_ cloudevents.Message, at detector.Record) (*detector.Event, detector.Outcome, error) {
	out := detector.Outcome{Commands: []detector.Command{{ID: "c"}}}
	for i := range j.things {
		out.Observations = append(out.Observations, detector.Event{ID: fmt.Sprintf("o-%d-%d-%d", at.Partition, at.Offset, i), Type: detector.SessionObservation, TypeName: "session.observation",
			Record: detector.Record{Key: fmt.Sprintf("ip:192.0.2.%d", i), TimeMS: at.TimeMS}})
	}
	return nil, out, nil
}

func (telling) Adopt(*rules.Set, *geo.Databases) {}
func (telling) ObserveOnly(bool)                 {}
func (telling) Snapshot(io.Writer) error         { return nil }
func (telling) Restore(io.Reader) error          { return nil }
func (telling) Stats() detector.Stats            { return detector.Stats{} }

// BenchmarkAnswer measures the time from an event's publishing to its command, one event after the other, so that each waits for what the
// one before it told: the in-process broker always, Apache Kafka where its jars are.
func BenchmarkAnswer(b *testing.B) {
	b.Run("kfake", func(b *testing.B) {
		kfake, err := broker.Start(broker.Config{})
		if err != nil {
			b.Fatal(err)
		}
		defer kfake.Close()
		benchmarkAnswers(b, kfake.Addr)
	})
	b.Run("Apache Kafka", func(b *testing.B) { benchmarkAnswers(b, realkafka.Start(b).Plain) })
}

func benchmarkAnswers(b *testing.B, addr string) {
	for _, things := range []int{0, 1, 12, 100} {
		b.Run(fmt.Sprintf("an event tells %d", things), func(b *testing.B) { benchmarkAnswer(b, addr, things) })
	}
}

func benchmarkAnswer(b *testing.B, addr string, things int) {
	c, err := Connect(Settings{Brokers: []string{addr}, TopicPrefix: fmt.Sprintf("answer.%d.%d.", things, b.N)}, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	if _, _, err := c.ApplyTopics(ctx, Plan{Partitions: 48, ReplicationFactor: 1}); err != nil {
		b.Fatal(err)
	}
	s, err := NewStage(c, StageConfig{Group: "test", Current: func() (*rules.Set, *geo.Databases) { return &rules.Set{}, nil }})
	if err != nil {
		b.Fatal(err)
	}
	s.judges = func(*rules.Set, *geo.Databases, int) judge { return telling{things} }
	over, answered, listening := make(chan error, 1), make(chan struct{}, 1), make(chan struct{})
	go func() { over <- s.Run(ctx) }()
	go func() {
		_ = c.Tail(ctx, c.Topics.Commands, true, listening, func(int, *Record) error { answered <- struct{}{}; return nil })
	}()
	<-listening
	event := []Message{{Key: []byte("u-1"), Value: []byte("event")}}
	for i := 0; i < 20 || b.Loop(); i++ { // the first ones find connections being made
		if err := c.Publish(ctx, c.Topics.Events, event); err != nil {
			b.Fatal(err)
		}
		<-answered
	}
	cancel()
	<-over
}
