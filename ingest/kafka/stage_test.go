package kafka

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/rules"
)

// ruleset compiles a rules file with one rule, so that stored sources can be loaded again.
func ruleset(t *testing.T, revision string, score int) *rules.Set {
	t.Helper()
	text := fmt.Sprintf("version: 1\nrevision: %q\nrules:\n  - id: impossible-travel\n    score: %d\n    evidence: network\n    detector: impossible_travel\n", revision, score)
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: []byte(text)}}, detector.Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}

// countingStage makes a stage with the counting judge, checkpoints as often as it can, and one rule set.
func countingStage(t *testing.T, c *Cluster, change func(*StageConfig)) *Stage {
	t.Helper()
	set := ruleset(t, "1", 40)
	cfg := StageConfig{Group: "test", SessionTimeout: 2 * time.Second, CheckpointInterval: time.Millisecond, Log: testLog(t), Build: "v0-test",
		Current: func() (*rules.Set, *geo.Databases) { return set, nil }}
	if change != nil {
		change(&cfg)
	}
	s, err := NewStage(c, cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.judges = countingIn(cfg.Engine.Stage)
	return s
}

// output is the topic that the counting judge of a stage tells by.
func (s *Stage) output() string {
	if s.cfg.Engine.Stage == detector.SecondStage {
		return s.cluster.Topics.Events
	}
	return s.cluster.Topics.Observations
}

func idle(cfg *StageConfig) { cfg.UntilIdle = true }

func runToEnd(t *testing.T, s *Stage) {
	t.Helper()
	if err := s.Run(soon(t)); err != nil {
		t.Fatal(err)
	}
}

// second makes a stage the second.
func second(cfg *StageConfig) { cfg.UntilIdle, cfg.Engine.Stage = true, detector.SecondStage }

// undisturbed gives what one run of a stage over n records brought.
func undisturbed(t *testing.T, which func(*StageConfig), n int) []string {
	t.Helper()
	c, _ := onKfake(t, 3)
	s := countingStage(t, c, which)
	publishTo(t, c, s.input(), 0, n)
	runToEnd(t, s)
	return brought(t, s)
}

// brought gives every decision of a stage and all that it told the other, each once.
func brought(t *testing.T, s *Stage) []string {
	t.Helper()
	return unique(append(readAll(t, s.cluster, s.cluster.Topics.Decisions), readAll(t, s.cluster, s.output())...))
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

func TestUntilIdleJudgesEverythingAndPublishesOnTheSamePartition(t *testing.T) {
	c, _ := onKfake(t, 3)
	publish(t, c, 0, 1000)
	s := countingStage(t, c, idle)
	runToEnd(t, s)
	records := uint64(0)
	for _, p := range s.Status() {
		records += p.Records
		if p.State != Finished || p.Next != p.End || p.Checkpoints == 0 {
			t.Errorf("partition %d: %+v", p.Partition, p)
		}
	}
	if records != 1000 {
		t.Errorf("judged %d events, want 1000", records)
	}
	decisions, commands := readAll(t, c, c.Topics.Decisions), readAll(t, c, c.Topics.Commands)
	if want := 50 * (1000 / 50 / 3); len(decisions) < want || len(commands) != len(decisions) {
		t.Errorf("%d decisions and %d commands, want at least %d and as many", len(decisions), len(commands), want)
	}
}

func TestRestartGoesOnFromTheSnapshot(t *testing.T) {
	for _, which := range []func(*StageConfig){idle, second} {
		want := undisturbed(t, which, 900)
		c, _ := onKfake(t, 3)
		for i := range 3 {
			s := countingStage(t, c, which)
			publishTo(t, c, s.input(), i*300, 300)
			runToEnd(t, s)
		}
		if got := brought(t, countingStage(t, c, which)); !slices.Equal(got, want) {
			t.Errorf("three runs brought other things than one: %d and %d", len(got), len(want))
		}
		decisions := readAll(t, c, c.Topics.Decisions)
		if different := len(unique(slices.Clone(decisions))); len(decisions) != different {
			t.Errorf("clean restarts repeated decisions: %d published, %d are different", len(decisions), different)
		}
	}
}

// start runs a stage until stop is called or the test ends.
func start(t *testing.T, s *Stage) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

func TestStopsCleanlyWhenItsContextEnds(t *testing.T) {
	want := undisturbed(t, idle, 600)
	c, _ := onKfake(t, 3)
	publish(t, c, 0, 400)
	s := countingStage(t, c, nil)
	stop := start(t, s)
	until(t, soon(t), "all is judged", func() bool {
		records := uint64(0)
		for _, p := range s.Status() {
			records += p.Records
		}
		return records == 400
	})
	stop()
	publish(t, c, 400, 200)
	runToEnd(t, countingStage(t, c, idle))
	if got := brought(t, s); !slices.Equal(got, want) {
		t.Errorf("brought %d, want the same %d as undisturbed", len(got), len(want))
	}
	if got := readAll(t, c, c.Topics.Decisions); len(unique(slices.Clone(got))) != len(got) {
		t.Error("a clean stop repeated decisions")
	}
}
