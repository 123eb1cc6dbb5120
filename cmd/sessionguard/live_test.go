package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/broker"
)

// living is the program at work in this process, until its test ends.
type living struct {
	t    *testing.T
	log  *safeBuffer
	stop func()
	over chan struct{} // closed when the program ended
}

// safeBuffer is a buffer that one goroutine writes and another reads.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// alive starts the service on a broker with rules from a file.
func alive(t *testing.T, b *broker.Broker, rules string, more ...string) *living {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &living{t: t, log: &safeBuffer{}, over: make(chan struct{})}
	go func() {
		defer close(l.over)
		run(ctx, append([]string{"run", "--brokers", b.Addr, "--rules", rules, "--listen", "127.0.0.1:0", "--checkpoint-interval", "100ms"}, more...),
			streams{in: strings.NewReader(""), out: l.log, err: l.log}, nil)
	}()
	l.stop = sync.OnceFunc(func() { cancel(); <-l.over })
	t.Cleanup(l.stop)
	return l
}

// logs waits for a line of the log.
func (l *living) logs(pattern string) []string {
	l.t.Helper()
	var found []string
	l.until("the log has "+pattern, func() bool {
		found = regexp.MustCompile(pattern).FindStringSubmatch(l.log.String())
		return found != nil
	})
	return found
}

// ready gives the answer of /readyz.
func (l *living) ready() readiness {
	l.t.Helper()
	answer, err := http.Get(l.logs(`address=(http://\S+)`)[1] + "/readyz")
	if err != nil {
		l.t.Fatal(err)
	}
	defer answer.Body.Close()
	var state readiness
	if err := json.NewDecoder(answer.Body).Decode(&state); err != nil {
		l.t.Fatal(err)
	}
	return state
}

func (l *living) until(what string, met func() bool) {
	l.t.Helper()
	limit := time.After(20 * time.Second)
	for !met() {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-l.over:
			l.t.Fatalf("the program ended before %s\n%s", what, l.log)
		case <-limit:
			l.t.Fatalf("waited in vain until %s\n%s", what, l.log)
		}
	}
}

// degraded waits until /readyz shows exactly these beside the missing geography.
func (l *living) degraded(want ...string) {
	l.t.Helper()
	var got []string
	l.until("readyz shows "+strings.Join(want, " | "), func() bool {
		got = slices.DeleteFunc(l.ready().Degraded, func(what string) bool { return strings.HasPrefix(what, "no geography") })
		return slices.Equal(got, want)
	})
}

func embeddedBroker(t *testing.T) *broker.Broker {
	t.Helper()
	b, err := broker.Start(broker.Config{Topics: kafka.TopicNames("").All(), Partitions: 1, MinSessionTimeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// liveRules gives rules of a revision, with a test that expects a score.
func liveRules(revision, mode, score string) string {
	return `version: 1
` + revision + `
policy:
  ladder:
    require_reauth: {score: 40}
rules:
  - id: scripted-client
    title: A program where a person was
    mode: ` + mode + `
    score: 80
    evidence: client
    detector: scripted_client
    tests:
      - name: fires
        events:
          - {at: 0s, ip: 203.0.113.7, user_agent: "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36"}
          - {at: 1m, ip: 203.0.113.7, user_agent: "curl/8.5.0"}
        expect: {fires: [2], score: ` + score + `}
`
}

func writeRules(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestOlderRevisionIsNotTakenAndSaysSo(t *testing.T) {
	b, path := embeddedBroker(t), filepath.Join(t.TempDir(), "rules.yaml")
	writeRules(t, path, liveRules(`revision: "2"`, "shadow", "0"))
	l := alive(t, b, path)
	l.until("partition 0 is ready", func() bool { return l.ready().Ready })
	l.degraded()

	older := path + ` has revision "1", which is older than the one in force, "2" (partitions 0): it is not taken; to bring it in, or to go back to it, give it a higher revision`
	writeRules(t, path, liveRules(`revision: "1"`, "shadow", "0"))
	l.degraded(older)
	l.logs(`rules changed; not taken: their revision is older than the one in force`)
	l.logs(`level=WARN msg=degraded what=".*is not taken`)
	if state := l.ready(); state.Partitions[0].Revision != "2" {
		t.Errorf("readyz shows %+v, want revision 2 in force", state.Partitions)
	}
	if strings.Contains(l.log.String(), "adopted at the next checkpoint") {
		t.Errorf("the log says that the older rules will be adopted:\n%s", l.log)
	}

	writeRules(t, path, liveRules("", "shadow", "0"))
	none := path + ` has no revision, and that in force is "2" (partitions 0): it is not taken; to bring it in, or to go back to it, give it a higher revision`
	l.degraded(none)
	l.stop()

	l = alive(t, b, path) // a start with an older file says the same
	l.degraded(none)

	writeRules(t, path, liveRules(`revision: "3"`, "shadow", "0"))
	l.degraded()
	l.logs(`level=INFO msg="no longer degraded" what=".*is not taken`)
	l.until("revision 3 is in force", func() bool { return l.ready().Partitions[0].Revision == "3" })
}

func TestFailingRuleTestsGoLiveLoudly(t *testing.T) {
	b, path := embeddedBroker(t), filepath.Join(t.TempDir(), "rules.yaml")
	writeRules(t, path, liveRules(`revision: "1"`, "enforce", "79"))
	l := alive(t, b, path)
	failing := "the rules are taken although tests of theirs fail (1 of 1), the first at " + path + ":18:17: scripted-client / fires: expected: score 79; got: 80"
	untested := "the rules are taken although enforced ones lack tests (1), the first at " + path + ":7:9: the enforced rule scripted-client has 1 firing test and 0 silent tests; it needs at least 1 and 1"
	l.degraded(failing, untested)
	l.logs(`level=WARN msg=degraded what=".*tests of theirs fail`)
	l.logs(`level=WARN msg=degraded what=".*lack tests`)

	writeRules(t, path, liveRules(`revision: "2"`, "shadow", "0"))
	l.degraded()
	writeRules(t, path, liveRules(`revision: "3"`, "shadow", "9"))
	l.logs(`level=WARN msg=degraded what=".*score 9; got`)
	l.until("revision 3 is in force all the same", func() bool { return l.ready().Partitions[0].Revision == "3" })
}

func TestBrokenRulesFileSaysHowMuchIsBroken(t *testing.T) {
	b, path := embeddedBroker(t), filepath.Join(t.TempDir(), "rules.yaml")
	writeRules(t, path, liveRules(`revision: "1"`, "shadow", "0"))
	l := alive(t, b, path)
	l.degraded()
	writeRules(t, path, liveRules("revison: 2", "sometimes", "80"))
	l.logs(`rules are broken; the last good ones stay in force.*, and 1 more error: sessionguard check lists them`)
	if state := l.ready(); !strings.Contains(strings.Join(state.Degraded, "\n"), "and 1 more error") {
		t.Errorf("readyz shows %q", state.Degraded)
	}
}

func TestMemberWithoutPartitionIsReady(t *testing.T) {
	b := embeddedBroker(t)
	first, second := alive(t, b, rulesFile), alive(t, b, rulesFile)
	first.until("one of two members owns the only partition of each stage, and both are ready", func() bool {
		a, b := first.ready(), second.ready()
		return a.Ready && b.Ready && len(a.Partitions)+len(b.Partitions) == 2
	})
}

func TestSIGUSR1LogsPartitions(t *testing.T) {
	l := alive(t, embeddedBroker(t), rulesFile)
	l.until("the partition is ready", func() bool { return l.ready().Ready })
	if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	l.logs(`msg=partition partition=0 state=running lag=0 checkpoint_age=\S+ revision=\S+ ruleset=sha256:`)
}
