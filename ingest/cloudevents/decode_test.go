package cloudevents_test

import (
	"encoding/json"
	"errors"
	"flag"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

var update = flag.Bool("update", false, "rewrite golden files and generated documents")

func bare(value string) cloudevents.Message { return cloudevents.Message{Value: []byte(value)} }

func structured(value string) cloudevents.Message {
	return cloudevents.Message{Headers: headers("content-type", "application/cloudevents+json; charset=UTF-8"), Value: []byte(value)}
}

func headers(pairs ...string) (h []cloudevents.Header) {
	for i := 0; i < len(pairs); i += 2 {
		h = append(h, cloudevents.Header{Key: pairs[i], Value: []byte(pairs[i+1])})
	}
	return h
}

// toBinary turns structured JSON into binary mode.
func toBinary(t testing.TB, value string) cloudevents.Message {
	t.Helper()
	var event map[string]json.RawMessage
	if err := json.Unmarshal([]byte(value), &event); err != nil {
		t.Fatal(err)
	}
	m := cloudevents.Message{Headers: headers("content-type", "application/json"), Value: event["data"]}
	for _, name := range []string{"specversion", "id", "source", "type", "time"} {
		if raw, ok := event[name]; ok {
			m.Headers = append(m.Headers, cloudevents.Header{Key: "ce_" + name, Value: []byte(strings.Trim(string(raw), `"`))})
		}
	}
	return m
}

// decode decodes with a decoder of its own and gives the reason of a rejection, "" for none.
func decode(t testing.TB, m cloudevents.Message) (*detector.Event, *cloudevents.Rejection) {
	t.Helper()
	e, _, r := decodeDropped(t, m)
	return e, r
}

// decodeDropped is decode that also tells which fields were dropped.
func decodeDropped(t testing.TB, m cloudevents.Message) (*detector.Event, []string, *cloudevents.Rejection) {
	t.Helper()
	var d cloudevents.Decoder
	var e detector.Event
	err := d.Decode(m, &e)
	if err == nil {
		return &e, d.Dropped, nil
	}
	var r *cloudevents.Rejection
	if !errors.As(err, &r) {
		t.Fatalf("Decode returned %T, not a *Rejection", err)
	}
	return nil, nil, r
}
