package storage

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents" // in tests only: storage does not know ingest
)

const canary = "ses_CANARY_7Yk2Qm9x"

// event is what a decoder and an enricher make of eventJSON.
func event() *detector.Event {
	e := &detector.Event{ID: "e-" + canary + "-17", Source: "/apps/retail-web", Type: detector.SessionRenewed, TypeName: "session.renewed", TimeMS: 1795339800125, Tenant: "retail", Outcome: detector.OutcomeFailure}
	e.Session.ID, e.Session.PreviousID = canary, "ses_CANARY_before"
	e.Token.ID, e.Token.Family = "tok_CANARY_1", "fam_CANARY_1"
	e.Device.KeyThumbprint = "key_CANARY_1"
	e.User.ID, e.Action.Name = "u-4711", "pay"
	e.Client.IP = netip.MustParseAddr("89.160.20.112")
	e.Client.Geo = detector.Geo{Country: "SE", City: "Linköping", ASN: detector.Whole{V: 29518, Set: true}, Connection: "Corporate", Anonymous: detector.VPN | detector.Hosting, Build: "2026-11-18"}
	e.Client.Agent = detector.Agent{Browser: detector.Chrome, Major: 142, OS: detector.Windows, Device: detector.Desktop}
	return e
}

// eventJSON has each id at its place, once with an escape, and the session's again in a path, in an unknown field and as a key.
const eventJSON = `{"specversion":"1.0", "id":"e-ses_CANARY_7Yk2Qm9x-17","source":"/apps/retail-web","type":"session.renewed","time":"2026-11-22T09:30:00.125Z",
 "data":{"tenant":"retail","session":{"id":"ses_\u0043ANARY_7Yk2Qm9x","previous_id":"ses_CANARY_before","seq":1.0},"token":{"id":"tok_CANARY_1","family":"fam_CANARY_1"},
  "device":{"key_thumbprint":"key_CANARY_1"},"client":{"ip":"89.160.20.112"},"http":{"path":"/a;sid=ses_CANARY_7Yk2Qm9x"},
  "unknown":{"ses_CANARY_7Yk2Qm9x":["tok_CANARY_1", {"id":"kept"}]}}}`

func pseudonymizer(t testing.TB) *Pseudonymizer {
	p, err := NewPseudonymizer([]byte("a bank keeps this secret"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEventRow(t *testing.T) {
	p := pseudonymizer(t)
	r := &Record{Coordinates: Coordinates{Topic: "session.events", Partition: 3, Offset: 14, RecordTimeMS: 1795339800130}, Value: []byte(eventJSON)}
	row, err := NewEventRow(r, event(), p)
	if err != nil {
		t.Fatal(err)
	}
	session := p.Session("retail", canary)
	want := EventRow{
		Coordinates: r.Coordinates, EventTimeMS: 1795339800125, Tenant: "retail", UserID: "u-4711", Session: session,
		PreviousSession: p.Session("retail", "ses_CANARY_before"), Token: p.Pseudonym("retail", TokenID, "tok_CANARY_1"),
		TokenFamily: p.Pseudonym("retail", TokenFamily, "fam_CANARY_1"), EventID: "e-" + session + "-17", Source: "/apps/retail-web",
		Type: "session.renewed", Outcome: "failure", Action: "pay", IP: netip.MustParseAddr("89.160.20.112"), Country: "SE", City: "Linköping",
		ASN: 29518, Network: "vpn,hosting,Corporate", Browser: "Chrome", BrowserMajor: 142, OS: "Windows", Device: "desktop", GeoBuild: "2026-11-18",
		Raw: strings.NewReplacer(`ses_\u0043ANARY_7Yk2Qm9x`, session, canary, session, "ses_CANARY_before", p.Session("retail", "ses_CANARY_before"),
			"tok_CANARY_1", p.Pseudonym("retail", TokenID, "tok_CANARY_1"), "fam_CANARY_1", p.Pseudonym("retail", TokenFamily, "fam_CANARY_1"),
			"key_CANARY_1", p.Pseudonym("retail", DeviceKey, "key_CANARY_1")).Replace(eventJSON),
	}
	if row != want {
		t.Errorf("got  %+v\nwant %+v", row, want)
	}
	if text := fmt.Sprintf("%+v", row); strings.Contains(text, "CANARY") {
		t.Errorf("a raw id is in the row: %s", text)
	}
}

func TestEventRowOfBinaryMode(t *testing.T) {
	var structured struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal([]byte(eventJSON), &structured); err != nil {
		t.Fatal(err)
	}
	r := &Record{Value: structured.Data, Headers: []Header{{"content-type", []byte("application/json")}, {"ce_specversion", []byte("1.0")},
		{"CE_ID", []byte(`say "` + canary + `"`)}, {"ce_traceparent", []byte("00-1")}, {"other", []byte("x")}}}
	row, err := NewEventRow(r, event(), pseudonymizer(t))
	if err != nil {
		t.Fatal(err)
	}
	session := pseudonymizer(t).Session("retail", canary)
	if begin := `{"specversion":"1.0","id":"say \"` + session + `\"","data":{"tenant":"retail","session":{"id":"` + session + `"`; !strings.HasPrefix(row.Raw, begin) {
		t.Errorf("raw is %s\nwant it to begin with %s", row.Raw, begin)
	}
	if !json.Valid([]byte(row.Raw)) || strings.Contains(row.Raw, "CANARY") {
		t.Errorf("raw is %s", row.Raw)
	}
}

// A verdict of the second stage is archived as any event; the key under which it counted names no session and no token, however short its id.
func TestEventRowOfVerdict(t *testing.T) {
	p := pseudonymizer(t)
	f := func(key, sessionID, want string) {
		t.Helper()
		e := &detector.Event{ID: "v1", Source: detector.Source, Type: detector.ObservationVerdict, TypeName: "observation.verdict", Tenant: "retail", TimeMS: 1795339800125}
		e.Session.ID, e.User.ID = sessionID, "u-4711"
		e.Observation = detector.Observation{Key: key, Of: "session.presented", EventID: "e-ses_CANARY_7Yk2Qm9x", EventSource: "/apps/web", Rule: "session-shared-by-users"}
		row, err := NewEventRow(&Record{Value: cloudevents.AppendEvent(nil, e)}, e, p)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(row.Raw, `"observation":{"key":"`+want+`"`) || row.Type != "observation.verdict" || row.UserID != "u-4711" || row.Session != p.Session("retail", sessionID) {
			t.Errorf("%s is archived as %+v, want the key %s", key, row, want)
		}
		if strings.Contains(fmt.Sprintf("%+v", row), "CANARY") || strings.Contains(row.Raw, "s-7") {
			t.Errorf("a raw id is in the row: %+v", row)
		}
	}
	f("sid:"+canary, canary, "sid:"+p.Session("retail", canary))
	f("sid:"+canary, "ses_CANARY_of_another", "sid:"+p.Session("retail", canary)) // the pivot: about another session than the one counted
	f("tok:"+canary, canary, "tok:"+p.Pseudonym("retail", TokenFamily, canary))
	f("ip:203.0.113.0/24", canary, "ip:203.0.113.0/24")
	f("sid:s-7", canary, "sid:"+p.Session("retail", "s-7"))
}

// TestEventRowRefusesWhatItCannotHide: were the JSON not what the event was decoded from, ids could stay in it.
func TestEventRowRefusesWhatItCannotHide(t *testing.T) {
	for _, value := range []string{`{"data_base64":"c2VzX0NBTkFSWQ=="}`, `{"data":{"session":{"id":"another"}}}`, `{"data":`, ``} {
		b := &Block{}
		form := FormEvents(func(*Record) (*detector.Event, error) { return event(), nil }, pseudonymizer(t))
		form(&Record{Coordinates: Coordinates{Offset: 7}, Value: []byte(value)}, b)
		if len(b.Events) != 1 || b.Events[0].Rejected == "" || b.Events[0].Raw != "" || b.Events[0].Session != "" || b.Events[0].Offset != 7 {
			t.Errorf("%q gives %+v", value, b.Events)
		}
	}
}

func TestRejectedEventsAreCounted(t *testing.T) {
	b := &Block{Topic: "session.events", Partition: 3, First: 10, Last: 11}
	form := FormEvents(func(r *Record) (*detector.Event, error) {
		if r.Offset == 10 {
			return nil, fmt.Errorf("data.client.ip is missing")
		}
		return event(), nil
	}, pseudonymizer(t))
	form(&Record{Coordinates: Coordinates{Offset: 10, RecordTimeMS: 5}}, b)
	form(&Record{Coordinates: Coordinates{Offset: 11}, Value: []byte(eventJSON)}, b)
	want := EventRow{Coordinates: Coordinates{Offset: 10, RecordTimeMS: 5}, EventTimeMS: 5, Rejected: "data.client.ip is missing"}
	if b.Events[0] != want || b.Rejected() != 1 || b.whole() != nil {
		t.Errorf("got %+v, %d rejected, %v", b.Events[0], b.Rejected(), b.whole())
	}
}

func BenchmarkFormEvents(b *testing.B) {
	e, p := event(), pseudonymizer(b)
	form := FormEvents(func(*Record) (*detector.Event, error) { return e, nil }, p)
	r := &Record{Value: []byte(eventJSON)}
	block := &Block{}
	for b.Loop() {
		block.Events = block.Events[:0]
		form(r, block)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
