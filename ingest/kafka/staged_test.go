package kafka

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/rules"
)

// shippedRules compiles the rules that ship.
func shippedRules(t *testing.T) *rules.Set {
	t.Helper()
	text, err := os.ReadFile("../../rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: text}}, detector.Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}

var testHashKey = [2]uint64{1, 2}

// shippedStage makes a stage with nothing replaced: decoder, enrichment, engine, the rules that ship.
func shippedStage(t *testing.T, c *Cluster, set *rules.Set, change func(*StageConfig)) *Stage {
	t.Helper()
	cfg := StageConfig{SessionTimeout: 2 * time.Second, CheckpointInterval: time.Millisecond, TrustGeo: true, Log: testLog(t), Build: "v0-test",
		Engine: detector.Config{HashKey: testHashKey}, Current: func() (*rules.Set, *geo.Databases) { return set, nil }}
	change(&cfg)
	cfg.Group = groupOf(&cfg)
	s, err := NewStage(c, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// stories is a stream in which things show only across partitions, between customers who do nothing wrong.
type stories struct {
	began time.Time
	list  []Message
}

func newStories() *stories {
	return &stories{began: time.Now().UTC().Add(-time.Hour).Truncate(time.Second)}
}

func (s *stories) add(seconds int, key, kind, data string) {
	at := s.began.Add(time.Duration(seconds) * time.Second)
	s.list = append(s.list, Message{Key: []byte(key), TimeMS: at.UnixMilli(), Value: fmt.Appendf(nil,
		`{"id":"e-%d","source":"/apps/web","type":%q,"time":%q,"data":{%s}}`, len(s.list), kind, at.Format(time.RFC3339), data)})
}

// guess is one try of a session id that the app never issued, keyed as apps key it: by address, so that a network's tries are everywhere.
func (s *stories) guess(seconds int, ip string) {
	s.add(seconds, "ip:"+ip, "session.unknown_id", fmt.Sprintf(`"client":{"ip":%q}`, ip))
}

const browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

func (s *stories) show(seconds, user int, ip, agent string) {
	s.add(seconds, fmt.Sprintf("u-%d", user), "session.presented",
		fmt.Sprintf(`"session":{"id":"ses-%d-0123456789"},"user":{"id":"u-%d"},"client":{"ip":%q,"user_agent":%q}`, user, user, ip, agent))
}

// crossPartition has ids guessed from the addresses of one network, and a stolen session.
func crossPartition() *stories {
	s := newStories()
	for i := range 24 {
		s.show(10+i, i%8, fmt.Sprintf("198.51.100.%d", i%8), browser)
		s.guess(10+i, fmt.Sprintf("203.0.113.%d", i))
	}
	s.show(40, 3, "192.0.2.9", "curl/8.5.0")
	for i := range 15 { // another network, and not enough
		s.guess(41+i, fmt.Sprintf("192.0.2.%d", i))
	}
	return s
}

// answer is what a decision says, without what differs with the place of its cause in the log.
func answer(t *testing.T, decision []byte) string {
	t.Helper()
	var d struct {
		EventID   string `json:"event_id"`
		SessionID string `json:"session_id"`
		Action    string
		Score     int
		Rules     []struct{ ID string }
	}
	if err := json.Unmarshal(decision, &d); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(d)
}

// singlePass judges a stream in one process that sees everything in order, over so many partitions.
func singlePass(t *testing.T, set *rules.Set, list []Message, partitions int) (answers []string) {
	t.Helper()
	house := detector.NewHouse(detector.Config{Rules: set, HashKey: testHashKey},
		detector.Dealing{Partitions: partitions, Key: ingest.Key, PartitionOf: PartitionOf})
	reader := ingest.Worker{Enricher: enrich.New(nil, true)}
	for i, m := range list {
		e, err := reader.Read(cloudevents.Message{Value: m.Value}, detector.Record{Topic: "t", Offset: int64(i), TimeMS: m.TimeMS, Key: string(m.Key)})
		if err != nil {
			t.Fatal(err)
		}
		house.Observe(e, func(_ *detector.Event, out detector.Outcome) {
			for i := range out.Decisions {
				answers = append(answers, answer(t, detector.AppendDecision(nil, &out.Decisions[i], nil)))
			}
		})
	}
	return unique(answers)
}

// decided gives what was decided, each decision id once.
func decided(t *testing.T, c *Cluster) (answers []string) {
	t.Helper()
	for _, value := range unique(readAll(t, c, c.Topics.Decisions)) {
		answers = append(answers, answer(t, []byte(value)))
	}
	slices.Sort(answers)
	return answers
}

// settled waits until both stages have judged everything, also what each told the other.
func settled(t *testing.T, c *Cluster, first, second *Stage) {
	t.Helper()
	at := func(s *Stage) (all bool) {
		status := s.Status()
		for p := range 3 {
			_, end, err := c.bounds(t.Context(), s.input(), p)
			if err != nil {
				t.Fatal(err)
			}
			all = len(status) == 3 && status[p].Next == end
			if !all {
				return false
			}
		}
		return true
	}
	until(t, soon(t), "both stages judged everything", func() bool { return at(first) && at(second) && at(first) })
}

func TestStagedRunAgreesWithASinglePass(t *testing.T) {
	set, list := shippedRules(t), crossPartition().list
	want := singlePass(t, set, list, 1)
	if dealt := singlePass(t, set, list, 3); !slices.Equal(dealt, want) {
		t.Fatalf("three partitions in one process decide\n%s\none decides\n%s", strings.Join(dealt, "\n"), strings.Join(want, "\n"))
	}
	for _, rule := range []string{"session-id-guessing", "scripted-client"} {
		if !strings.Contains(strings.Join(want, "\n"), rule) {
			t.Fatalf("the single pass does not find %s: this shows nothing\n%s", rule, strings.Join(want, "\n"))
		}
	}
	t.Run("event by event", func(t *testing.T) {
		c, _ := onKfake(t, 3)
		first, second := shippedStage(t, c, set, inTurns(nil)), shippedStage(t, c, set, inTurns(second))
		start(t, first)
		start(t, second)
		for i := range list {
			if err := c.Publish(soon(t), c.Topics.Events, list[i:i+1]); err != nil {
				t.Fatal(err)
			}
			settled(t, c, first, second)
		}
		if got := decided(t, c); !slices.Equal(got, want) {
			t.Errorf("decided\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
	// Then the verdicts come late, and the events of three partitions in any order: the same answers, but which guess completed the count.
	t.Run("in turns, from a full log", func(t *testing.T) {
		c, _ := onKfake(t, 3)
		if err := c.Publish(soon(t), c.Topics.Events, list); err != nil {
			t.Fatal(err)
		}
		for _, which := range []func(*StageConfig){idle, second, idle} {
			runToEnd(t, shippedStage(t, c, set, which))
		}
		if got := decided(t, c); !slices.Equal(withoutGuesses(got), withoutGuesses(want)) || len(got) != len(want) {
			t.Errorf("decided\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func withoutGuesses(answers []string) []string {
	return slices.DeleteFunc(slices.Clone(answers), func(a string) bool { return strings.Contains(a, "session-id-guessing") })
}

// A second stage that dies after its verdicts were written writes them again; the first answers each once.
func TestRepeatedVerdictsAreAnsweredOnce(t *testing.T) {
	set, list := shippedRules(t), crossPartition().list
	c, b := onKfake(t, 3)
	if err := c.Publish(soon(t), c.Topics.Events, list); err != nil {
		t.Fatal(err)
	}
	runToEnd(t, shippedStage(t, c, set, idle))
	h := b.Cluster.Fault(noProgress())
	wantStop(t, stops(t, shippedStage(t, c, set, second)), "commit")
	h.Remove()
	runToEnd(t, shippedStage(t, c, set, second))
	verdicts := map[string]int{} // by partition: some are for all of them
	eachRecord(t, c, c.Topics.Events, func(p int, r *Record) {
		if _, _, ok := originOf(r); ok {
			verdicts[fmt.Sprint(p, string(r.Value))]++
		}
	})
	for v, times := range verdicts {
		if times != 2 {
			t.Errorf("%d times: %s", times, v)
		}
	}
	if len(verdicts) == 0 {
		t.Fatal("there was no verdict")
	}
	runToEnd(t, shippedStage(t, c, set, idle))
	got, want := decided(t, c), singlePass(t, set, list, 1)
	if len(got) != len(want) || !slices.Equal(withoutGuesses(got), withoutGuesses(want)) {
		t.Errorf("decided\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A first stage that dies after it told writes it again; the second counts each once: here fifteen guesses, which are not more than twenty.
func TestRepeatedObservationsCountOnce(t *testing.T) {
	set, s := shippedRules(t), newStories()
	for i := range 15 {
		s.guess(10+i, fmt.Sprintf("203.0.113.%d", i))
	}
	c, b := onKfake(t, 3)
	if err := c.Publish(soon(t), c.Topics.Events, s.list); err != nil {
		t.Fatal(err)
	}
	h := b.Cluster.Fault(noProgress())
	wantStop(t, stops(t, shippedStage(t, c, set, idle)), "commit")
	h.Remove()
	runToEnd(t, shippedStage(t, c, set, idle))
	if n := len(readAll(t, c, c.Topics.Observations)); n != 30 {
		t.Fatalf("%d observations, want each of 15 twice", n)
	}
	observing := shippedStage(t, c, set, second)
	runToEnd(t, observing)
	again := uint64(0)
	for _, p := range observing.Status() {
		again += p.Again
	}
	if again != 15 {
		t.Errorf("%d observations were passed over, want 15", again)
	}
	runToEnd(t, shippedStage(t, c, set, idle))
	if got := decided(t, c); len(got) > 0 {
		t.Errorf("decided\n%s", strings.Join(got, "\n"))
	}
}

// noProgress refuses every commit but those of an empty start: what was judged and published is judged again.
func noProgress() kfake.Fault {
	return kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.GroupAuthorizationFailed, Count: -1, When: func(r kmsg.Request) bool {
		commit := r.(*kmsg.OffsetCommitRequest)
		return commit.Topics[0].Partitions[0].Offset > 0
	}}
}
