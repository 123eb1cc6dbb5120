package storage

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

const decisionOfCanary = `{"id":"d1-8f0c","time":"2026-11-22T09:30:00.125Z","tenant":"retail","session_id":"ses_CANARY_7Yk2Qm9x","user_id":"u-4711","event_id":"e-ses_CANARY_7Yk2Qm9x-17","event_source":"/apps/retail-web",
 "action":"revoke_session","mode":"shadow","would":"arm","score":72,"previous_score":10,
 "rules":[{"id":"use-after-end","score":60,"reason":"ses_CANARY_7Yk2Qm9x was used","facts":{"other_session_id":"ses_CANARY_other","token_family":"fam_CANARY_1"}},{"id":"asn-change"}],
 "not_evaluable":[],"command":"sent","retracts":"d1-7","ruleset":"sha256:00","revision":"r1","geo_build":"2026-11-18"}`

func TestDecisionRow(t *testing.T) {
	p := pseudonymizer(t)
	r := &Record{Coordinates: Coordinates{Topic: "session.decisions", Partition: 1, Offset: 2, RecordTimeMS: 3}, Value: []byte(decisionOfCanary)}
	row, err := NewDecisionRow(r, p)
	if err != nil {
		t.Fatal(err)
	}
	session := p.Session("retail", canary)
	want := DecisionRow{
		Coordinates: r.Coordinates, ID: "d1-8f0c", TimeMS: 1795339800125, Tenant: "retail", UserID: "u-4711", Session: session,
		EventID: "e-" + session + "-17", EventSource: "/apps/retail-web", Action: "revoke_session", Mode: "shadow", Would: "arm", Score: 72,
		PreviousScore: 10, Rules: []string{"use-after-end", "asn-change"}, Command: "sent", Retracts: "d1-7", Ruleset: "sha256:00",
		Revision: "r1", GeoBuild: "2026-11-18",
		Raw: strings.NewReplacer(canary, session, "ses_CANARY_other", p.Session("retail", "ses_CANARY_other"),
			"fam_CANARY_1", p.Pseudonym("retail", TokenFamily, "fam_CANARY_1")).Replace(decisionOfCanary),
	}
	if !reflect.DeepEqual(row, want) {
		t.Errorf("got  %+v\nwant %+v", row, want)
	}
	if text := fmt.Sprintf("%+v", row); strings.Contains(text, "CANARY") {
		t.Errorf("a raw id is in the row: %s", text)
	}
}

func TestWhatIsNoDecisionOnlyMarksItsPlace(t *testing.T) {
	for _, value := range []string{``, `{`, `[]`, `{"id":"d1"}`, `{"id":1,"action":"arm"}`, `{"id":"d1","action":"arm","time":"yesterday"}`} {
		b := &Block{}
		FormDecisions(pseudonymizer(t))(&Record{Coordinates: Coordinates{Offset: 9}, Value: []byte(value)}, b)
		if len(b.Decisions) != 1 || b.Decisions[0].Rejected == "" || b.Decisions[0].ID != "" || b.Decisions[0].Offset != 9 {
			t.Errorf("%q gives %+v", value, b.Decisions)
		}
	}
}

// FuzzNewDecisionRow looks for panics, and for a session's id that stays.
func FuzzNewDecisionRow(f *testing.F) {
	f.Add([]byte(decisionOfCanary))
	p := pseudonymizer(f)
	f.Fuzz(func(t *testing.T, value []byte) {
		row, err := NewDecisionRow(&Record{Value: value}, p)
		if err == nil && strings.Contains(row.Raw, `"session_id":"ses_`) {
			t.Errorf("raw is %s", row.Raw)
		}
	})
}
