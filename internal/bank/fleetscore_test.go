package bank

import (
	"strings"
	"testing"
)

// steals is a request of a fleet's thief on a session.
func (s scored) steals(second int64, fleet, session string) {
	s.Event(&Published{TimeMS: second * 1000, Key: "c-" + session, Label: Label{SessionID: session, Lineage: session, Actor: Thief, Attack: "fleet-takeover", AttackID: fleet + session, Campaign: fleet, Request: true}})
}

func TestWhatTheFirstRevokeOfAFleetDoesToTheOthers(t *testing.T) {
	s := scored{NewScore()}
	for _, id := range []string{"proved", "at once", "too late", "missed", "over", "after"} {
		s.honestDid(0, id, Label{Begins: true, Request: true})
	}
	s.honestDid(5, "neighbour", Label{Begins: true, Request: true, Beside: "c1"})
	s.honestDid(5, "asked", Label{Begins: true, Request: true, Beside: "c1"})
	s.honestDid(5, "stranger", Label{Begins: true, Request: true})
	for _, id := range []string{"proved", "at once", "too late", "missed", "over"} {
		s.steals(10, "c1", id)
	}
	s.decide(20, "over", "require_reauth", "asn-change")
	s.decide(20, "proved", "revoke_session", "fingerprint-drift")
	s.decide(20, "neighbour", "revoke_session", "fleet-takeover")
	s.decide(20, "asked", "require_reauth", "fleet-takeover")
	s.decide(20, "stranger", "revoke_session", "fleet-takeover")
	for second, id := range map[int64]string{30: "at once", 31: "too late", 32: "missed"} {
		s.steals(second, "c1", id)
	}
	s.decide(30, "at once", "revoke_session", "fleet-takeover")
	for _, id := range []string{"too late", "missed"} {
		s.steals(40, "c1", id)
	}
	s.decide(40, "too late", "revoke_session", "fleet-takeover")
	s.steals(50, "c1", "after")
	s.decide(50, "after", "revoke_session", "fleet-takeover")
	b := s.Scoreboard()
	if len(b.Fleets) != 1 {
		t.Fatalf("fleets %+v", b.Fleets)
	}
	f := b.Fleets[0]
	if f.Thefts != 6 || f.Confirmed != 1 || f.Others != 4 || f.Revoked != 3 || f.Over != 1 || f.ByFirst != 2 || f.FurtherMax != 2 {
		t.Errorf("got %+v", f)
	}
	if f.Bystanders != 2 || f.BystanderStepUps != 1 || f.BystanderRevokes != 1 {
		t.Errorf("bystanders %+v", f)
	}
	var table strings.Builder
	b.writeFleets(&table)
	for line := range strings.Lines(table.String()) {
		if len(line) > 121 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
}

func TestANetworkThatIsNamedAnswersWhoGuessesThere(t *testing.T) {
	s := scored{NewScore()}
	guess := func(second int64, id, network string, a Actor) {
		s.Event(&Published{TimeMS: second * 1000, Label: Label{EventID: id, Actor: a, Attack: "session-id-guessing", AttackID: id, Network: network, Request: true}})
	}
	for second := range int64(90) {
		guess(second, "c1", "192.0.2.0/24", Thief)
		guess(second, "c2", "198.51.100.0/24", Thief)
		guess(second, "", "203.0.113.0/24", Honest)
	}
	for _, network := range []string{"192.0.2.0/24", "203.0.113.0/24"} {
		s.Answer(Answer{Network: network, Action: "observe", Mode: "enforce", Rule: "session-id-guessing", TimeMS: 30_000})
		s.Answer(Answer{Network: network, Action: "observe", Mode: "shadow", Rule: "another", TimeMS: 20_000})
	}
	b := s.Scoreboard()
	if len(b.Kinds) != 1 || b.Kinds[0].Attacks != 2 || b.Kinds[0].Named != 1 || b.Kinds[0].Missed != 1 || b.Kinds[0].MeanRequests != 31 {
		t.Errorf("got %+v", b.Kinds)
	}
	if b.Named != (NamedTally{Networks: 2, Honest: 1}) {
		t.Errorf("named %+v", b.Named)
	}
}
