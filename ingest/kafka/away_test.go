package kafka

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/internal/broker"
)

// heard is a log that a test reads while others write.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(b)
}

func (h *heard) count(words string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Count(h.text.String(), words)
}

// The broker is there, goes away in the middle, and comes back with what it had.
func TestBrokerThatGoesAwayIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	node := func(listen string) *broker.Broker {
		b, err := broker.Start(broker.Config{Listen: listen, Dir: dir, Topics: TopicNames("").All(), Partitions: 3, MinSessionTimeout: 100 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Close)
		return b
	}
	b := node("")
	said := &heard{}
	c, err := Connect(Settings{Brokers: []string{b.Addr}}, slog.New(slog.NewTextHandler(io.MultiWriter(said, t.Output()), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	publish(t, c, 0, 300)
	s := countingStage(t, c, nil)
	stop := start(t, s)
	judged := func(n uint64) func() bool {
		return func() bool {
			records := uint64(0)
			for _, p := range s.Status() {
				records += p.Records
			}
			return records == n
		}
	}
	until(t, soon(t), "the first events are judged", judged(300))
	b.Close()
	until(t, soon(t), "people are told", func() bool { return c.Away() && said.count("Kafka does not answer") > 0 })
	if stuck := s.Stuck(0); len(stuck) != 0 {
		t.Errorf("partitions %v are called stuck while the broker is away", stuck)
	}
	node(b.Addr)
	publish(t, c, 300, 300)
	want := 0
	for range expected(t, c) {
		want++
	}
	until(t, soon(t), "everything is decided", func() bool { return len(unique(readAll(t, c, c.Topics.Decisions))) == want })
	until(t, soon(t), "people are told that it is back", func() bool { return !c.Away() && said.count("Kafka answers again") > 0 })
	stop()
	if n := said.count("Kafka does not answer"); n != 1 {
		t.Errorf("people were told %d times that the broker is away", n)
	}
}
