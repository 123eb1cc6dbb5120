package kafka

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"github.com/sessionguard/sessionguard/internal/broker"
)

// resetOffset does what an operator's tool does while the group is empty: an offset without our metadata.
func resetOffset(t *testing.T, c *Cluster, partition int, offset int64) {
	t.Helper()
	err := c.retry(soon(t), "reset", func(ctx context.Context) error {
		return c.commit(ctx, membership{group: "test", generation: -1}, c.Topics.Events, kafkago.OffsetCommit{Partition: partition, Offset: offset})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func bootstrap(b Bootstrap) func(*StageConfig) {
	return func(cfg *StageConfig) { cfg.UntilIdle, cfg.Bootstrap = true, b }
}

// stops runs a stage to its end and gives what it says of the partitions that stopped.
func stops(t *testing.T, s *Stage) string {
	t.Helper()
	if err := s.Run(soon(t)); err != nil {
		return err.Error()
	}
	return ""
}

func wantStop(t *testing.T, got string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(got, w) {
			t.Errorf("the stop does not speak of %q:\n%s", w, got)
		}
	}
}

func TestOffsetWithoutSnapshotRefusesAndOthersGoOn(t *testing.T) {
	c, _ := onKfake(t, 3)
	publish(t, c, 0, 300)
	runToEnd(t, countingStage(t, c, idle))
	resetOffset(t, c, 1, 5)
	publish(t, c, 300, 300)
	s := countingStage(t, c, idle)
	wantStop(t, stops(t, s), "partition 1 of", "offset 5", "no snapshot", "--bootstrap manifest", "--bootstrap cold")
	for _, p := range s.Status() {
		if want := map[bool]State{true: Stopped, false: Finished}[p.Partition == 1]; p.State != want {
			t.Errorf("partition %d is %s, want %s", p.Partition, p.State, want)
		}
	}
}

func TestBootstrapColdGoesOnFromTheOffset(t *testing.T) {
	c, _ := onKfake(t, 1)
	publish(t, c, 0, 300)
	runToEnd(t, countingStage(t, c, idle))
	resetOffset(t, c, 0, 290)
	s := countingStage(t, c, bootstrap(BootstrapCold))
	runToEnd(t, s)
	if p := s.Status()[0]; p.Records != 10 || p.Engine.Sessions > 10 {
		t.Errorf("judged %d records with %d keys known, want 10 and an empty start", p.Records, p.Engine.Sessions)
	}
}

func TestBootstrapManifestGoesBackToTheNewestSnapshot(t *testing.T) {
	c, _ := onKfake(t, 1)
	publish(t, c, 0, 300)
	runToEnd(t, countingStage(t, c, idle))
	publish(t, c, 300, 300)
	runToEnd(t, countingStage(t, c, idle))
	resetOffset(t, c, 0, 5)
	publish(t, c, 600, 30)
	s := countingStage(t, c, bootstrap(BootstrapManifest))
	runToEnd(t, s)
	if p := s.Status()[0]; p.Records != 30 {
		t.Errorf("judged %d records, want the 30 behind the newest snapshot", p.Records)
	}
	wantStop(t, stops(t, countingStage(t, c, func(cfg *StageConfig) {
		bootstrap(BootstrapManifest)(cfg)
		cfg.Group = "other"
		resetGroup(t, c, "other")
	})), "no whole snapshot")
}

// Commits expire when no member was there for offsets.retention: the snapshots are still there.
func TestBootstrapManifestAfterTheOffsetsExpired(t *testing.T) {
	c, b := onKfake(t, 1)
	publish(t, c, 0, 300)
	runToEnd(t, countingStage(t, c, idle))
	c.forgetGroup(t, "test")
	if err := b.Cluster.DeleteRecords(c.Topics.Events, 0, 300); err != nil {
		t.Fatal(err)
	}
	publish(t, c, 300, 30)
	s := countingStage(t, c, bootstrap(BootstrapManifest))
	runToEnd(t, s)
	if p := s.Status()[0]; p.Records != 30 || p.Engine.Sessions != 50 {
		t.Errorf("judged %d records with %d keys known, want 30 with all 50 of before", p.Records, p.Engine.Sessions)
	}
}

func (c *Cluster) forgetGroup(t *testing.T, group string) {
	t.Helper()
	answer, err := c.client.DeleteGroups(soon(t), &kafkago.DeleteGroupsRequest{GroupIDs: []string{group}})
	if err != nil || answer.Errors[group] != nil {
		t.Fatal(err, answer)
	}
}

func resetGroup(t *testing.T, c *Cluster, group string) {
	t.Helper()
	err := c.retry(soon(t), "reset", func(ctx context.Context) error {
		return c.commit(ctx, membership{group: group, generation: -1}, c.Topics.Events, kafkago.OffsetCommit{Offset: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPartitionWithoutOffset(t *testing.T) {
	deleted := func(t *testing.T) (*Cluster, *broker.Broker) {
		c, b := onKfake(t, 2)
		publish(t, c, 0, 300)
		if err := b.Cluster.DeleteRecords(c.Topics.Events, 1, 40); err != nil {
			t.Fatal(err)
		}
		return c, b
	}
	t.Run("a new group begins at the first record that is there", func(t *testing.T) {
		c, _ := deleted(t)
		runToEnd(t, countingStage(t, c, idle))
	})
	t.Run("a group that has offsets refuses when records are gone", func(t *testing.T) {
		c, _ := deleted(t)
		resetOffset(t, c, 0, 0)
		s := countingStage(t, c, bootstrap(BootstrapNone))
		wantStop(t, stops(t, s), "no offset for partition 1", "first 40 records are gone", "--bootstrap cold")
	})
	t.Run("and begins at offset 0 when none are", func(t *testing.T) {
		c, _ := onKfake(t, 2)
		publish(t, c, 0, 300)
		resetOffset(t, c, 0, 0)
		s := countingStage(t, c, bootstrap(BootstrapNone))
		got := stops(t, s)
		wantStop(t, got, "partition 0")
		if strings.Contains(got, "partition 1") {
			t.Errorf("partition 1 stopped too: %s", got)
		}
	})
}

func TestDeletedInputStopsThePartitionLoudly(t *testing.T) {
	c, b := onKfake(t, 2)
	publish(t, c, 0, 300)
	runToEnd(t, countingStage(t, c, idle))
	publish(t, c, 300, 300)
	_, end, err := c.bounds(soon(t), c.Topics.Events, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Cluster.DeleteRecords(c.Topics.Events, 1, end-3); err != nil {
		t.Fatal(err)
	}
	s := countingStage(t, c, idle)
	wantStop(t, stops(t, s), "partition 1", "input gap", "were deleted before they were read")
	if p := s.Status()[1]; !p.Gap || p.State != Stopped {
		t.Errorf("status does not show the gap: %+v", p)
	}
}

func TestLogThatEndsBeforeTheOffsetIsAGap(t *testing.T) {
	c, _ := onKfake(t, 1)
	publish(t, c, 0, 10)
	p := &Partition{Topic: c.Topics.Events, log: partitionLog{cluster: c, topic: c.Topics.Events}}
	defer p.log.close()
	_, err := p.Fetch(soon(t), 12)
	if gap, ok := asGap(err); !ok || gap.Want != 12 || gap.End != 10 {
		t.Fatalf("got %v, want a gap", err)
	}
	wantStop(t, err.Error(), "ends at offset 10", "offset 12 was already read")
}

func TestTopicsMustAgree(t *testing.T) {
	b, err := broker.Start(broker.Config{Topics: TopicNames("").All(), Partitions: 3, MinSessionTimeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	c := connectTo(t, b.Addr)
	if err := b.Cluster.DeleteTopic(c.Topics.Decisions); err != nil {
		t.Fatal(err)
	}
	wantStop(t, stops(t, countingStage(t, c, idle)), `"session.decisions" is missing`, "sessionguard topics apply")
	if err := b.Cluster.CreateTopic(c.Topics.Decisions, 4, nil); err != nil {
		t.Fatal(err)
	}
	until(t, soon(t), "the new topic is known", func() bool {
		counts, err := c.partitionCounts(t.Context())
		return err == nil && counts[c.Topics.Decisions] == 4
	})
	wantStop(t, stops(t, countingStage(t, c, idle)), fmt.Sprintf("%q has 4 partitions", c.Topics.Decisions), "the same number")
}
