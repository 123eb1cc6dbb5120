package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/internal/broker"
)

// onKfake starts an in-process broker with our topics and connects to it.
func onKfake(t *testing.T, partitions int) (*Cluster, *broker.Broker) {
	t.Helper()
	b, err := broker.Start(broker.Config{Topics: TopicNames("").All(), Partitions: partitions, MinSessionTimeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return connectTo(t, b.Addr), b
}

func connectTo(t *testing.T, addr string) *Cluster {
	t.Helper()
	c, err := Connect(Settings{Brokers: []string{addr}}, testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// testLog shows what the code under test tells people, when the test fails.
func testLog(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// soon bounds a test that would hang.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// until waits for a condition that another goroutine brings about.
func until(t *testing.T, ctx context.Context, what string, met func() bool) {
	t.Helper()
	for !met() {
		if !sleep(ctx, 5*time.Millisecond) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// publish writes n events, user by user in turn.
func publish(t *testing.T, c *Cluster, from, n int) {
	t.Helper()
	publishTo(t, c, c.Topics.Events, from, n)
}

func publishTo(t *testing.T, c *Cluster, topic string, from, n int) {
	t.Helper()
	var list []Message
	for i := from; i < from+n; i++ {
		list = append(list, Message{Key: fmt.Appendf(nil, "user-%d", i%50), Value: fmt.Appendf(nil, "event %d", i)})
	}
	if err := c.Publish(soon(t), topic, list); err != nil {
		t.Fatal(err)
	}
}

// readAll gives every record of a topic as it is now, in order within each partition.
func readAll(t *testing.T, c *Cluster, topic string) []string {
	t.Helper()
	ctx := soon(t)
	var got []string
	counts, err := c.countsOf(ctx, []string{topic})
	if err != nil {
		t.Fatal(err)
	}
	for p := range counts[topic] {
		s := &snapshots{cluster: c, topic: topic, partition: p}
		first, end, err := s.bounds(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.scan(ctx, first, end, func(r *Record) error {
			got = append(got, string(r.Value))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return got
}
