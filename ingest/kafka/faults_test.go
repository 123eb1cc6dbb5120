package kafka

import (
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// from makes a fault begin with the n-th request that it matches. The broker may ask several times about one request.
func from(n int, f kfake.Fault) kfake.Fault {
	var last kmsg.Request
	seen := 0
	f.When = func(r kmsg.Request) bool {
		if r != last {
			last = r
			seen++
		}
		return seen >= n
	}
	return f
}

// Each fault stops every partition at one arrow of the checkpoint protocol: what follows is as after a crash there. A
// second run, without the fault, must complete the same set of decisions.
func TestStopAtEachArrowOfTheProtocolLosesAndInventsNothing(t *testing.T) {
	want := undisturbed(t, 1500)
	topics := TopicNames("")
	produce := []kmsg.Key{kmsg.Produce}
	for name, fault := range map[string]kfake.Fault{
		"before any publish":             {Keys: produce, Topic: topics.Commands, Err: kerr.TopicAuthorizationFailed},
		"between commands and decisions": {Keys: produce, Topic: topics.Decisions, Err: kerr.TopicAuthorizationFailed},
		"before the snapshot":            {Keys: produce, Topic: topics.Snapshots, Err: kerr.TopicAuthorizationFailed},
		"between snapshot and commit":    {Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.GroupAuthorizationFailed},
	} {
		for _, nth := range []int{1, 2, 3} {
			t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
				c, b := onKfake(t, 3)
				fault.Count = -1
				h := b.Cluster.Fault(from(nth, fault))
				publish(t, c, 0, 700)
				if err := countingStage(t, c, idle).Run(soon(t)); err == nil {
					t.Fatal("the run ended well although its broker refused for good")
				}
				h.Remove()
				publish(t, c, 700, 800)
				runToEnd(t, countingStage(t, c, idle))
				if got := unique(readAll(t, c, topics.Decisions)); !slices.Equal(got, want) {
					t.Errorf("%d different decisions, want the %d of an undisturbed run", len(got), len(want))
				}
			})
		}
	}
}

// Answers that leave open whether the request took effect, and answers that pass, must change nothing.
func TestPassingFaultsChangeNothing(t *testing.T) {
	want := undisturbed(t, 1500)
	topics := TopicNames("")
	produce, commit := []kmsg.Key{kmsg.Produce}, []kmsg.Key{kmsg.OffsetCommit}
	for name, fault := range map[string]kfake.Fault{
		"decisions appended but not acknowledged": {Keys: produce, Topic: topics.Decisions, Err: kerr.NotEnoughReplicasAfterAppend},
		"snapshot appended but not acknowledged":  {Keys: produce, Topic: topics.Snapshots, Err: kerr.NotEnoughReplicasAfterAppend},
		"commit applied but not acknowledged":     {Keys: commit, Err: kerr.RequestTimedOut},
		"coordinator moves":                       {Keys: commit, Err: kerr.NotCoordinator},
		"leader moves while fetching":             {Keys: []kmsg.Key{kmsg.Fetch}, Topic: topics.Events, Err: kerr.NotLeaderForPartition},
		"offsets cannot be read yet":              {Keys: []kmsg.Key{kmsg.OffsetFetch}, Err: kerr.CoordinatorLoadInProgress},
		"coordinator is not there yet":            {Keys: []kmsg.Key{kmsg.FindCoordinator}, Err: kerr.CoordinatorNotAvailable},
		"commit of a generation that is over":     {Keys: commit, Err: kerr.IllegalGeneration},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			c, b := onKfake(t, 3)
			publish(t, c, 0, 700)
			fault.Count = 3
			h := b.Cluster.Fault(fault)
			runToEnd(t, countingStage(t, c, idle))
			publish(t, c, 700, 800)
			runToEnd(t, countingStage(t, c, idle))
			if h.Hits() == 0 {
				t.Error("the fault never met a request")
			}
			if got := unique(readAll(t, c, topics.Decisions)); !slices.Equal(got, want) {
				t.Errorf("%d different decisions, want the %d of an undisturbed run", len(got), len(want))
			}
		})
	}
}

// noCommit refuses commits for good from the n-th on.
func noCommit(n int) kfake.Fault {
	return from(n, kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.GroupAuthorizationFailed, Count: -1})
}
