package kafka

import (
	"context"
	"testing"

	kafkago "github.com/segmentio/kafka-go"
)

// A lost snapshot, and input that is gone, have a way out that the message names: --bootstrap cold.
func TestColdStartIsTheWayOutOfWhatIsLost(t *testing.T) {
	c, b := onKfake(t, 1)
	publish(t, c, 0, 300)
	runToEnd(t, countingStage(t, c, idle))
	for _, lost := range []string{c.Topics.Snapshots, c.Topics.Events} {
		publish(t, c, 300, 100)
		counts, err := c.countsOf(soon(t), []string{lost})
		if err != nil || counts[lost] != 1 {
			t.Fatal(counts, err)
		}
		s := &snapshots{cluster: c, topic: lost}
		_, end, err := s.bounds(soon(t))
		if err != nil {
			t.Fatal(err)
		}
		b.Cluster.DeleteRecords(lost, 0, end)
		publish(t, c, 400, 100)
		wantStop(t, stops(t, countingStage(t, c, idle)), "--bootstrap cold")
		runToEnd(t, countingStage(t, c, func(cfg *StageConfig) { idle(cfg); cfg.Bootstrap = BootstrapCold }))
		runToEnd(t, countingStage(t, c, idle))
	}
}

// More partitions than state was made for: keys went elsewhere, and that is said while the detector runs.
func TestMorePartitionsStopThePartitionsThatAre(t *testing.T) {
	c, _ := onKfake(t, 2)
	publish(t, c, 0, 100)
	s := countingStage(t, c, nil)
	ctx, cancel := context.WithCancel(soon(t))
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	defer func() { cancel(); <-done }()
	until(t, ctx, "both partitions run", func() bool { return stateOf(s, 0) == Running && stateOf(s, 1) == Running })
	answer, err := c.client.CreatePartitions(ctx, &kafkago.CreatePartitionsRequest{Topics: []kafkago.TopicPartitionsConfig{{Name: c.Topics.Events, Count: 4}}})
	if err != nil || answer.Errors[c.Topics.Events] != nil {
		t.Fatal(err, answer)
	}
	until(t, ctx, "both partitions stop", func() bool { return stateOf(s, 0) == Stopped && stateOf(s, 1) == Stopped })
}

func stateOf(s *Stage, partition int) State {
	for _, p := range s.Status() {
		if p.Partition == partition {
			return p.State
		}
	}
	return ""
}
