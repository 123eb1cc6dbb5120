package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/internal/bank"
	"github.com/sessionguard/sessionguard/internal/broker"
	"github.com/sessionguard/sessionguard/internal/chdb"
	"github.com/sessionguard/sessionguard/internal/realkafka"
	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/open"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The suite runs on the in-process broker with SQLite in every `go test`, and on Apache Kafka with the ClickHouse engine where
// .ci/kafka and .ci/clickhouse installed them. The publisher and the reader of decisions are a Kafka client that is not ours.

func TestServiceOnEmbeddedParts(t *testing.T) {
	b, err := broker.Start(broker.Config{MinSessionTimeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	serviceSuite(t, b.Addr, "sqlite:"+filepath.Join(t.TempDir(), "archive.db"))
}

func TestServiceOnRealParts(t *testing.T) {
	k := realkafka.Start(t)
	engine, err := chdb.Open(t.TempDir())
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(engine.Close)
	front, err := chdb.Serve(engine, "127.0.0.1:0", chdb.Faults{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(front.Close)
	serviceSuite(t, k.Plain, "clickhouse://default@"+front.Addr+"/default")
}

const testPartitions = 4

func serviceSuite(t *testing.T, brokers, archiveURL string) {
	world := newTestWorld(t)
	t.Run("run --until-idle decides as replay does, and archives all", func(t *testing.T) {
		topics := madeTopics(t, brokers, "whole.")
		publishWorld(t, brokers, "whole.", world.events)
		program(t, 0, "migrate", "apply", "--archive", archiveURL)
		program(t, 0, "migrate", "check", "--archive", archiveURL)
		program(t, 0, world.runArgs(brokers, "whole.", "--archive", archiveURL, "--session-key", "k", "--until-idle")...)
		decisions := read(t, brokers, topics.decisions)
		wantAgreement(t, distinct(t, decisions), world.replayed)
		wantCommands(t, read(t, brokers, topics.commands))
		verdicts := len(read(t, brokers, topics.events)) - len(world.events)
		if verdicts == 0 {
			t.Error("the second stage gave no verdict")
		}
		wantArchived(t, archiveURL, topics.events, len(world.events)+verdicts)
		wantArchived(t, archiveURL, topics.decisions, len(decisions))
	})
	t.Run("kill -9 in the middle changes nothing but repeats", func(t *testing.T) {
		topics := madeTopics(t, brokers, "killed.")
		half := len(world.events) / 2
		publishWorld(t, brokers, "killed.", world.events[:half])
		killed := startProgram(t, world.runArgs(brokers, "killed.", "--checkpoint-interval", "100ms")...)
		waitForRecord(t, brokers, topics.decisions)
		killed()
		publishWorld(t, brokers, "killed.", world.events[half:])
		// The stages go on in processes of their own.
		for _, role := range []string{"detect", "observe", "detect"} {
			program(t, 0, world.runArgs(brokers, "killed.", "--until-idle", "--roles", role)...)
		}
		wantAgreement(t, distinct(t, read(t, brokers, topics.decisions)), world.replayed)
	})
}

// testWorld is a synthetic bank's events with its databases, and what replay decides on them.
type testWorld struct {
	events   []bank.Published
	file     string   // of the events, a line each
	geoip    []string // flags
	replayed []string
}

func newTestWorld(t *testing.T) *testWorld {
	// Yesterday afternoon: Kafka refuses records from the future, and deletes those that are older than a topic's retention.
	yesterday := time.Now().UTC().Truncate(24 * time.Hour).Add(-9 * time.Hour)
	cfg := bank.Config{Users: 300, For: 2 * time.Hour, Seed: 11, Start: yesterday}
	for _, k := range bank.AttackKinds() {
		cfg.Attacks[k] = 2
	}
	cfg.Attacks[bank.SessionIDGuessing] = 1 // for the second stage; with this seed from one address, so that its tries keep their order
	world, err := bank.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := &testWorld{}
	var file bytes.Buffer
	for p, more := world.Next(); more; p, more = world.Next() {
		w.events = append(w.events, p)
		file.Write(append(p.JSON, '\n'))
	}
	db, err := world.Internet().WriteDatabases(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w.geoip = []string{"--geoip-city", db.City, "--geoip-asn", db.ASN, "--geoip-anonymous", db.Anonymous, "--geoip-connection-type", db.ConnectionType}
	events := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(events, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	w.file = events
	out := program(t, 0, append([]string{"replay", "--rules", rulesFile, "--events", events, "--partitions", fmt.Sprint(testPartitions)}, w.geoip...)...)
	w.replayed = distinct(t, strings.Split(strings.TrimSpace(out), "\n"))
	if !strings.Contains(out, `"session-id-guessing"`) {
		t.Fatal("the test world brings no verdict of the second stage")
	}
	if len(w.replayed) < 10 {
		t.Fatalf("the test world brings only %d decisions: it shows nothing", len(w.replayed))
	}
	return w
}

const rulesFile = "../../rules.yaml"

func (w *testWorld) runArgs(brokers, prefix string, more ...string) []string {
	args := []string{"run", "--rules", rulesFile, "--brokers", brokers, "--topic-prefix", prefix, "--group", prefix + "test",
		"--session-timeout", "6s", "--listen", "127.0.0.1:0"}
	return slices.Concat(args, w.geoip, more)
}

// program runs the program in this process and gives its stdout.
func program(t *testing.T, want int, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var out, diagnostics bytes.Buffer
	if code := run(ctx, args, streams{in: strings.NewReader(""), out: &out, err: &diagnostics}, nil); code != want {
		t.Fatalf("sessionguard %s: exit %d, want %d\n%s%s", args[0], code, want, out.String(), diagnostics.String())
	}
	if ctx.Err() != nil {
		t.Fatalf("sessionguard %s did not end by itself\n%s", args[0], diagnostics.String())
	}
	return out.String()
}

// startProgram starts the program as a process of its own and gives what kills it.
func startProgram(t *testing.T, args ...string) (kill func()) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "sessionguard")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	cmd := exec.Command(binary, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, envPrefix) }) // what names real parts is no setting
	var diagnostics bytes.Buffer
	cmd.Stderr = &diagnostics
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it is dead, unless the test failed before
		if t.Failed() {
			t.Log(diagnostics.String())
		}
	})
	return func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed is how it ends
	}
}

type topicNames struct{ events, decisions, commands string }

// madeTopics makes topics with the program, which then finds nothing to do.
func madeTopics(t *testing.T, brokers, prefix string) topicNames {
	t.Helper()
	args := []string{"--brokers", brokers, "--topic-prefix", prefix, "--partitions", fmt.Sprint(testPartitions), "--replication-factor", "1"}
	program(t, 1, append([]string{"topics", "check"}, args...)...)
	made := program(t, 0, append([]string{"topics", "apply"}, args...)...)
	if want := fmt.Sprintf("made: %ssession.events: %d partitions, replication factor 1, ", prefix, testPartitions); !strings.Contains(made, want) {
		t.Errorf("topics apply says\n%swithout %q", made, want)
	}
	program(t, 0, append([]string{"topics", "check"}, args...)...)
	return topicNames{prefix + "session.events", prefix + "session.decisions", prefix + "session.commands"}
}

// publishWorld publishes events as a bank's app would, with a client that is not ours. A record has its event's time.
func publishWorld(t *testing.T, brokers, prefix string, events []bank.Published) {
	t.Helper()
	client := newClient(t, brokers)
	records := make([]*kgo.Record, len(events))
	for i, e := range events {
		records[i] = &kgo.Record{Topic: prefix + "session.events", Key: []byte(e.Key), Value: e.JSON, Timestamp: time.UnixMilli(e.TimeMS)}
	}
	if err := client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func newClient(t *testing.T, brokers string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(brokers))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// read gives the values of all records that a topic of testPartitions partitions has now.
func read(t *testing.T, brokers, topic string) []string {
	t.Helper()
	return readTopic(t, brokers, topic, testPartitions)
}

func readTopic(t *testing.T, brokers, topic string, partitions int) []string {
	t.Helper()
	client := newClient(t, brokers, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer client.Close()
	var values []string
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for want := recordsOf(t, client, topic, partitions); len(values) < want; {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("read %d of %d records of %s in a minute", len(values), want, topic)
		}
		fetches.EachRecord(func(r *kgo.Record) { values = append(values, string(r.Value)) })
	}
	return values
}

// recordsOf asks the broker how many records a topic has.
func recordsOf(t *testing.T, client *kgo.Client, topic string, partitions int) (n int) {
	t.Helper()
	const latest = -1
	req := kmsg.NewListOffsetsRequest()
	ask := kmsg.NewListOffsetsRequestTopic()
	ask.Topic = topic
	for p := range int32(partitions) {
		partition := kmsg.NewListOffsetsRequestTopicPartition()
		partition.Partition, partition.Timestamp = p, latest
		ask.Partitions = append(ask.Partitions, partition)
	}
	req.Topics = append(req.Topics, ask)
	resp, err := req.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range resp.Topics[0].Partitions {
		if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
			t.Fatal(err)
		}
		n += int(p.Offset)
	}
	return n
}

// distinct gives decisions without repeated ids, as event, session, action, score and rules, sorted: ids differ with the topic.
func distinct(t *testing.T, decisions []string) []string {
	t.Helper()
	byID := map[string]string{}
	for _, text := range decisions {
		var d struct {
			decisionLine
			ID string `json:"id"`
		}
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatalf("decision %q: %v", text, err)
		}
		line := fmt.Sprint(d.EventID, " ", d.SessionID, " ", d.Action, " ", d.Score, " ", d.Rules)
		if before, repeated := byID[d.ID]; repeated && before != line {
			t.Errorf("decision %s came as %q and as %q", d.ID, before, line)
		}
		byID[d.ID] = line
	}
	list := make([]string, 0, len(byID))
	for _, line := range byID {
		list = append(list, line)
	}
	slices.Sort(list)
	return list
}

// late are the rules whose verdicts concern a session. From a full log they come when all its events were judged, in replay at once: from then on
// the session's decisions differ.
var late = []string{"session-shared-by-users", "session-fixation", "token-reuse", "fleet-takeover"}

// wantAgreement demands the same decisions, but about sessions of which a verdict may have come late: these must be answered all the same.
func wantAgreement(t *testing.T, got, want []string) {
	t.Helper()
	told, answered := map[string]bool{}, [2]map[string]bool{{}, {}}
	for i, list := range [][]string{got, want} {
		for _, line := range list {
			answered[i][sessionIn(line)] = true
			if slices.ContainsFunc(late, func(rule string) bool { return strings.Contains(line, "{"+rule+" ") }) {
				told[sessionIn(line)] = true
			}
		}
	}
	for session := range told {
		if !answered[0][session] || !answered[1][session] {
			t.Errorf("session %s is answered by run %v, by replay %v", session, answered[0][session], answered[1][session])
		}
	}
	others := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(line string) bool { return told[sessionIn(line)] })
	}
	t.Logf("%d decisions, %d sessions of which a verdict may come late", len(want), len(told))
	wantSame(t, "decisions", others(got), others(want))
}

// sessionIn reads the session of a line that distinct made.
func sessionIn(line string) string { return strings.SplitN(line, " ", 3)[1] }

func wantSame(t *testing.T, what string, got, want []string) {
	t.Helper()
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("%s: missing %s", what, line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("%s: not expected %s", what, line)
		}
	}
}

// wantCommands demands that there are commands and that each is a structured-mode CloudEvent.
func wantCommands(t *testing.T, commands []string) {
	t.Helper()
	if len(commands) == 0 {
		t.Error("no command was published")
	}
	for _, text := range commands {
		var c struct{ Type, SpecVersion string }
		if err := json.Unmarshal([]byte(text), &c); err != nil || c.Type != "session.command" || c.SpecVersion != "1.0" {
			t.Errorf("command %q: %v", text, err)
		}
	}
}

// wantArchived demands that the archive has every record of a topic, none missing and none twice.
func wantArchived(t *testing.T, url, topic string, want int) {
	t.Helper()
	a, err := open.Archive(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	spans, err := a.Completeness(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for _, s := range spans {
		got += int(s.Records)
		if !s.Complete() || s.Rejected > 0 {
			t.Errorf("%s: partition %d is archived as %+v", topic, s.Partition, s)
		}
	}
	if got != want {
		t.Errorf("%s: %d records are archived, want %d", topic, got, want)
	}
	rows := 0
	for _, err := range a.Decisions(t.Context(), storage.DecisionFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		rows++
	}
	if rows == 0 {
		t.Error("the archive shows no decision")
	}
}

// waitForRecord waits until a topic has a record.
func waitForRecord(t *testing.T, brokers, topic string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := newClient(t, brokers, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer client.Close()
	if client.PollFetches(ctx).NumRecords() == 0 {
		t.Fatalf("waited a minute for a record in %s", topic)
	}
}
