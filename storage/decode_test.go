package storage_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents" // in tests only: storage does not know ingest
	"github.com/sessionguard/sessionguard/rules"
	"github.com/sessionguard/sessionguard/storage"
)

const data = `{"tenant":"retail","session":{"id":"ses_CANARY_1","previous_id":"ses_CANARY_0"},"user":{"id":"u-4711"},"client":{"ip":"89.160.20.112"},
 "token":{"id":"tok_CANARY_1","family":"fam_CANARY_1"},"device":{"key_thumbprint":"key_CANARY_1"},"http":{"path":"/a;ses_CANARY_1"},"more":["ses_CANARY_1"]}`

const attributes = `"specversion":"1.0","id":"e-1","source":"/apps/\u0065bank","type":"session.presented","time":"2026-11-22T09:30:00.125Z","data":`

// TestArchivedEventsDecodeAgain takes each form of CloudEvents through the real decoder, the archive's row, and the decoder
// again, as replay does.
func TestArchivedEventsDecodeAgain(t *testing.T) {
	header := func(pairs ...string) (list []cloudevents.Header) {
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, cloudevents.Header{Key: pairs[i], Value: []byte(pairs[i+1])})
		}
		return list
	}
	tests := map[string]cloudevents.Message{
		"bare":       {Value: []byte("{" + attributes + data + "}")},
		"traced":     {Value: []byte("{" + attributes + data + "}"), Headers: header("ce_traceparent", "00-1", "ce_traceparent", "00-2")},
		"structured": {Value: []byte("{" + attributes + data + "}"), Headers: header("Content-Type", "application/cloudevents+json; charset=utf-8", "ce_id", "ignored")},
		"binary": {Value: []byte(data), Headers: header("content-type", "application/json", "ce_specversion", "1.0", "ce_id", "e-1", "CE_source", "/apps/ebank",
			"ce_type", "session.presented", "ce_time", "2026-11-22T09:30:00.125Z", "ce_traceparent", "00-1")},
	}
	p, err := storage.NewPseudonymizer([]byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	for name, message := range tests {
		t.Run(name, func(t *testing.T) {
			var decoder, again cloudevents.Decoder
			var before, after detector.Event
			if err := decoder.Decode(message, &before); err != nil {
				t.Fatal(err)
			}
			r := &storage.Record{Value: message.Value}
			for _, h := range message.Headers {
				r.Headers = append(r.Headers, storage.Header(h))
			}
			row, err := storage.NewEventRow(r, &before, p)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(row.Raw, "CANARY") {
				t.Errorf("raw holds an id: %s", row.Raw)
			}
			if err := again.Decode(cloudevents.Message{Value: []byte(row.Raw)}, &after); err != nil {
				t.Fatalf("raw does not decode: %v\n%s", err, row.Raw)
			}
			before.Session.ID, before.Session.PreviousID = p.Session("retail", "ses_CANARY_1"), p.Session("retail", "ses_CANARY_0")
			before.Token.ID, before.Token.Family = row.Token, row.TokenFamily
			before.Device.KeyThumbprint = p.Pseudonym("retail", storage.DeviceKey, "key_CANARY_1")
			before.HTTP.Path = "/a;" + before.Session.ID
			if !reflect.DeepEqual(before, after) {
				t.Errorf("decoded again it is %+v\nwant %+v", after, before)
			}
		})
	}
}

func TestDecisionsOfTheDetectorAreArchived(t *testing.T) {
	p, err := storage.NewPseudonymizer([]byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	d := detector.Decision{ID: "d1-1", TimeMS: 1795339800125, Tenant: "retail", SessionID: "ses_CANARY_1", UserID: "u-4711", EventID: "e-1", EventSource: "/apps",
		Action: rules.RevokeSession, Mode: rules.Enforce, Score: 100, PreviousScore: 4, Command: "sent", Ruleset: "sha256:00", Revision: "r1", GeoBuild: "g1",
		Findings: []detector.Finding{{Rule: "use-after-end", Score: 100, Mode: rules.Enforce, Evidence: rules.Replay, Reason: "used after its end"}}}
	row, err := storage.NewDecisionRow(&storage.Record{Value: detector.AppendDecision(nil, &d, nil)}, p)
	if err != nil {
		t.Fatal(err)
	}
	want := storage.DecisionRow{ID: "d1-1", TimeMS: 1795339800125, Tenant: "retail", UserID: "u-4711", Session: p.Session("retail", "ses_CANARY_1"), EventID: "e-1",
		EventSource: "/apps", Action: "revoke_session", Mode: "enforce", Score: 100, PreviousScore: 4, Rules: []string{"use-after-end"}, Command: "sent",
		Ruleset: "sha256:00", Revision: "r1", GeoBuild: "g1", Raw: string(detector.AppendDecision(nil, &d, p.Session))}
	if !reflect.DeepEqual(row, want) {
		t.Errorf("got  %+v\nwant %+v", row, want)
	}
}
