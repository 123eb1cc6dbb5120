package bank

import (
	"strings"
	"testing"
	"time"
)

// obeying plays a world in which a detector answers the thief's n-th accepted request of every attack with an action.
func obeying(t *testing.T, cfg Config, action string, n int, see func(*Published)) map[string]int {
	t.Helper()
	results, requests := map[string]int{}, map[string]int{}
	play(t, cfg, func(b *Bank, p *Published) {
		see(p)
		l := p.Label
		if l.Actor != Thief || !l.Request || l.Refused {
			return
		}
		if requests[l.AttackID]++; requests[l.AttackID] == n {
			results[b.Obey(action, l.SessionID, p.Key, p.TimeMS)]++
		}
	})
	return results
}

func attacked() Config {
	c := Config{Users: 600, Seed: 21, For: 12 * time.Hour}
	c.Attacks = EveryKind(8)
	return c
}

// tallyOf counts what thieves did, and what customers whose session was stolen did.
type tallyOf struct {
	started, refused, completed, failedStepUps map[string]bool
	through                                    map[string]int // thieves who completed, by kind
	revoked, passed, again                     int
	victims                                    map[string]bool
}

func newTally() *tallyOf {
	return &tallyOf{started: map[string]bool{}, refused: map[string]bool{}, completed: map[string]bool{}, failedStepUps: map[string]bool{}, through: map[string]int{}, victims: map[string]bool{}}
}

func (c *tallyOf) see(t *testing.T, p *Published) {
	e, id := decode(t, p), p.Label.AttackID
	if p.Label.Actor == Thief {
		c.started[id] = true
		c.refused[id] = c.refused[id] || p.Label.Refused
		if p.Label.Completed && p.Label.Cause&CauseDisorder == 0 && !c.completed[id] { // one whose events come late is answered late
			c.completed[id] = true
			c.through[p.Label.Attack]++
		}
		c.failedStepUps[id] = c.failedStepUps[id] || e.Type == "auth.reauthenticated" && e.Data.Outcome == "failure"
		c.victims[p.Key] = true
		return
	}
	switch {
	case e.Type == "session.ended" && e.Data.Session.EndReason == "revoked":
		c.revoked++
	case e.Type == "auth.reauthenticated" && c.victims[p.Key]:
		c.passed++
	case e.Type == "session.created" && c.victims[p.Key]:
		c.again++
	}
}

func count(of map[string]bool) int {
	n := 0
	for _, is := range of {
		if is {
			n++
		}
	}
	return n
}

func TestWithoutAnswersThievesTakeTheMoney(t *testing.T) {
	c := newTally()
	play(t, attacked(), func(_ *Bank, p *Published) { c.see(t, p) })
	if n := count(c.completed); n < 30 {
		t.Errorf("%d of %d thieves got through", n, len(c.started))
	}
	if c.revoked != 0 || count(c.failedStepUps) != 0 {
		t.Errorf("%d sessions revoked and %d step-ups failed, though nobody asked", c.revoked, count(c.failedStepUps))
	}
}

func TestARevokeEndsTheSessionForWhoeverUsesIt(t *testing.T) {
	for _, action := range []string{"revoke_session", "revoke_user_sessions"} {
		c := newTally()
		results := obeying(t, attacked(), action, 1, func(p *Published) { c.see(t, p) })
		if n := count(c.completed); n != 0 {
			t.Errorf("%s: %d thieves got through", action, n)
		}
		if c.revoked < 25 || count(c.refused) < 30 || c.again == 0 {
			t.Errorf("%s: %d sessions ended as revoked, %d thieves refused, %d new logins of victims", action, c.revoked, count(c.refused), c.again)
		}
		if results[Applied] == 0 || results[AlreadyEnded] == 0 || results[UnknownSession] != 8 {
			t.Errorf("%s: results %v; sessions used after their logout had ended already, and the planted ones are not known", action, results)
		}
	}
}

func TestTheCustomerPassesAStepUpAndTheThiefDoesNot(t *testing.T) {
	c := newTally()
	obeying(t, attacked(), "require_reauth", 1, func(p *Published) { c.see(t, p) })
	withoutAnswer := newTally()
	play(t, attacked(), func(_ *Bank, p *Published) { withoutAnswer.see(t, p) })
	if got, before := count(c.completed), count(withoutAnswer.completed); got > before/4 {
		t.Errorf("%d thieves got through, %d without an answer; only those after a logout may", got, before)
	}
	if count(c.failedStepUps) == 0 || c.passed == 0 {
		t.Errorf("%d step-ups failed, %d passed", count(c.failedStepUps), c.passed)
	}
}

func TestAnArmedSessionStopsTheThiefBeforeTheAction(t *testing.T) {
	cfg := attacked()
	cfg.Attacks[UseAfterLogout], cfg.Attacks[UseAfterExpiry] = 0, 0 // these have ended: there is nothing to arm
	cfg.Attacks[SessionFarm] = 0                                    // his other sessions are not armed
	for _, k := range AttackKinds() {
		if attackTable[k].inside || attackTable[k].old {
			cfg.Attacks[k] = 0 // who sits in the victim's own client, or whom her new id does not leave behind, has the use of her step-up
		}
	}
	c := newTally()
	results := obeying(t, cfg, "arm", 1, func(p *Published) { c.see(t, p) })
	if n := count(c.completed); n != 0 {
		t.Errorf("%d thieves got through: %v", n, c.through)
	}
	if results[Applied] < 25 || count(c.failedStepUps) == 0 {
		t.Errorf("results %v, %d step-ups failed", results, count(c.failedStepUps))
	}
}

func TestAnObeyingWorldIsTheSameEveryTime(t *testing.T) {
	var worlds [2]strings.Builder
	for i := range worlds {
		obeying(t, attacked(), "revoke_session", 2, func(p *Published) { worlds[i].WriteString(p.Label.EventID) })
	}
	if worlds[0].String() != worlds[1].String() {
		t.Error("the same commands led to two worlds")
	}
}

func TestObeyKnowsWhatItDoesNotKnow(t *testing.T) {
	b, err := New(Config{Users: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"u-00001", "u-99999", "", "nobody"} {
		if got := b.Obey("revoke_session", "ses_none", user, 0); got != UnknownSession {
			t.Errorf("user %q: %s", user, got)
		}
	}
	if got := b.Obey("revoke_user_sessions", "", "u-00001", 0); got != AlreadyEnded {
		t.Errorf("a customer without sessions: %s", got)
	}
}
