package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func dump(v any) string { return strings.ReplaceAll(fmt.Sprintf("%+v", v), "} ", "}\n") }

// loaded loads a text that has no faults.
func loaded(t *testing.T, text string) *Set {
	t.Helper()
	set, problems := load(t, text)
	if set == nil {
		t.Fatal(written(problems, Source{Name: "rules.yaml", Text: []byte(text)}))
	}
	return set
}

func TestOverridesChangeOnlyWhatTheyList(t *testing.T) {
	set := loaded(t, `version: 1
segments:
  private: user.segment == "private"
  staff: user.segment == "staff"
rules:
  - id: drift
    score: 80
    evidence: client
    mode: shadow
    detector: fingerprint_drift
    with: {threshold: 3, weights: {os: 5}}
    overrides:
      - {segment: private, with: {weights: {screen: 1}}, score: 60}
      - {segment: staff, mode: off, cooldown: 1h}
      - {segment: private, score: 1}
`)
	r := set.Rules[0]
	plain, private, staff := r.In(0), r.In(1), r.In(2)
	if plain.Score != 80 || private.Score != 60 || staff.Score != 80 {
		t.Errorf("scores %d, %d, %d", plain.Score, private.Score, staff.Score)
	}
	if plain.Mode != Shadow || private.Mode != Shadow || staff.Mode != Off {
		t.Errorf("modes %s, %s, %s", plain.Mode, private.Mode, staff.Mode)
	}
	if plain.CooldownMS != 600_000 || staff.CooldownMS != 3_600_000 {
		t.Errorf("cooldowns %d, %d", plain.CooldownMS, staff.CooldownMS)
	}
	const threshold, weights, os, engine, screen = 0, 1, 0, 1, 6
	for i, v := range []*Variant{plain, private, staff} {
		if v.Params.Num(threshold) != 3 || v.Params.Weight(weights, os) != 5 || v.Params.Weight(weights, engine) != 3 {
			t.Errorf("variant %d lost a parameter: %+v", i, v.Params)
		}
	}
	if plain.Params.Weight(weights, screen) != 0.5 || private.Params.Weight(weights, screen) != 1 {
		t.Error("the override's weight is not its own")
	}
}

func TestParams(t *testing.T) {
	set := loaded(t, `version: 1
lists: {carriers: {type: asn, values: [64496]}}
rules:
  - {id: a, score: 1, evidence: network, detector: concurrent_ips, with: {window: 90s, ignore_asn: carriers}}
  - {id: b, score: 1, evidence: network, detector: concurrent_ips}
  - {id: c, score: 1, evidence: network, detector: anonymizer, with: {to: [vpn], from: plain}}
  - {id: d, score: 1, evidence: network, detector: anonymizer}
  - {id: e, score: 1, evidence: network, detector: country_change, with: {require_asn_change: false}}
`)
	p := func(i int) *Params { return &set.Rules[i].In(0).Params }
	if p(0).MS(0) != 90_000 || p(1).MS(0) != 300_000 || p(0).Num(1) != 3 {
		t.Error("window or networks")
	}
	if !p(0).List(4).HasASN(64496) || p(0).List(4).HasASN(1) || p(1).List(4).HasASN(64496) {
		t.Error("list")
	}
	if p(2).Has(0, 0) || !p(2).Has(0, 1) || p(2).Word(1) != 1 || !p(3).Has(0, 0) || !p(3).Has(0, 2) || p(3).Word(1) != 0 {
		t.Error("words")
	}
	if p(4).On(1) {
		t.Error("toggle")
	}
}

func TestKindsAndCaps(t *testing.T) {
	set := loaded(t, `version: 1
rules:
  - {id: a, score: 40, evidence: behaviour, on: [session.created]}
  - {id: b, score: 40, evidence: account, reaches: require_reauth, on: [session.created]}
  - {id: c, score: 100, evidence: replay, proof: true, on: [session.created]}
`)
	if a, b, c := set.Rules[0], set.Rules[1], set.Rules[2]; a.Reaches != RequireReauth || b.Reaches != RequireReauth || c.Reaches != RevokeUserSessions || !c.Proof || b.Proof {
		t.Errorf("reaches %s, %s, %s", a.Reaches, b.Reaches, c.Reaches)
	}
}

func TestIndexes(t *testing.T) {
	l := bankLanguage()
	set := loaded(t, `version: 1
segments: {staff: user.segment == "staff"}
rules:
  - {id: detects, score: 1, evidence: network, detector: country_change}
  - {id: created, score: 1, evidence: client, on: [session.created, session.ended]}
  - {id: any, score: 1, evidence: client, when: user.mfa_fresh}
  - {id: idle, score: 1, evidence: client, mode: off, when: user.mfa_fresh}
  - {id: idle-detector, score: 1, evidence: client, mode: off, detector: country_change}
  - {id: staff-only, score: 1, evidence: client, mode: off, when: user.mfa_fresh, overrides: [{segment: staff, mode: shadow}]}
`)
	names := func(rules []*Rule) string {
		var ids []string
		for _, r := range rules {
			ids = append(ids, r.ID)
		}
		return strings.Join(ids, " ")
	}
	detector, _ := l.Detector("country_change")
	if got := names(set.ByDetector(detector)); got != "detects" {
		t.Error(got)
	}
	for i, name := range l.EventTypes {
		want := "any staff-only"
		if name == "session.created" || name == "session.ended" {
			want = "created any staff-only"
		}
		if got := names(set.ByEvent(i)); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestSegmentsAndExemptions(t *testing.T) {
	l := bankLanguage()
	set := loaded(t, `version: 1
segments:
  staff: user.segment == "staff"
  night: session.age > duration("8h")
exempt:
  - {segment: staff, reason: batch jobs, expires: 2026-12-01}
  - {when: 'user.id == "u-9"', reason: the chairman}
rules: []
`)
	facts := factsOf(t, l, map[string]Value{"user.segment": {Str: "staff"}, "session.age": {Int: 9 * hourMS}})
	if got := set.Segment(facts); got != 1 {
		t.Errorf("first match wins: %d", got)
	}
	if got := set.Segment(factsOf(t, l, nil)); got != 0 {
		t.Errorf("absent is in no segment: %d", got)
	}
	last := time.Date(2026, 12, 1, 23, 59, 59, 0, time.UTC).UnixMilli()
	if reason, ok := set.Exempt(facts, 1, last); !ok || reason != "batch jobs" {
		t.Error("exempt on its last day")
	}
	if _, ok := set.Exempt(facts, 1, last+1000); ok {
		t.Error("exempt after its end")
	}
	if _, ok := set.Exempt(facts, 2, last); ok {
		t.Error("another segment is exempt")
	}
	if reason, ok := set.Exempt(factsOf(t, l, map[string]Value{"user.id": {Str: "u-9"}}), 0, last); !ok || reason != "the chairman" {
		t.Error("exempt by condition")
	}
}

func TestExceptionsEndByEventTime(t *testing.T) {
	l := bankLanguage()
	r := loaded(t, `version: 1
rules:
  - id: a
    score: 1
    evidence: network
    detector: country_change
    except:
      - {id: old, when: user.mfa_fresh, reason: x, owner: y, expires: 2026-06-30}
      - {id: new, when: user.mfa_fresh, reason: x, owner: y, expires: 2027-06-30}
`).Rules[0]
	facts := factsOf(t, l, map[string]Value{"user.mfa_fresh": {Bool: true}})
	at := func(s string) int64 { d, _ := time.Parse(time.RFC3339, s); return d.UnixMilli() }
	if got := r.Excepted(facts, at("2026-06-30T23:00:00Z")); got != "old" {
		t.Errorf("got %q", got)
	}
	if got := r.Excepted(facts, at("2026-07-01T00:00:00Z")); got != "new" {
		t.Errorf("got %q", got)
	}
	if got := r.Excepted(facts, at("2027-07-01T00:00:00Z")); got != "" {
		t.Errorf("got %q", got)
	}
	if got := r.Excepted(factsOf(t, l, nil), at("2026-06-30T23:00:00Z")); got != "" {
		t.Errorf("unknown silences: %q", got)
	}
}

func TestRolloutIsStickyAndMonotone(t *testing.T) {
	rule := func(id string, percent int) *Rule { return &Rule{ID: id, rollout: percent} }
	inside := map[int]int{}
	other := 0
	for i := range 20_000 {
		user := fmt.Sprintf("u-%d", i)
		for p := 1; p <= 100; p++ {
			if rule("drift", p).Covers(user) {
				inside[p]++
			} else if p > 1 && rule("drift", p-1).Covers(user) {
				t.Fatalf("%s left the rollout at %d %%", user, p)
			}
		}
		if rule("drift", 25).Covers(user) && rule("travel", 25).Covers(user) {
			other++
		}
	}
	for _, p := range []int{1, 25, 50, 100} {
		if want := 200 * p; inside[p] < want*85/100 || inside[p] > want*115/100 {
			t.Errorf("%d %% covers %d of 20000", p, inside[p])
		}
	}
	if other < 1000 || other > 1500 { // a sixteenth: one rule's users are not the other's
		t.Errorf("two rules share %d of 20000", other)
	}
	if rule("drift", 0).Covers("u-1") || !rule("drift", 100).Covers("") {
		t.Error("0 or 100")
	}
	if !rule("drift", 50).Covers("u-3") || rule("drift", 50).Covers("u-2") {
		t.Error("the hash has changed: every rollout would be dealt anew")
	}
}

func TestHashNamesWhatDecides(t *testing.T) {
	const text = "version: 1\nrules: []\n"
	a := loaded(t, text)
	b, _ := Load([]Source{{Name: "elsewhere/r.yaml", Text: []byte(text)}, {Name: "r_test.yaml", Text: []byte("tests: []\n")}}, bankLanguage(), Options{})
	if a.Hash != b.Hash || !strings.HasPrefix(a.Hash, "sha256:") || len(a.Hash) != 71 {
		t.Errorf("%s, %s", a.Hash, b.Hash)
	}
	if c := loaded(t, text+"# a comment\n"); c.Hash == a.Hash {
		t.Error("another text, the same hash")
	}
}
