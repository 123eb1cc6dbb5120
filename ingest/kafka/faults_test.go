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
	for stage, which := range bothStages {
		want := undisturbed(t, which, 1500)
		for name, fault := range arrows(which) {
			for nth := 1; nth <= 3 && (nth == 1 || !testing.Short()); nth++ {
				t.Run(stage+"/"+strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
					c, b := onKfake(t, 3)
					fault.Count = -1
					s := countingStage(t, c, which)
					publishTo(t, c, s.input(), 0, 700)
					h := b.Cluster.Fault(from(nth, fault))
					if err := s.Run(soon(t)); err == nil {
						t.Fatal("the run ended well although its broker refused for good")
					}
					h.Remove()
					publishTo(t, c, s.input(), 700, 800)
					runToEnd(t, countingStage(t, c, which))
					if got := brought(t, s); !slices.Equal(got, want) {
						t.Errorf("brought %d different things, want the %d of an undisturbed run", len(got), len(want))
					}
				})
			}
		}
	}
}

var bothStages = map[string]func(*StageConfig){"first": idle, "second": second}

// arrows gives a fault for each arrow of a stage's protocol.
func arrows(which func(*StageConfig)) map[string]kfake.Fault {
	topics, produce := TopicNames(""), []kmsg.Key{kmsg.Produce}
	return map[string]kfake.Fault{
		"before any publish":                           {Keys: produce, Topic: topics.Commands, Err: kerr.TopicAuthorizationFailed},
		"between commands and decisions":               {Keys: produce, Topic: topics.Decisions, Err: kerr.TopicAuthorizationFailed},
		"between decisions and what the other is told": {Keys: produce, Topic: outputOf(topics, which), Err: kerr.TopicAuthorizationFailed},
		"while the other is told, in one partition":    {Keys: produce, Topic: outputOf(topics, which), Partitions: []int32{1}, Err: kerr.TopicAuthorizationFailed},
		"before the snapshot":                          {Keys: produce, Topic: topics.Snapshots, Err: kerr.TopicAuthorizationFailed},
		"between snapshot and commit":                  {Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.GroupAuthorizationFailed},
	}
}

func outputOf(topics Topics, which func(*StageConfig)) string {
	var cfg StageConfig
	which(&cfg)
	return (&Stage{cluster: &Cluster{Topics: topics}, cfg: cfg}).output()
}

// Answers that leave open whether the request took effect, and answers that pass, must change nothing.
func TestPassingFaultsChangeNothing(t *testing.T) {
	for stage, which := range bothStages {
		want := undisturbed(t, which, 1500)
		for name, fault := range passing(which) {
			t.Run(stage+"/"+strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
				c, b := onKfake(t, 3)
				s := countingStage(t, c, which)
				publishTo(t, c, s.input(), 0, 700)
				fault.Count = 3
				h := b.Cluster.Fault(fault)
				runToEnd(t, s)
				hits := h.Hits()
				publishTo(t, c, s.input(), 700, 800)
				runToEnd(t, countingStage(t, c, which))
				if hits == 0 {
					t.Error("the fault never met a request")
				}
				if got := brought(t, s); !slices.Equal(got, want) {
					t.Errorf("brought %d different things, want the %d of an undisturbed run", len(got), len(want))
				}
			})
		}
	}
}

func passing(which func(*StageConfig)) map[string]kfake.Fault {
	topics, produce, commit := TopicNames(""), []kmsg.Key{kmsg.Produce}, []kmsg.Key{kmsg.OffsetCommit}
	output, input := outputOf(topics, which), topics.Events
	if output == topics.Events {
		input = topics.Observations
	}
	return map[string]kfake.Fault{
		"decisions appended but not acknowledged":      {Keys: produce, Topic: topics.Decisions, Err: kerr.NotEnoughReplicasAfterAppend},
		"the other stage is told but it is not known":  {Keys: produce, Topic: output, Err: kerr.NotEnoughReplicasAfterAppend},
		"the other stage is not told in one partition": {Keys: produce, Topic: output, Partitions: []int32{2}, Err: kerr.NotLeaderForPartition},
		"snapshot appended but not acknowledged":       {Keys: produce, Topic: topics.Snapshots, Err: kerr.NotEnoughReplicasAfterAppend},
		"commit applied but not acknowledged":          {Keys: commit, Err: kerr.RequestTimedOut},
		"coordinator moves":                            {Keys: commit, Err: kerr.NotCoordinator},
		"leader moves while fetching":                  {Keys: []kmsg.Key{kmsg.Fetch}, Topic: input, Err: kerr.NotLeaderForPartition},
		"offsets cannot be read yet":                   {Keys: []kmsg.Key{kmsg.OffsetFetch}, Err: kerr.CoordinatorLoadInProgress},
		"coordinator is not there yet":                 {Keys: []kmsg.Key{kmsg.FindCoordinator}, Err: kerr.CoordinatorNotAvailable},
		"commit of a generation that is over":          {Keys: commit, Err: kerr.IllegalGeneration},
	}
}

// noCommit refuses commits for good from the n-th on.
func noCommit(n int) kfake.Fault {
	return from(n, kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.GroupAuthorizationFailed, Count: -1})
}
