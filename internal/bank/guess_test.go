package bank

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestGuessersAreFasterThanAppsAfterADeploy(t *testing.T) {
	t.Parallel()
	guessed, known := map[string]map[int64]int{}, map[string]bool{} // guesses a minute, and their networks
	noise, networks := 0, map[string]bool{}
	play(t, Config{Users: 1500, Seed: 31, For: 48 * time.Hour, Geo: true, DeployEvery: 20 * time.Hour, Attacks: Mix{SessionIDGuessing: 8}}, func(_ *Bank, p *Published) {
		l := &p.Label
		if l.Network == "" {
			return
		}
		var e shown
		if err := json.Unmarshal(p.JSON, &e); err != nil || e.Type != "session.unknown_id" || e.Data.User.ID != "" || e.Data.Session.ID != "" {
			t.Fatalf("%v: %s", err, p.JSON)
		}
		if p.Key != "ip:"+e.Data.Client.IP.String() || networkOf(e.Data.Client.IP.String()) != l.Network && l.Cause&CausePrivateAddress == 0 {
			t.Fatalf("key %q and network %q of %s", p.Key, l.Network, p.JSON)
		}
		if l.Actor == Honest {
			noise++
			networks[l.Network] = true
			return
		}
		if guessed[l.AttackID] == nil {
			guessed[l.AttackID] = map[int64]int{}
		}
		guessed[l.AttackID][p.TimeMS/60_000]++
		known[l.Network] = true
	})
	if len(guessed) != 8 || len(known) > 8 {
		t.Errorf("%d guessers in %d networks, want 8 in one each", len(guessed), len(known))
	}
	for id, minutes := range guessed {
		most := 0
		for _, n := range minutes {
			most = max(most, n)
		}
		if most < 20 {
			t.Errorf("%s made at most %d guesses a minute", id, most)
		}
	}
	if noise < 1000 || len(networks) < 200 {
		t.Errorf("%d unknown ids of honest apps from %d networks", noise, len(networks))
	}
}

// TestWhatOnlyAnotherPartitionSees holds that the traces of these kinds are under two keys.
func TestWhatOnlyAnotherPartitionSees(t *testing.T) {
	t.Parallel()
	for _, kind := range []AttackKind{FixationClone, RefreshTokenElsewhere, SharedByUsers} {
		keys, count := map[string]map[string]bool{}, map[string]bool{}
		byUser, byNobody := 0, 0
		play(t, Config{Users: 600, Seed: 33, For: 30 * time.Hour, Geo: true, Attacks: only(kind, 12)}, func(_ *Bank, p *Published) {
			l := &p.Label
			if l.Lineage == "" {
				return
			}
			if keys[l.Lineage] == nil {
				keys[l.Lineage] = map[string]bool{}
			}
			keys[l.Lineage][p.Key] = true
			if l.Actor == Thief && !l.Refused && !count[l.AttackID] {
				count[l.AttackID] = true
				if strings.HasPrefix(p.Key, "u-") {
					byUser++
				} else {
					byNobody++
				}
			}
		})
		if len(count) != 12 {
			t.Errorf("%d attacks of %s, want 12", len(count), kind)
		}
		if kind != SharedByUsers && (byUser == 0 || byNobody == 0) {
			t.Errorf("%s began %d times under another user's id and %d times under none", kind, byUser, byNobody)
		}
	}
}

func only(k AttackKind, n int) Mix {
	var m Mix
	m[k] = n
	return m
}
