package bank

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// scored is a score in the making: seconds for times, one letter for ids.
type scored struct{ *Score }

func (s scored) honest(second int64, session string) {
	s.Event(&Published{TimeMS: second * 1000, Label: Label{SessionID: session, Lineage: session, Begins: true, Request: true}})
}

func (s scored) thief(second int64, session string, l Label) {
	l.Actor, l.Attack, l.AttackID, l.SessionID, l.Request = Thief, TakingTurns.String(), "a-"+session, session, !l.Completed
	if l.Lineage == "" {
		l.Lineage = session
	}
	s.Event(&Published{TimeMS: second * 1000, Label: l})
}

func (s scored) answer(second int64, session, action string) {
	s.Answer(Answer{SessionID: session, Action: action, Mode: "enforce", TimeMS: second * 1000})
}

func (s scored) end(second int64) {
	s.Event(&Published{TimeMS: second * 1000, Label: Label{SessionID: "end", Lineage: "end"}})
}

func TestScore(t *testing.T) {
	f := func(name string, play func(scored), want Summary) {
		t.Helper()
		s := scored{NewScore()}
		play(s)
		got := s.Summary()
		want.Events = got.Events
		if got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	f("an answered attack is detected", func(s scored) {
		s.honest(0, "v")
		s.thief(10, "v", Label{})
		s.answer(10, "v", "require_reauth")
	}, Summary{Sessions: 1, Attacks: 1, Detected: 1})
	f("an unanswered one is missed", func(s scored) {
		s.thief(10, "v", Label{})
		s.end(41)
	}, Summary{Attacks: 1, Missed: 1})
	f("one that the end cut off had no chance", func(s scored) {
		s.thief(10, "v", Label{})
		s.end(39)
	}, Summary{})
	f("a refused thief attacks nobody", func(s scored) {
		s.thief(10, "v", Label{Refused: true})
		s.end(100)
	}, Summary{})
	f("and whoever answers him raises no false alarm", func(s scored) {
		s.honest(0, "v")
		s.thief(10, "v", Label{Refused: true})
		s.answer(10, "v", "revoke_session")
	}, Summary{Sessions: 1})
	f("an arm before the sensitive action detects", func(s scored) {
		s.thief(10, "v", Label{})
		s.answer(10, "v", "arm")
		s.thief(20, "v", Label{Sensitive: true})
	}, Summary{Attacks: 1, Detected: 1})
	f("an arm after it does not", func(s scored) {
		s.thief(10, "v", Label{Sensitive: true})
		s.thief(20, "v", Label{})
		s.answer(20, "v", "arm")
		s.end(100)
	}, Summary{Attacks: 1, Missed: 1})
	f("observing and shadow answer nothing", func(s scored) {
		s.thief(10, "v", Label{})
		s.answer(10, "v", "observe")
		s.Answer(Answer{SessionID: "v", Action: "revoke_session", Mode: "shadow", TimeMS: 10_000})
		s.end(100)
	}, Summary{Attacks: 1, Missed: 1})
	f("answers to honest sessions are false alarms, one a session", func(s scored) {
		s.honest(0, "h")
		s.honest(0, "armed")
		s.answer(5, "h", "require_reauth")
		s.answer(6, "h", "revoke_session")
		s.answer(6, "armed", "arm")
	}, Summary{Sessions: 2, FalseAlarms: 1})
	f("so is an answer before the theft", func(s scored) {
		s.honest(0, "v")
		s.thief(10, "v", Label{})
		s.answer(9, "v", "require_reauth")
		s.end(100)
	}, Summary{Sessions: 1, Attacks: 1, Missed: 1, FalseAlarms: 1})
	f("an answer to a late event is one to what happened meanwhile, if it comes at once", func(s scored) {
		s.thief(10, "v", Label{})
		s.Answer(Answer{SessionID: "v", Action: "revoke_session", Mode: "enforce", TimeMS: 9_000, Prompt: true})
	}, Summary{Attacks: 1, Detected: 1})
	f("a rotated id is the same session", func(s scored) {
		s.honest(0, "v")
		s.thief(10, "v2", Label{Lineage: "v"})
		s.answer(11, "v", "revoke_user_sessions")
		s.answer(12, "v2", "revoke_session")
	}, Summary{Sessions: 1, Attacks: 1, Detected: 1})
}

func TestRequestsUntilDetection(t *testing.T) {
	s := scored{NewScore()}
	s.honest(0, "v")
	s.honest(0, "w")
	for second := range int64(4) {
		s.thief(1+second, "v", Label{})
		s.thief(1+second, "w", Label{})
	}
	s.thief(6, "w", Label{Sensitive: true})
	s.thief(7, "w", Label{Completed: true})
	s.answer(2, "v", "require_reauth") // the decision on the second request
	s.answer(7, "w", "require_reauth") // too late for the money
	got := s.Tallies()
	if len(got) != 1 {
		t.Fatalf("got %+v", got)
	}
	got[0].requests, got[0].Rules = nil, nil
	want := Tally{Attack: "taking-turns", Attacks: 2, Detected: 2, BeforeAction: 1, StepUps: 2, Recall: 1, RecallLow: got[0].RecallLow, RecallHigh: 1,
		MeanRequests: 3.5, RequestsP50: 2, RequestsP90: 5, ByThird: 1}
	if !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %+v, want %+v", got[0], want)
	}
	var table strings.Builder
	if err := s.WriteTable(&table); err != nil {
		t.Fatal(err)
	}
	wantTable := strings.TrimPrefix(`
                                                              before  requests
attack                               attacks detected missed  action     until
taking-turns                               2        2      0       1       3.5
all                                        2        2      0

honest sessions 0, false alarms 0 (asked to re-authenticate, or ended)
of the false alarms ended 0; events 12
`, "\n")
	if table.String() != wantTable {
		t.Errorf("got\n%swant\n%s", table.String(), wantTable)
	}
}

func TestSummaryHasTheContractsNames(t *testing.T) {
	b, err := json.Marshal(Summary{1, 2, 3, 4, 5, 6})
	if want := `{"events":1,"sessions":2,"attacks":3,"detected":4,"missed":5,"false_alarms":6}`; err != nil || string(b) != want {
		t.Errorf("got %s, %v; want %s", b, err, want)
	}
}
