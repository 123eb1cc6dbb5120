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
	t.Run("kill -9 loses and invents nothing", func(t *testing.T) { killed(t, prefixed(t, addr), addr) })
	t.Run("an offset without its snapshot refuses", func(t *testing.T) { refuses(t, prefixed(t, addr)) })
	t.Run("two members share and hand over", func(t *testing.T) { handOver(t, prefixed(t, addr)) })
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
	var want []string
	set := ruleset(t, "1", 40)
	for p := range 3 {
		j := newCounting(set, nil, 3)
		s := &snapshots{cluster: c, topic: c.Topics.Events, partition: p}
		first, end, err := s.bounds(soon(t))
		if err != nil {
			t.Fatal(err)
		}
		err = s.scan(soon(t), first, end, func(r *Record) error {
			_, out, err := j.Process(cloudevents.Message{Value: r.Value}, detector.Record{Partition: int32(p), Offset: r.Offset, Key: string(r.Key)})
			for i := range out.Decisions {
				want = append(want, string(detector.AppendDecision(nil, &out.Decisions[i], nil)))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return unique(want)
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

// child runs a detector until it is killed.
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
	s, err := NewStage(c, StageConfig{Group: "test", SessionTimeout: time.Second, CheckpointInterval: 10 * time.Millisecond, Log: c.log,
		Current: func() (*rules.Set, *geo.Databases) { return set, nil }})
	if err != nil {
		panic(err)
	}
	s.judges = newCounting
	panic(s.Run(context.Background()))
}

// killed publishes while detectors run and are killed, and compares with a detector that was left alone.
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
	runToEnd(t, countingStage(t, c, idle))
	want, got := expected(t, c), readAll(t, c, c.Topics.Decisions)
	t.Logf("%d decisions published, %d different", len(got), len(want))
	if !slices.Equal(unique(got), want) {
		t.Errorf("%d different decisions, an undisturbed run has %d", len(unique(got)), len(want))
	}
}

func refuses(t *testing.T, c *Cluster) {
	publish(t, c, 0, 300)
	runToEnd(t, countingStage(t, c, idle))
	resetOffset(t, c, 1, 5)
	wantStop(t, stops(t, countingStage(t, c, idle)), "partition 1 of", "offset 5", "no snapshot", "--bootstrap manifest", "--bootstrap cold")
}

// handOver lets a second member take partitions from a running one and give them back.
func handOver(t *testing.T, c *Cluster) {
	publish(t, c, 0, 500)
	first, second := countingStage(t, c, nil), countingStage(t, c, nil)
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
	publish(t, c, 500, 500)
	leave := start(t, second)
	until(t, ctx, "both members have some", func() bool {
		return len(first.Status()) > 0 && len(second.Status()) > 0 && len(first.Status())+len(second.Status()) == 3
	})
	publish(t, c, 1000, 500)
	leave()
	until(t, ctx, "the first member has all partitions again", owns(first, 3))
	want := expected(t, c)
	until(t, ctx, "all is decided", func() bool { return len(unique(readAll(t, c, c.Topics.Decisions))) == len(want) })
	if got := readAll(t, c, c.Topics.Decisions); !slices.Equal(unique(slices.Clone(got)), want) {
		t.Errorf("%d different decisions, want %d", len(unique(got)), len(want))
	} else if len(got) != len(want) {
		t.Logf("%d of %d decisions were published twice", len(got)-len(want), len(want))
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
