package kafka

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// eachRecord shows every record that a topic has now.
func eachRecord(t *testing.T, c *Cluster, topic string, see func(partition int, r *Record)) {
	t.Helper()
	counts, err := c.countsOf(soon(t), []string{topic})
	if err != nil {
		t.Fatal(err)
	}
	for p := range counts[topic] {
		s := &snapshots{cluster: c, topic: topic, partition: p}
		first, end, err := s.bounds(soon(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.scan(soon(t), first, end, func(r *Record) error { see(p, r); return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

// What one stage tells the other lies where its key belongs, has the time of its cause, and reaches every partition when it has no key.
func TestStagesTellEachOtherByKey(t *testing.T) {
	for stage, which := range bothStages {
		t.Run(stage, func(t *testing.T) {
			c, _ := onKfake(t, 3)
			s := countingStage(t, c, which)
			var list []Message
			for i := range 400 {
				list = append(list, Message{Key: fmt.Appendf(nil, "user-%d", i%10), Value: []byte("event"), TimeMS: 1_790_000_000_000 + int64(i)})
			}
			if err := c.Publish(soon(t), s.input(), list); err != nil {
				t.Fatal(err)
			}
			causes := map[int64]bool{}
			eachRecord(t, c, s.input(), func(_ int, r *Record) { causes[r.TimeMS] = true })
			runToEnd(t, s)
			keyed, everyone := 0, map[string][]int{}
			eachRecord(t, c, s.output(), func(p int, r *Record) {
				if PartitionOf(r.Key, 3) != p {
					t.Errorf("key %q is in partition %d", r.Key, p)
				}
				if !causes[r.TimeMS] {
					t.Errorf("key %q has the time %d, which is no cause's", r.Key, r.TimeMS)
				}
				if len(r.Headers) != 2 || !strings.HasPrefix(string(r.Headers[0].Value), "application/cloudevents+json") {
					t.Errorf("key %q has headers %v", r.Key, r.Headers)
				}
				if strings.HasPrefix(string(r.Key), "net:") {
					everyone[string(r.Value)] = append(everyone[string(r.Value)], p)
					return
				}
				keyed++
			})
			if keyed != 50 || len(everyone) != 50 {
				t.Errorf("%d by key and %d for all, want 50 each", keyed, len(everyone))
			}
			for what, partitions := range everyone {
				if !slices.Equal(partitions, []int{0, 1, 2}) {
					t.Errorf("%s is in partitions %v, want each once", what, partitions)
				}
			}
			told := uint64(0)
			for _, p := range s.Status() {
				told += p.Observations
				if p.Topic != s.input() || p.Misrouted > 0 {
					t.Errorf("%+v", p)
				}
			}
			if told != 200 {
				t.Errorf("the stage counted %d records for the other, want 200", told)
			}
		})
	}
}

// Both stages keep their snapshots in one topic; neither finds the other's, by pointer or by manifest.
func TestStagesDoNotMeetInTheSnapshotsTopic(t *testing.T) {
	c, _ := onKfake(t, 2)
	for i := range 3 {
		publishTo(t, c, c.Topics.Events, i*200, 200)
		publishTo(t, c, c.Topics.Observations, i*100, 100)
		for _, which := range bothStages {
			s := countingStage(t, c, func(cfg *StageConfig) { which(cfg); cfg.Group = groupOf(cfg) })
			runToEnd(t, s)
			// Its own records since the last run, or it would have lost its place: the other stage's verdicts are among them.
			for _, p := range s.Status() {
				if p.Engine.Sessions == 0 || i > 0 && p.Replayed > 0 {
					t.Errorf("round %d: %+v", i, p)
				}
			}
		}
	}
	for _, which := range bothStages {
		before := countingStage(t, c, func(cfg *StageConfig) { which(cfg); cfg.Group = groupOf(cfg) })
		runToEnd(t, before)
		c.forgetGroup(t, before.cfg.Group)
		s := countingStage(t, c, func(cfg *StageConfig) { which(cfg); cfg.Group, cfg.Bootstrap = groupOf(cfg), BootstrapManifest })
		runToEnd(t, s)
		for _, p := range s.Status() {
			if p.Records > 0 || p.Next == 0 {
				t.Errorf("from the manifest, partition %d of %q judged %d records again up to %d, want none", p.Partition, p.Topic, p.Records, p.Next)
			}
		}
	}
}

// A group's lag is seen from outside, also of one that never came.
func TestWaitingOfAGroup(t *testing.T) {
	c, _ := onKfake(t, 3)
	wait := func(want Waiting) {
		t.Helper()
		got, err := c.Waiting(soon(t), "test-observe", c.Topics.Observations)
		if err != nil || got != want {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
	}
	runOn := func() {
		runToEnd(t, countingStage(t, c, func(cfg *StageConfig) { second(cfg); cfg.Group = groupOf(cfg) }))
	}
	wait(Waiting{})
	publishTo(t, c, c.Topics.Observations, 0, 300)
	wait(Waiting{Records: 300})
	runOn()
	wait(Waiting{Committed: 300})
	publishTo(t, c, c.Topics.Observations, 300, 50)
	wait(Waiting{Records: 50, Committed: 300})
	runOn()
	wait(Waiting{Committed: 350})
}

func groupOf(cfg *StageConfig) string {
	if cfg.Engine.Stage != 0 {
		return "test-observe"
	}
	return "test"
}

// spread writes each message once, in order, over several brokers, also when leaders move and when there is more than fits a request.
func TestSpreadOverBrokers(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(3), kfake.SeedTopics(12, TopicNames("").All()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	c := connectTo(t, cluster.ListenAddrs()[0])
	ctx := soon(t)
	want := make([][]string, 12)
	for round := range 4 {
		dealt := make([][]Message, 12)
		for p := range dealt {
			for i := range 5 {
				text := fmt.Sprintf("%d-%d-%d", p, round, i)
				want[p] = append(want[p], text)
				dealt[p] = append(dealt[p], Message{Key: []byte(text), Value: []byte(strings.Repeat("x", round*60_000))})
			}
		}
		if err := c.spread(ctx, c.Topics.Observations, dealt); err != nil {
			t.Fatal(err)
		}
		cluster.ShufflePartitionLeaders()
	}
	for p := range want {
		var got []string
		s := &snapshots{cluster: c, topic: c.Topics.Observations, partition: p}
		if err := s.scan(ctx, 0, 20, func(r *Record) error { got = append(got, string(r.Key)); return nil }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want[p]) {
			t.Errorf("partition %d holds %v", p, got)
		}
	}
}
