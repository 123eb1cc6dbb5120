package main

import (
	"bytes"
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/internal/realkafka"
)

// What the README shows: run --embedded, published to and read from by Kafka's own console tools.
func TestEmbeddedServiceWithKafkasConsoleTools(t *testing.T) {
	const (
		producer = "org.apache.kafka.tools.ConsoleProducer"
		consumer = "org.apache.kafka.tools.consumer.ConsoleConsumer"
		agent    = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
	)
	realkafka.Needs(t)
	broker := freeAddress(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan int)
	var log bytes.Buffer
	go func() {
		done <- run(ctx, []string{"run", "--embedded", "--data", filepath.Join(t.TempDir(), "data"), "--embedded-listen", broker,
			"--listen", "127.0.0.1:0", "--rules", rulesFile}, streams{in: strings.NewReader(""), out: &log, err: &log}, nil)
	}()
	defer func() {
		cancel()
		if code := <-done; code != 0 || t.Failed() {
			t.Errorf("run ended with exit %d\n%s", code, log.String())
		}
	}()

	event := func(id, at, agent string) string {
		return "u-4711\t" + `{"specversion":"1.0","id":"` + id + `","source":"/apps/retail-web","type":"session.presented","time":"2026-11-22T` + at +
			`Z","data":{"session":{"id":"ses_7Yk2Qm9x","kind":"browser"},"user":{"id":"u-4711"},"client":{"ip":"89.160.20.112","user_agent":"` + agent + `"}}}` + "\n"
	}
	lines := event("1", "09:30:00", agent) + event("2", "09:31:00", "curl/8.5.0") + "u-4711\tno event\n"
	realkafka.Tool(t, lines, producer, "--bootstrap-server", broker, "--topic", "session.events", "--reader-property", "parse.key=true")
	for topic, want := range map[string]string{
		"session.commands":    `"action":"require_reauth"`,
		"session.decisions":   `"scripted-client"`,
		"session.dead-letter": "no event",
	} {
		got := realkafka.Tool(t, "", consumer, "--bootstrap-server", broker, "--topic", topic, "--from-beginning", "--max-messages", "1", "--timeout-ms", "30000")
		if !strings.Contains(got, want) {
			t.Errorf("%s holds %q, want %s", topic, got, want)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
