package broker_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/broker"
)

func TestRecordsAndTopicsOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	topics := kafka.TopicNames("")
	cfg := broker.Config{Dir: dir, Topics: topics.All(), Partitions: 3}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for run := range 2 {
		b, err := broker.Start(cfg)
		if err != nil {
			t.Fatal(err)
		}
		c, err := kafka.Connect(kafka.Settings{Brokers: []string{b.Addr}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if run == 0 {
			if err := c.Publish(ctx, topics.Events, []kafka.Message{{Key: []byte("u-1"), Value: []byte("kept")}}); err != nil {
				t.Fatal(err)
			}
		} else if got := firstRecord(ctx, t, c, topics.Events); got != "kept" {
			t.Errorf("read %q after the restart", got)
		}
		c.Close()
		b.Close()
	}
}

func firstRecord(ctx context.Context, t *testing.T, c *kafka.Cluster, topic string) (value string) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err := c.Tail(ctx, topic, false, nil, func(_ int, r *kafka.Record) error {
		value = string(r.Value)
		cancel()
		return nil
	})
	if err != context.Canceled {
		t.Fatal(err)
	}
	return value
}

func TestOnlyLoopbackIsServed(t *testing.T) {
	for listen, want := range map[string]string{
		"0.0.0.0:9092":    "127.0.0.1 only",
		"10.1.2.3:9092":   "127.0.0.1 only",
		"9092":            "read broker address",
		"127.0.0.1:kafka": "read port",
	} {
		if _, err := broker.Start(broker.Config{Listen: listen}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", listen, err, want)
		}
	}
	b, err := broker.Start(broker.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	if _, err := broker.Start(broker.Config{Listen: b.Addr}); err == nil || !strings.Contains(err.Error(), b.Addr) {
		t.Errorf("a taken port: %v", err)
	}
}
