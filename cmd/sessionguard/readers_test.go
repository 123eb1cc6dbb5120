package main

import (
	"fmt"
	"testing"
)

// Lines are read side by side and come in their order, each with its own text: also where the decoder had to resolve escapes, which puts a
// string into its own memory.
func TestReadersKeepTheOrder(t *testing.T) {
	r := newReaders(&replayOptions{}, nil)
	for range 3 { // batches, in the same memory
		var batch []line
		for i := range 10*chunkLines + 3 {
			text := fmt.Sprintf(`{"id":"e\u002d%d","source":"/a","type":"session.created","time":"2026-11-22T09:00:00Z","data":{"session":{"id":"s\u002d%d"},"client":{"ip":"192.0.2.1"}}}`, i, i)
			if i%7 == 3 {
				text = "not json"
			}
			batch = append(batch, line{number: int64(i + 1), text: []byte(text)})
		}
		next := 0
		r.read(batch, func(l *reading) {
			if l.number != int64(next+1) {
				t.Fatalf("line %d comes where line %d should", l.number, next+1)
			}
			switch wrong := next%7 == 3; {
			case wrong != (l.err != nil):
				t.Errorf("line %d: %v", l.number, l.err)
			case !wrong && (l.event.ID != fmt.Sprint("e-", next) || l.event.Session.ID != fmt.Sprint("s-", next) || l.event.Record.Offset != l.number):
				t.Errorf("line %d is event %q of %q at %d", l.number, l.event.ID, l.event.Session.ID, l.event.Record.Offset)
			}
			next++
		})
		if next != len(batch) {
			t.Errorf("%d of %d lines", next, len(batch))
		}
	}
}
