package kafka

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/rules"
)

// offering makes a stage whose offered rules can be changed.
func offering(t *testing.T, c *Cluster, change func(*StageConfig), set *rules.Set) (*Stage, *atomic.Pointer[rules.Set]) {
	offered := &atomic.Pointer[rules.Set]{}
	offered.Store(set)
	return countingStage(t, c, func(cfg *StageConfig) {
		cfg.Current = func() (*rules.Set, *geo.Databases) { return offered.Load(), nil }
		if change != nil {
			change(cfg)
		}
	}), offered
}

// inForce runs to the end and gives the revision under which each partition ended, without the partitions' numbers.
func inForce(t *testing.T, s *Stage) string {
	t.Helper()
	runToEnd(t, s)
	var revisions []string
	for _, p := range s.Status() {
		revisions = append(revisions, p.Revision)
	}
	return strings.Join(unique(revisions), " ")
}

func TestRulesOverRestarts(t *testing.T) {
	c, _ := onKfake(t, 2)
	for i, step := range []struct {
		what    string
		offered *rules.Set
		want    string
	}{
		{"the first run takes what is offered", ruleset(t, "2026-09-22.9", 40), "2026-09-22.9"},
		{"without valid rules the stored ones go on", nil, "2026-09-22.9"},
		{"a newer revision is taken", ruleset(t, "2026-09-22.10", 50), "2026-09-22.10"},
		{"an older one never", ruleset(t, "2026-09-22.9", 40), "2026-09-22.10"},
		{"a changed text of the same revision is", ruleset(t, "2026-09-22.10", 60), "2026-09-22.10"},
	} {
		publish(t, c, i*50, 50)
		s, _ := offering(t, c, idle, step.offered)
		if got := inForce(t, s); got != step.want {
			t.Errorf("%s: revision %q in force, want %q", step.what, got, step.want)
		}
		if step.offered != nil && step.offered.Revision == step.want && s.Status()[0].Ruleset != step.offered.Hash {
			t.Errorf("%s: the offered text is not in force", step.what)
		}
	}
}

func TestColdStartWithoutRulesRefuses(t *testing.T) {
	c, _ := onKfake(t, 1)
	s, _ := offering(t, c, idle, nil)
	wantStop(t, stops(t, s), "no valid rules")
}

func TestRunningStageAdoptsNewRulesAtACheckpoint(t *testing.T) {
	c, _ := onKfake(t, 2)
	s, offered := offering(t, c, nil, ruleset(t, "1", 40))
	start(t, s)
	all := func(revision string) func() bool {
		return func() bool {
			st := s.Status()
			return len(st) == 2 && st[0].Revision == revision && st[1].Revision == revision
		}
	}
	until(t, soon(t), "both partitions run", all("1"))
	offered.Store(ruleset(t, "2", 50))
	until(t, soon(t), "both partitions have the new rules, though nothing is published", all("2"))
}

// After a crash what was judged before is judged again under the rules of then, although newer ones are offered.
func TestReplayAfterACrashMeetsTheRulesOfThen(t *testing.T) {
	c, b := onKfake(t, 1)
	first := ruleset(t, "1", 40)
	s, _ := offering(t, c, idle, first)
	runToEnd(t, s)
	publish(t, c, 0, 300)
	h := b.Cluster.Fault(noCommit(2)) // the first takes the mark of a clean stop away
	s, _ = offering(t, c, idle, first)
	wantStop(t, stops(t, s), "commit")
	h.Remove()
	before := readAll(t, c, c.Topics.Decisions)
	second := ruleset(t, "2", 50)
	s, _ = offering(t, c, idle, second)
	runToEnd(t, s)
	after := readAll(t, c, c.Topics.Decisions)
	if len(before) == 0 || len(after) != 2*len(before) || len(unique(after)) != len(before) {
		t.Errorf("%d decisions before the crash, %d after the replay, %d different; the replay must repeat each", len(before), len(after), len(unique(after)))
	}
	publish(t, c, 300, 100)
	s, _ = offering(t, c, idle, second)
	if got := inForce(t, s); got != "2" {
		t.Errorf("after the replay revision %q is in force, want 2", got)
	}
}

func TestCompareRevisions(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"1", "", 1}, {"2026-09-22.1", "2026-09-22.1", 0}, {"2026-09-22.10", "2026-09-22.9", 1}, {"2026-09-22.1", "2026-10-01.1", -1},
		{"v2", "v10", -1}, {"1.2", "1.2.1", -1}, {"007", "7", 0}, {"1a", "1b", -1}, {"1.0-rc1", "1.0-rc2", -1}, {"9", "a", -1},
	} {
		if got := compareRevisions(c.a, c.b); got != c.want {
			t.Errorf("compareRevisions(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := compareRevisions(c.b, c.a); got != -c.want {
			t.Errorf("compareRevisions(%q, %q) = %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}
