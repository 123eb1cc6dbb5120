package bank

import (
	"strings"
	"testing"
)

// honestDid is an event of customer "c-" + session.
func (s scored) honestDid(second int64, session string, l Label) {
	l.SessionID, l.Lineage = session, session
	s.Event(&Published{TimeMS: second * 1000, Key: "c-" + session, Label: l})
}

func (s scored) decide(second int64, session, action, rule string) {
	s.Answer(Answer{SessionID: session, UserID: "c-" + session, Action: action, Mode: "enforce", Rule: rule, TimeMS: second * 1000})
}

func TestWhatHonestCustomersHadToBear(t *testing.T) {
	s := scored{NewScore()}
	for _, id := range []string{"moved", "quiet", "armed", "armed in time", "armed in vain", "ended"} {
		s.honestDid(0, id, Label{Begins: true, Request: true, Cause: map[string]Cause{"moved": CauseGateway, "ended": CauseGateway}[id]})
	}
	s.decide(1, "moved", "require_reauth", "asn-change")
	s.decide(2, "moved", "require_reauth", "asn-change")
	s.decide(1, "ended", "require_reauth", "country-change")
	s.decide(2, "ended", "revoke_session", "fingerprint-drift")
	s.decide(1, "armed", "arm", "asn-change")
	s.honestDid(3599, "armed", Label{Request: true, Sensitive: true})
	s.honestDid(3, "armed in time", Label{Request: true, Sensitive: true})
	s.decide(3, "armed in time", "arm", "asn-change")
	s.decide(1, "armed in vain", "arm", "asn-change")
	s.honestDid(3602, "armed in vain", Label{Request: true, Sensitive: true})

	b := s.Scoreboard()
	h := b.Honest
	if h.Sessions != 6 || h.StepUps.Sessions != 2 || h.Revokes.Sessions != 1 || h.Armed.Sessions != 2 || h.Asked.Sessions != 4 {
		t.Errorf("got %+v", h)
	}
	if got := s.Summary().FalseAlarms; got != 2 {
		t.Errorf("%d false alarms, want 2", got)
	}
	if len(b.Rules) != 3 || b.Rules[0] != (Alarms{"fingerprint-drift", 0, 1}) || b.Rules[1] != (Alarms{"asn-change", 1, 0}) {
		t.Errorf("rules %+v", b.Rules)
	}
	if len(b.Causes) != 1 || b.Causes[0] != (Alarms{"C2 gateway", 2, 1}) {
		t.Errorf("causes %+v", b.Causes)
	}
}

func TestASecondSessionOfSomebodyRobbedIsCountedApart(t *testing.T) {
	s := scored{NewScore()}
	s.honestDid(0, "hers", Label{Begins: true, Request: true})
	s.Event(&Published{TimeMS: 10_000, Key: "c-hers", Label: Label{SessionID: "his", Lineage: "his", Actor: Thief, Attack: "stolen-password", AttackID: "a1", Begins: true, Request: true}})
	s.decide(5, "hers", "require_reauth", "concurrent-sessions") // before: a false alarm
	s.decide(11, "hers", "revoke_session", "impossible-travel-user")
	b := s.Scoreboard()
	if b.Robbed.Revokes != 1 || b.Honest.StepUps.Sessions != 1 || b.Honest.Revokes.Sessions != 0 || b.Honest.Sessions != 1 {
		t.Errorf("got %+v and %+v", b.Honest, b.Robbed)
	}
}

func TestEachThiefOfAPlantedSessionIsAnsweredForHimself(t *testing.T) {
	s := scored{NewScore()}
	for i, id := range []string{"a1", "a2", "a3"} {
		second := int64(1000 * (i + 1))
		s.Event(&Published{TimeMS: second * 1000, Label: Label{SessionID: "bait", Lineage: "bait", Actor: Thief, Attack: "canary-session", AttackID: id, Request: true}})
		if id != "a2" {
			s.answer(second, "bait", "revoke_user_sessions")
		}
	}
	if got := s.Summary(); got.Attacks != 3 || got.Detected != 2 || got.Missed != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestAttacksOfUnknownKindsAreCountedUnderTheirNames(t *testing.T) {
	s := scored{NewScore()}
	for i, kind := range []string{"zebra", "taking-turns", "zebra", "ant"} {
		id := string(rune('a' + i))
		s.Event(&Published{TimeMS: 1000, Label: Label{SessionID: id, Lineage: id, Actor: Thief, Attack: kind, AttackID: id, Request: true}})
		s.answer(1, id, "revoke_session")
	}
	var names []string
	for _, k := range s.Tallies() {
		names = append(names, k.Attack)
	}
	if got := strings.Join(names, " "); got != "taking-turns zebra ant" {
		t.Errorf("got %s", got)
	}
}

func TestSilentSessionsAreForgotten(t *testing.T) {
	s := scored{NewScore()}
	for day := range int64(30) {
		for i := range int64(100) {
			s.honestDid(day*86_400+i, "s"+string(rune('a'+day))+string(rune('a'+i)), Label{Begins: true})
		}
		s.honestDid(day*86_400+200, "always there", Label{Begins: day == 0, Cause: map[bool]Cause{true: CauseTravel}[day == 0]})
		if n := len(s.seen.today) + len(s.seen.yesterday); n > 250 {
			t.Fatalf("%d sessions are remembered on day %d", n, day)
		}
	}
	s.decide(30*86_400, "always there", "require_reauth", "r")
	if b := s.Scoreboard(); b.Honest.Sessions != 3001 || b.Causes[0].Name != "travel" {
		t.Errorf("%d sessions, causes %+v", b.Honest.Sessions, b.Causes)
	}
}

func TestWhatNoFieldShowsIsMarked(t *testing.T) {
	s := scored{NewScore()}
	for _, kind := range []AttackKind{SameNATClone, TakingTurns} {
		id := kind.String()
		s.Event(&Published{TimeMS: 1000, Label: Label{SessionID: id, Lineage: id, Actor: Thief, Attack: id, AttackID: id, Request: true}})
	}
	s.answer(1, TakingTurns.String(), "revoke_session")
	s.end(100)
	b := s.Scoreboard()
	if b.All.Attacks != 2 || b.All.Recall != 0.5 || b.Visible.Attacks != 1 || b.Visible.Recall != 1 {
		t.Errorf("all %+v, visible %+v", b.All, b.Visible)
	}
	var text strings.Builder
	if err := b.WriteTable(&text); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"same-nat-clone * ", "* same-nat-clone: the fields at hand do not show it. It would be shown by device.binding"} {
		if !strings.Contains(text.String(), part) {
			t.Errorf("no %q in\n%s", part, text.String())
		}
	}
}

func TestScoreboardText(t *testing.T) {
	s := scored{NewScore()}
	s.honestDid(0, "h", Label{Begins: true, Cause: CauseGateway})
	s.decide(1, "h", "require_reauth", "asn-change")
	s.thief(10, "v", Label{})
	s.answer(10, "v", "revoke_session")
	s.thief(11, "w", Label{})
	s.end(100)
	b := s.Scoreboard()
	var text, lines strings.Builder
	if err := b.WriteTable(&text); err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(`
                                                                                          before by 3rd requ.
attack                               attacks answered          95 % armed step-up revoke  money  requ. until  p50  p90
taking-turns                               2     50.0   9.4 to 90.5     0       0      1      1   50.0   1.0    1    1
all                                        2     50.0   9.4 to 90.5     0       0      1      1   50.0   1.0    1    1
all that can be seen                       2     50.0   9.4 to 90.5     0       0      1      1   50.0   1.0    1    1

honest sessions 1, events 4

sessions, per 10,000 honest ones         sessions per 10,000 upper 95 %
asked to re-authenticate                        1   10000.00   47438.65
armed, and asked before an action               0       0.00   29957.32
asked in one way or the other                   1   10000.00   47438.65
ended                                           0       0.00   29957.32

not among them: other sessions of customers who were being robbed, asked 0, ended 0

by leading rule                             asked      ended
asn-change                                      1          0

by cause                                    asked      ended
C2 gateway                                      1          0
`, "\n")
	if text.String() != want {
		t.Errorf("got\n%swant\n%s", text.String(), want)
	}
	if err := b.WriteJSON(&lines); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`{"attack":"taking-turns","attacks":2,"detected":1,"missed":1,"before_money_moved":1,"armed":0,"step_ups":0,"revokes":1,"recall":0.5,`,
		`"requests_mean":1,"requests_p50":1,"requests_p90":1,"by_third_request":1}`, `{"attack":"all",`,
		`{"honest":{"events":4,"sessions":1,"step_ups":{"sessions":1,"per_10k":10000,`, `{"robbed":{"step_ups":0,"revokes":0}}`,
		`{"rule":"asn-change","step_ups":1,"revokes":0}`, `{"cause":"C2 gateway","step_ups":1,"revokes":0}`,
	} {
		if !strings.Contains(lines.String(), part) {
			t.Errorf("no %s in\n%s", part, lines.String())
		}
	}
}
