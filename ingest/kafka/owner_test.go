package kafka

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

func TestDeadLetterKeepsTheBytesAndSaysWhy(t *testing.T) {
	c, _ := onKfake(t, 1)
	big := strings.Repeat("x", 1000<<10)
	if err := c.Publish(soon(t), c.Topics.Events, []Message{
		{Key: []byte("u-1"), Value: []byte("bad \x00\xff bytes"), Headers: []cloudevents.Header{{Key: "ce_id", Value: []byte("7")}}},
		{Key: []byte("u-1"), Value: []byte("panic at the secret")},
		{Key: []byte("u-1"), Value: []byte("bad" + big)},
		{Key: []byte("u-1"), Value: []byte("good")},
	}); err != nil {
		t.Fatal(err)
	}
	s := countingStage(t, c, idle)
	runToEnd(t, s)
	if p := s.Status()[0]; p.Records != 4 || p.DeadLetters != 3 {
		t.Errorf("judged %d with %d dead letters", p.Records, p.DeadLetters)
	}
	var got []string
	letters := &snapshots{cluster: c, topic: c.Topics.DeadLetter}
	if err := letters.scan(soon(t), 0, 3, func(r *Record) error {
		var headers []string
		for _, h := range r.Headers {
			headers = append(headers, h.Key+"="+string(h.Value))
		}
		got = append(got, fmt.Sprintf("%s: %.20q (%d bytes) %s", r.Key, r.Value, len(r.Value), strings.Join(headers, " ")))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`u-1: "bad \x00\xff bytes" (12 bytes) reason=not_json detail=not JSON at byte 0 topic=session.events partition=0 offset=0 build=v0-test ce_id=7`,
		`u-1: "panic at the secret" (19 bytes) reason=panic detail=judging failed topic=session.events partition=0 offset=1 build=v0-test`,
		`u-1: "badxxxxxxxxxxxxxxxxx" (819200 bytes) reason=not_json detail=not JSON at byte 0 topic=session.events partition=0 offset=2 build=v0-test cut_from_bytes=1024003`,
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Errorf("dead letter %d is\n%v, want\n%s", i, got, want[i])
		}
	}
}

func TestMostlyDeadLettersStopThePartition(t *testing.T) {
	c, _ := onKfake(t, 1)
	var list []Message
	for i := range 2000 {
		text := "good"
		if i >= 1000 && i%10 == 0 { // 10 % of the second thousand
			text = "bad"
		}
		list = append(list, Message{Key: []byte("u-1"), Value: []byte(text)})
	}
	if err := c.Publish(soon(t), c.Topics.Events, list); err != nil {
		t.Fatal(err)
	}
	s := countingStage(t, c, idle)
	wantStop(t, stops(t, s), "more than 50 of the last 1000 events were dead letters")
	if p := s.Status()[0]; p.State != Stopped {
		t.Errorf("partition is %s", p.State)
	}
	again := countingStage(t, c, idle) // a person mended the publisher: judging goes on behind what was set aside
	runToEnd(t, again)
	if p := again.Status()[0]; p.State != Finished || p.Records == 0 || p.Records >= 2000 {
		t.Errorf("after a start: %+v", p)
	}
	if got := len(readAll(t, c, c.Topics.DeadLetter)); got != 100 {
		t.Errorf("%d dead letters, want each of the 100 once", got)
	}
}

func TestMisroutedEventsAreJudgedAndCounted(t *testing.T) {
	c, _ := onKfake(t, 3)
	key := []byte("user-1")
	wrong := (PartitionOf(key, 3) + 1) % 3
	if _, _, err := c.append(soon(t), c.Topics.Events, wrong, 0, []Message{{Key: key, Value: []byte("a")}, {Value: []byte("b")}}); err != nil {
		t.Fatal(err)
	}
	s := countingStage(t, c, idle)
	runToEnd(t, s)
	if p := s.Status()[wrong]; p.Misrouted != 2 || p.Records != 2 || p.DeadLetters != 0 {
		t.Errorf("%+v", p)
	}
}

func TestBreaker(t *testing.T) {
	run := func(deadEvery, n int) int {
		var b breaker
		for i := range n {
			if b.add(i%deadEvery == 0) != nil {
				return i
			}
		}
		return -1
	}
	if got := run(20, 100_000); got != -1 {
		t.Errorf("exactly 5 %% tripped at event %d", got)
	}
	if got := run(19, 100_000); got == -1 {
		t.Error("more than 5 % did not trip")
	}
	if got := run(1, 1000); got != breakerLimit {
		t.Errorf("nothing but dead letters tripped at event %d, want %d", got, breakerLimit)
	}
}
