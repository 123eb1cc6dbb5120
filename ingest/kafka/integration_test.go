package kafka

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/internal/broker"
	"github.com/sessionguard/sessionguard/internal/realkafka"
	"github.com/sessionguard/sessionguard/rules"
)

// The suite below runs on the in-process broker in every `go test`, and on Apache Kafka where its jars are.

func TestOnKfake(t *testing.T) {
	b, err := broker.Start(broker.Config{MinSessionTimeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	suite(t, b.Addr)
	t.Run("two members share and hand over the second stage", func(t *testing.T) { handOver(t, prefixed(t, b.Addr), inTurns(second)) })
}

// inTurns makes a stage, the first without which, that runs until it is stopped.
func inTurns(which func(*StageConfig)) func(*StageConfig) {
	return func(cfg *StageConfig) {
		if which != nil {
			which(cfg)
		}
		cfg.UntilIdle = false
	}
}

func TestOnApacheKafka(t *testing.T) {
	k := realkafka.Start(t)
	t.Run("the first join finds no coordinator and is tried again", func(t *testing.T) { freshBroker(t, k.Plain) })
	suite(t, k.Plain)
	for name, settings := range map[string]Settings{
		"TLS with a client certificate": {Brokers: []string{k.TLS}, TLS: TLS{CAFile: k.CAFile, CertFile: k.CertFile, KeyFile: k.KeyFile}},
		"SASL PLAIN":                    {Brokers: []string{k.SASL}, SASL: SASL{"plain", realkafka.User, realkafka.Password}},
		"SASL SCRAM-SHA-256":            {Brokers: []string{k.SASL}, SASL: SASL{"scram-sha-256", realkafka.User, realkafka.Password}},
		"SASL SCRAM-SHA-512":            {Brokers: []string{k.SASL}, SASL: SASL{"SCRAM-SHA-512", realkafka.User, realkafka.Password}},
	} {
		t.Run(name, func(t *testing.T) { judgesAsUser(t, settings) })
	}
	t.Run("a wrong password is refused", func(t *testing.T) {
		wantUnreachable(t, Settings{Brokers: []string{k.SASL}, SASL: SASL{"scram-sha-256", realkafka.User, "wrong"}}, "SASL")
	})
	t.Run("an unknown CA is refused", func(t *testing.T) {
		wantUnreachable(t, Settings{Brokers: []string{k.TLS}, TLS: TLS{Enabled: true}}, "certificate")
	})
}

func suite(t *testing.T, addr string) {
	t.Run("topics are made, checked and left alone", func(t *testing.T) { topicsApply(t, prefixed(t, addr)) })
	t.Run("a second client reads what was decided", func(t *testing.T) { secondClient(t, prefixed(t, addr), addr) })
	t.Run("kill -9 loses and invents nothing in either stage", func(t *testing.T) { killed(t, prefixed(t, addr), addr) })
	t.Run("an offset without its snapshot refuses", func(t *testing.T) { refuses(t, prefixed(t, addr)) })
	t.Run("two members share and hand over", func(t *testing.T) { handOver(t, prefixed(t, addr), inTurns(nil)) })
}

// prefixed connects with topics of the test's own.
func prefixed(t *testing.T, addr string) *Cluster {
	t.Helper()
	return applied(t, Settings{Brokers: []string{addr}})
}

func applied(t *testing.T, s Settings) *Cluster {
	t.Helper()
	s.TopicPrefix = prefixOf(t)
	c, err := Connect(s, testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, _, err := c.ApplyTopics(soon(t), Plan{Partitions: 3, ReplicationFactor: 1}); err != nil {
		t.Fatal(err)
	}
	return c
}

func prefixOf(t *testing.T) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '-'
	}, t.Name()) + "."
}

func topicsApply(t *testing.T, c *Cluster) {
	plan := Plan{Partitions: 3, ReplicationFactor: 1}
	if found, err := c.CheckTopics(soon(t), plan); err != nil || len(found) != 0 {
		t.Errorf("after apply: %v, %v", found, err)
	}
	found, err := c.CheckTopics(soon(t), Plan{Partitions: 48, ReplicationFactor: 1})
	if err != nil || len(found) != len(c.Topics.All()) || found[0].Mendable || !strings.Contains(found[0].What, "has 3 partitions, planned are 48") {
		t.Errorf("another partition count: %v, %v", found, err)
	}
	err = c.alter(soon(t), Difference{Topic: c.Topics.Snapshots, change: []setting{{"retention.ms", "1000"}}})
	if err != nil {
		t.Fatal(err)
	}
	done, left, err := c.ApplyTopics(soon(t), plan)
	changed := "changed: " + c.Topics.Snapshots + ": retention.ms from 1000 to 1209600000"
	if err != nil || len(done) != 1 || len(left) != 0 || !strings.Contains(done[0].What, "has retention.ms=1000, planned is 1209600000") || done[0].Done != changed {
		t.Errorf("a changed setting: done %v, left %v, %v", done, left, err)
	}
	if found, err := c.CheckTopics(soon(t), plan); err != nil || len(found) != 0 {
		t.Errorf("after the second apply: %v, %v", found, err)
	}
}

func secondClient(t *testing.T, c *Cluster, addr string) {
	publish(t, c, 0, 600)
	runToEnd(t, countingStage(t, c, idle))
	want := expected(t, c)
	client, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.ConsumeTopics(c.Topics.Decisions, c.Topics.Commands), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	decisions, commands := 0, 0
	for decisions < len(want) || commands < len(want) {
		fetches := client.PollFetches(soon(t))
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if PartitionOf(r.Key, 3) != int(r.Partition) {
				t.Errorf("%q is on partition %d", r.Key, r.Partition)
			}
			if r.Topic == c.Topics.Commands {
				commands++
				return
			}
			decisions++
			if h := headersOf(r); h["ce_type"] != "session.decision" || h["ce_specversion"] != "1.0" || !strings.Contains(string(r.Value), `"id":"`+h["ce_id"]+`"`) {
				t.Errorf("decision with headers %v", h)
			}
		})
	}
}

func headersOf(r *kgo.Record) map[string]string {
	h := map[string]string{}
	for _, header := range r.Headers {
		h[header.Key] = string(header.Value)
	}
	return h
}

// expected judges the log of events without Kafka's help and gives the decisions that must be there.
func expected(t *testing.T, c *Cluster) []string {
	t.Helper()
	decisions, _ := rejudge(t, c, c.Topics.Events)
	return decisions
}

// rejudge judges the log of a stage's input without Kafka's help and gives what the stage must have brought: decisions, and what it tells
// the other.
func rejudge(t *testing.T, c *Cluster, input string) (decisions, told []string) {
	t.Helper()
	judges, taken := map[int]judge{}, map[int]origins{}
	set := ruleset(t, "1", 40)
	eachRecord(t, c, input, func(p int, r *Record) {
		if judges[p] == nil {
			judges[p], taken[p] = countingIn(detector.FirstStage)(set, nil, 3), origins{} // what it tells is compared without its type
		}
		if taken[p].again(r) {
			return
		}
		_, out, err := judges[p].Process(cloudevents.Message{Value: r.Value}, detector.Record{Partition: int32(p), Offset: r.Offset, TimeMS: r.TimeMS, Key: string(r.Key)})
		if err != nil {
			t.Fatal(err)
		}
		for i := range out.Decisions {
			decisions = append(decisions, string(detector.AppendDecision(nil, &out.Decisions[i], nil)))
		}
		for i := range out.Observations {
			told = append(told, string(cloudevents.AppendEvent(nil, &out.Observations[i])))
		}
	})
	return unique(decisions), unique(told)
}

// childVariable makes the test binary a detector: it holds brokers and topic prefix.
const childVariable = "SESSIONGUARD_TEST_DETECTOR"

func TestMain(m *testing.M) {
	if settings := os.Getenv(childVariable); settings != "" {
		child(settings)
		return
	}
	os.Exit(m.Run())
}

// child runs both stages until it is killed.
func child(settings string) {
	addr, prefix, _ := strings.Cut(settings, " ")
	c, err := Connect(Settings{Brokers: []string{addr}, TopicPrefix: prefix}, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		panic(err)
	}
	text := `version: 1
revision: "1"
rules:
  - id: impossible-travel
    score: 40
    evidence: network
    detector: impossible_travel
`
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: []byte(text)}}, detector.Language(), rules.Options{})
	if set == nil {
		panic(problems)
	}
	for which, group := range map[detector.Stage]string{detector.FirstStage: "test", detector.SecondStage: "test-observe"} {
		s, err := NewStage(c, StageConfig{Group: group, SessionTimeout: time.Second, CheckpointInterval: 10 * time.Millisecond, Log: c.log,
			Engine: detector.Config{Stage: which}, Current: func() (*rules.Set, *geo.Databases) { return set, nil }})
		if err != nil {
			panic(err)
		}
		s.judges = countingIn(which)
		go func() { panic(s.Run(context.Background())) }()
	}
	select {}
}

// killed publishes while detectors run and are killed, and compares with one that was left alone.
func killed(t *testing.T, c *Cluster, addr string) {
	published := 0
	for round := range 4 {
		detector := exec.Command(os.Args[0])
		detector.Env = append(os.Environ(), childVariable+"="+addr+" "+prefixOf(t))
		var said bytes.Buffer
		detector.Stderr = &said
		if err := detector.Start(); err != nil {
			t.Fatal(err)
		}
		before := len(readAll(t, c, c.Topics.Decisions))
		for range 5 {
			publish(t, c, published, 400)
			published += 400
		}
		// Each round ends at another depth into its events.
		until(t, soon(t), "the detector decides", func() bool {
			return len(readAll(t, c, c.Topics.Decisions)) > before+(round+1)*100
		})
		if err := detector.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		detector.Wait()
		t.Logf("detector %d:\n%s", round, said.String())
	}
	for _, which := range []func(*StageConfig){idle, second, idle} {
		runToEnd(t, countingStage(t, c, func(cfg *StageConfig) { which(cfg); cfg.Group = groupOf(cfg) }))
	}
	decisions, observations := rejudge(t, c, c.Topics.Events)
	more, verdicts := rejudge(t, c, c.Topics.Observations)
	wantSet(t, "decisions", readAll(t, c, c.Topics.Decisions), unique(append(decisions, more...)))
	wantSet(t, "observations", readAll(t, c, c.Topics.Observations), observations)
	wantSet(t, "verdicts", slices.DeleteFunc(readAll(t, c, c.Topics.Events), func(s string) bool { return strings.HasPrefix(s, "event ") }), verdicts)
}

// wantSet demands a set of records, repeated or not.
func wantSet(t *testing.T, what string, got, want []string) {
	t.Helper()
	different := unique(slices.Clone(got))
	t.Logf("%s: %d published, %d different", what, len(got), len(different))
	if !slices.Equal(different, want) || len(want) == 0 {
		t.Errorf("%s: %d different, an undisturbed run has %d", what, len(different), len(want))
	}
}

func refuses(t *testing.T, c *Cluster) {
	publish(t, c, 0, 300)
	runToEnd(t, countingStage(t, c, idle))
	resetOffset(t, c, 1, 5)
	wantStop(t, stops(t, countingStage(t, c, idle)), "partition 1 of", "offset 5", "no snapshot", "--bootstrap manifest", "--bootstrap cold")
}

// handOver lets a second member take partitions from a running one and give them back.
func handOver(t *testing.T, c *Cluster, which func(*StageConfig)) {
	first, second := countingStage(t, c, which), countingStage(t, c, which)
	publishTo(t, c, first.input(), 0, 500)
	ctx := soon(t)
	start(t, first)
	owns := func(s *Stage, n int) func() bool {
		return func() bool {
			caught := 0
			for _, p := range s.Status() {
				if p.State == Running && p.Next == p.End && p.Next > 0 {
					caught++
				}
			}
			return caught == n
		}
	}
	until(t, ctx, "the first member has all partitions", owns(first, 3))
	publishTo(t, c, first.input(), 500, 500)
	leave := start(t, second)
	until(t, ctx, "both members have some", func() bool {
		return len(first.Status()) > 0 && len(second.Status()) > 0 && len(first.Status())+len(second.Status()) == 3
	})
	publishTo(t, c, first.input(), 1000, 500)
	leave()
	until(t, ctx, "the first member has all partitions again", owns(first, 3))
	decisions, told := rejudge(t, c, first.input())
	want := unique(append(decisions, told...))
	until(t, ctx, "all is decided and told", func() bool { return len(brought(t, first)) == len(want) })
	if got := brought(t, first); !slices.Equal(got, want) {
		t.Errorf("%d different decisions and observations, want %d", len(got), len(want))
	}
	if n := first.FencedCommits() + second.FencedCommits(); n != 0 {
		t.Errorf("%d commits were fenced although everybody left in order", n)
	}
}

func freshBroker(t *testing.T, addr string) {
	var said bytes.Buffer
	c, err := Connect(Settings{Brokers: []string{addr}, TopicPrefix: prefixOf(t)}, slog.New(slog.NewTextHandler(io.MultiWriter(&said, t.Output()), &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, _, err := c.ApplyTopics(soon(t), Plan{Partitions: 3, ReplicationFactor: 1}); err != nil {
		t.Fatal(err)
	}
	publish(t, c, 0, 100)
	runToEnd(t, countingStage(t, c, idle))
	if !strings.Contains(said.String(), "[15]") {
		t.Error("the coordinator was there at once; this proves nothing")
	}
	if strings.Contains(said.String(), "level=WARN") {
		t.Error("an everyday answer was made a warning of")
	}
}

func judgesAsUser(t *testing.T, s Settings) {
	c := applied(t, s)
	publish(t, c, 0, 300)
	runToEnd(t, countingStage(t, c, idle))
	if got, want := unique(readAll(t, c, c.Topics.Decisions)), expected(t, c); !slices.Equal(got, want) {
		t.Errorf("%d decisions, want %d", len(got), len(want))
	}
}

func wantUnreachable(t *testing.T, s Settings, word string) {
	t.Helper()
	c, err := Connect(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Reach(soon(t)); err == nil || !strings.Contains(fmt.Sprint(err), word) {
		t.Errorf("got %v, want an error that speaks of %q", err, word)
	}
}
