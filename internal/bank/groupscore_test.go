package bank

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

func TestGroupsAreComparedWithTheOthers(t *testing.T) {
	s := scored{NewScore()}
	for i := range 400 {
		group := Others
		if i < 200 {
			group = []string{"sase", "relay"}[i%2]
		}
		id := fmt.Sprint("s", i)
		s.honestDid(int64(i), id, Label{Begins: true, Request: true, Group: group})
		if i < 10 || i == 399 {
			s.decide(int64(i), id, "require_reauth", "asn-change")
		}
	}
	s.Event(&Published{TimeMS: 400_000, Key: "c-s1", Label: Label{SessionID: "s1", Lineage: "s1", Actor: Thief, Attack: "scripted-replay", AttackID: "a1", Group: "relay", Request: true}})
	s.decide(400, "s1", "revoke_session", "headless-client")
	s.decide(401, "s3", "revoke_session", "headless-client")
	by := map[string]GroupTally{}
	b := s.Scoreboard()
	for _, g := range b.Groups {
		by[g.Group] = g
	}
	if g := by[Shared]; g.Sessions != 199 || g.StepUps.Sessions != 10 || g.People != 10 || g.Revokes.Sessions != 1 || g.Attacks != 1 || g.BeforeAction != 1 || g.PMore > 0.01 {
		t.Errorf("together %+v", g)
	}
	if g := by["sase"]; g.Sessions != 100 || g.StepUps.Sessions != 5 || g.Attacks != 0 {
		t.Errorf("sase %+v", g)
	}
	if g := by[Others]; g.Sessions != 200 || g.StepUps.Sessions != 1 || g.PMore != 1 {
		t.Errorf("others %+v", g)
	}
	var table strings.Builder
	if err := b.WriteTable(&table); err != nil || !strings.Contains(table.String(), Shared) {
		t.Errorf("%v: %s", err, table.String())
	}
	for line := range strings.Lines(table.String()) {
		if len(line) > 121 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
}

func TestSessionsOfTheFirstDaysCountForNothing(t *testing.T) {
	s := scored{NewScore()}
	s.After = time.Hour
	s.honestDid(0, "early", Label{Begins: true, Request: true})
	s.honestDid(0, "early and long", Label{Begins: true, Request: true})
	s.decide(1, "early", "require_reauth", "asn-change")
	s.honestDid(3600, "late", Label{Begins: true, Request: true})
	s.decide(3601, "early and long", "revoke_session", "asn-change")
	s.decide(3601, "late", "require_reauth", "asn-change")
	if h := s.Scoreboard().Honest; h.Sessions != 1 || h.StepUps.Sessions != 1 || h.Revokes.Sessions != 0 {
		t.Errorf("got %+v", h)
	}
}

// TestMoreOften has values of R: binom.test(k1, k1+k2, n1/(n1+n2), "greater").
func TestMoreOften(t *testing.T) {
	f := func(k1, n1, k2, n2 int, want float64) {
		t.Helper()
		if got := moreOften(k1, n1, k2, n2); math.Abs(got-want) > 1e-6 {
			t.Errorf("%d of %d against %d of %d: got %.6f, want %.6f", k1, n1, k2, n2, got, want)
		}
	}
	f(0, 100, 5, 100, 1)
	f(1, 100, 0, 100, 0.5)
	f(5, 100, 0, 100, 0.03125)
	f(10, 1000, 10, 1000, 0.588099)
	f(3, 100, 1, 300, 0.050781)
	f(3, 100, 1, 0, 1)
}
