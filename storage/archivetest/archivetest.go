package archivetest

import (
	"iter"
	"reflect"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/storage"
)

// Run shows that an engine keeps what storage.Archive promises. open gives an empty archive with its schema.
func Run(t *testing.T, open func(t *testing.T) storage.Archive) {
	tests := []struct {
		name string
		run  func(t *testing.T, a storage.Archive)
	}{
		{"every column comes back as it was written", columnsComeBack},
		{"a repeated block repeats nothing", repeatedBlock},
		{"blocks formed with other borders repeat nothing", otherBorders},
		{"everything of a user, in time", userInTime},
		{"everything of a session, also its rotation", sessionRotation},
		{"a replay sees the log's order", logOrder},
		{"recent decisions, each id once", recentDecisions},
		{"a decision by its id", decisionByID},
		{"decisions counted by rule and action", counts},
		{"what analysts said of a rule, by day", graded},
		{"completeness is proved, and a hole is shown", completeness},
		{"a record that is no event counts and is not shown", rejected},
		{"times at the edges of the calendar", edgeTimes},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
}

func columnsComeBack(t *testing.T, a storage.Archive) {
	event, decision := Event(3, 14), Decision(3, 15)
	event.PreviousSession = "k1:before"
	decision.Retracts = "d1-0"
	write(t, a, &storage.Block{Topic: Events, Partition: 3, First: 14, Last: 14, Events: []storage.EventRow{event}})
	write(t, a, &storage.Block{Topic: Decisions, Partition: 3, First: 15, Last: 15, Decisions: []storage.DecisionRow{decision}})
	fullColumns(t, event)
	fullColumns(t, decision)
	equal(t, all(t, a.Events(t.Context(), storage.EventFilter{})), []storage.EventRow{event})
	equal(t, all(t, a.Decisions(t.Context(), storage.DecisionFilter{})), []storage.DecisionRow{decision})
}

// fullColumns makes sure that a new column cannot be forgotten here. Rejected rows are no answers, so that column stays "".
func fullColumns(t *testing.T, row any) {
	t.Helper()
	v := reflect.ValueOf(row)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if empty := v.Field(i).IsZero(); empty && name != "Rejected" && name != "Command" {
			t.Errorf("the test's row has no %s", name)
		}
	}
}

func repeatedBlock(t *testing.T, a storage.Archive) {
	for range 3 {
		write(t, a, EventBlock(0, 0, 99))
		write(t, a, DecisionBlock(0, 0, 9))
	}
	wantSpans(t, a, Events, storage.Span{Max: 99, Records: 100})
	wantSpans(t, a, Decisions, storage.Span{Max: 9, Records: 10})
	if n := len(all(t, a.Events(t.Context(), storage.EventFilter{}))); n != 100 {
		t.Errorf("%d events are shown, want 100", n)
	}
}

func otherBorders(t *testing.T, a storage.Archive) {
	write(t, a, EventBlock(0, 0, 59))
	write(t, a, EventBlock(0, 0, 29))
	write(t, a, EventBlock(0, 30, 99))
	wantSpans(t, a, Events, storage.Span{Max: 99, Records: 100})
	if n := len(all(t, a.Events(t.Context(), storage.EventFilter{Topic: Events, Order: storage.LogOrder}))); n != 100 {
		t.Errorf("%d events are shown, want 100", n)
	}
}

func userInTime(t *testing.T, a storage.Archive) {
	late := Event(1, 40)
	late.EventTimeMS = StartMS + 1500
	late.UserID = Event(0, 2).UserID
	write(t, a, &storage.Block{Topic: Events, Partition: 1, First: 40, Last: 40, Events: []storage.EventRow{late}})
	write(t, a, EventBlock(0, 0, 49))
	f := storage.EventFilter{Tenant: "retail", User: late.UserID}
	equal(t, offsets(all(t, a.Events(t.Context(), f))), []int64{40, 2, 12, 22, 32, 42})
	f.Order, f.Limit = storage.NewestFirst, 2
	equal(t, offsets(all(t, a.Events(t.Context(), f))), []int64{42, 32})
	f = storage.EventFilter{Tenant: "retail", User: late.UserID, FromMS: StartMS + 12_000, ToMS: StartMS + 32_000}
	equal(t, offsets(all(t, a.Events(t.Context(), f))), []int64{12, 22})
	f = storage.EventFilter{User: late.UserID}
	equal(t, len(all(t, a.Events(t.Context(), f))), 0) // the tenant named "" has no such user
	for row, err := range a.Events(t.Context(), storage.EventFilter{}) {
		equal(t, err, nil) // a sequence may be left early
		equal(t, row.Offset, 0)
		break
	}
}

func sessionRotation(t *testing.T, a storage.Archive) {
	b := EventBlock(0, 0, 19)
	b.Events[12].PreviousSession, b.Events[12].Session = b.Events[2].Session, "k1:after"
	write(t, a, b)
	f := storage.EventFilter{Tenant: "retail", Session: b.Events[2].Session}
	equal(t, offsets(all(t, a.Events(t.Context(), f))), []int64{2, 12})
	f.Session = "k1:after"
	equal(t, offsets(all(t, a.Events(t.Context(), f))), []int64{12})
}

func logOrder(t *testing.T, a storage.Archive) {
	b := EventBlock(1, 0, 4)
	b.Events[1].EventTimeMS, b.Events[3].EventTimeMS = b.Events[3].EventTimeMS, b.Events[1].EventTimeMS
	write(t, a, b)
	write(t, a, EventBlock(0, 0, 4))
	f := storage.EventFilter{Topic: Events, FromMS: StartMS + 1000, ToMS: StartMS + 4000, Order: storage.LogOrder}
	var got [][2]int64
	for row, err := range a.Events(t.Context(), f) {
		equal(t, err, nil)
		got = append(got, [2]int64{int64(row.Partition), row.Offset})
	}
	equal(t, got, [][2]int64{{0, 1}, {0, 2}, {0, 3}, {1, 1}, {1, 2}, {1, 3}})
}

func recentDecisions(t *testing.T, a storage.Archive) {
	b := DecisionBlock(0, 0, 5)
	b.Decisions[4].ID, b.Decisions[4].TimeMS = b.Decisions[3].ID, b.Decisions[3].TimeMS // published again after a crash
	write(t, a, b)
	got := all(t, a.Decisions(t.Context(), storage.DecisionFilter{Order: storage.NewestFirst, Limit: 3}))
	equal(t, decisionOffsets(got), []int64{5, 3, 2})
	equal(t, len(all(t, a.Decisions(t.Context(), storage.DecisionFilter{Tenant: "retail", Session: "k1:session-1"}))), 5)
	equal(t, len(all(t, a.Decisions(t.Context(), storage.DecisionFilter{Tenant: "retail", User: "u-2"}))), 0)
	wantSpans(t, a, Decisions, storage.Span{Max: 5, Records: 6})
}

func decisionByID(t *testing.T, a storage.Archive) {
	write(t, a, DecisionBlock(0, 0, 5))
	equal(t, all(t, a.Decisions(t.Context(), storage.DecisionFilter{ID: "d1-0-4"})), []storage.DecisionRow{Decision(0, 4)})
	equal(t, len(all(t, a.Decisions(t.Context(), storage.DecisionFilter{ID: "d1' OR '1'='1"}))), 0)
}

func graded(t *testing.T, a storage.Archive) {
	b := DecisionBlock(0, 0, 9)
	write(t, a, b)
	write(t, a, DecisionBlock(0, 6, 7)) // published again after a crash
	events := EventBlock(0, 0, 5)
	for i, v := range []struct{ decision, label string }{{"d1-0-0", "false_positive"}, {"d1-0-2", "true_positive"}, {"d1-0-4", "unsure"},
		{"d1-0-0", "true_positive"}, {"d1-0-1", "false_positive"}, {"d1-none", "true_positive"}} {
		e := &events.Events[i]
		e.Type, e.Raw = "verdict.recorded", `{"data":{"verdict":{"decision_id":"`+v.decision+`","label":"`+v.label+`"}}}`
	}
	write(t, a, events)
	got, err := storage.Grade(t.Context(), a, "impossible-travel", StartMS, StartMS+8000)
	equal(t, err, nil)
	equal(t, got, []storage.Grades{{DayMS: StartMS / 86_400_000 * 86_400_000, Decisions: 4, Verdicts: detector.Verdicts{True: 2, Unsure: 1}}})
	none, err := storage.Grade(t.Context(), a, "canary-used", StartMS, StartMS+8000)
	equal(t, err, nil)
	equal(t, len(none), 0)
}

func counts(t *testing.T, a storage.Archive) {
	b := DecisionBlock(0, 0, 6)
	b.Decisions[6] = b.Decisions[4]
	b.Decisions[6].Offset = 6
	b.Decisions[2].Rules = nil
	write(t, a, b)
	got, err := a.Counts(t.Context(), StartMS, StartMS+5000)
	equal(t, err, nil)
	equal(t, got, []storage.Count{
		{Rule: "asn-change", Action: "none", Mode: "shadow", Decisions: 2},
		{Rule: "fingerprint-drift", Action: "require_reauth", Mode: "enforce", Decisions: 2},
		{Rule: "impossible-travel", Action: "require_reauth", Mode: "enforce", Decisions: 2},
		{Rule: "", Action: "require_reauth", Mode: "enforce", Decisions: 1},
	})
}

func completeness(t *testing.T, a storage.Archive) {
	wantSpans(t, a, Events)
	write(t, a, EventBlock(0, 100, 149))
	write(t, a, EventBlock(5, 0, 9))
	write(t, a, EventBlock(5, 11, 19))
	wantSpans(t, a, Events, storage.Span{Min: 100, Max: 149, Records: 50}, storage.Span{Partition: 5, Max: 19, Records: 19})
	spans, err := a.Completeness(t.Context(), Events)
	equal(t, err, nil)
	equal(t, []bool{spans[0].Complete(), spans[1].Complete()}, []bool{true, false})
}

func rejected(t *testing.T, a storage.Archive) {
	b := EventBlock(0, 0, 9)
	b.Events[4] = storage.EventRow{Coordinates: b.Events[4].Coordinates, EventTimeMS: b.Events[4].RecordTimeMS, Rejected: "not JSON"}
	write(t, a, b)
	d := DecisionBlock(0, 0, 1)
	d.Decisions[1] = storage.DecisionRow{Coordinates: d.Decisions[1].Coordinates, Rejected: "not JSON"}
	write(t, a, d)
	wantSpans(t, a, Events, storage.Span{Max: 9, Records: 10, Rejected: 1})
	wantSpans(t, a, Decisions, storage.Span{Max: 1, Records: 2, Rejected: 1})
	equal(t, len(all(t, a.Events(t.Context(), storage.EventFilter{Topic: Events}))), 9)
	equal(t, len(all(t, a.Decisions(t.Context(), storage.DecisionFilter{}))), 1)
}

// edgeTimes has one bad clock in a block: the record's and the event's. It must not stop the archive.
func edgeTimes(t *testing.T, a storage.Archive) {
	b := EventBlock(0, 0, 249)
	for i := range b.Events {
		b.Events[i].RecordTimeMS = int64(i) * 7 * 24 * 3600 * 1000 // 250 weeks from 1970 on, in one block
		b.Events[i].EventTimeMS = b.Events[i].RecordTimeMS
	}
	b.Events[1].EventTimeMS = -62135596800000 // 0001-01-01, what an unset time becomes
	b.Events[2].EventTimeMS = 253402300799999 // 9999-12-31
	write(t, a, b)
	write(t, a, b)
	wantSpans(t, a, Events, storage.Span{Max: 249, Records: 250})
	got := all(t, a.Events(t.Context(), storage.EventFilter{Topic: Events, Order: storage.LogOrder, Limit: 1}))
	equal(t, got[0].EventTimeMS, 0)
}

func write(t *testing.T, a storage.Writer, b *storage.Block) {
	t.Helper()
	if err := a.Write(t.Context(), b); err != nil {
		t.Fatalf("write block %q: %v", b.Token(), err)
	}
}

func wantSpans(t *testing.T, a storage.Reader, topic string, want ...storage.Span) {
	t.Helper()
	got, err := a.Completeness(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, want)
}

func all[T any](t *testing.T, rows iter.Seq2[T, error]) (got []T) {
	t.Helper()
	for row, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	return got
}

func offsets(rows []storage.EventRow) (got []int64) {
	for i := range rows {
		got = append(got, rows[i].Offset)
	}
	return got
}

func decisionOffsets(rows []storage.DecisionRow) (got []int64) {
	for i := range rows {
		got = append(got, rows[i].Offset)
	}
	return got
}

func equal[T any](t *testing.T, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
