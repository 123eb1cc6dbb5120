package rules

import (
	"math"
	"math/big"
	"testing"
)

func TestHalvesAreTheRootsOfOneHalf(t *testing.T) {
	const bits = 400
	root := new(big.Int).Lsh(big.NewInt(1), bits-1) // 1/2 as a fraction of 2^400
	for i, got := range halves {
		root.Sqrt(root.Lsh(root, bits))
		if want := new(big.Int).Rsh(root, bits-63).Uint64(); got != want {
			t.Errorf("halves[%d] is %#x, want %#x", i, got, want)
		}
	}
}

func TestDecay(t *testing.T) {
	p := shippedPolicy()
	f := func(score int, ageMS int64, want int) {
		t.Helper()
		if got := p.Decay(score, ageMS); got != want {
			t.Errorf("%d after %d ms: got %d, want %d", score, ageMS, got, want)
		}
	}
	f(80, 0, 80)
	f(80, -5*minuteMS, 80) // late
	f(80, 1, 79)           // rounded down
	f(80, 15*minuteMS, 40)
	f(80, 30*minuteMS, 20)
	f(81, 30*minuteMS, 20)
	f(80, 15*minuteMS-1, 40)
	f(80, 15*minuteMS+1, 39)
	f(100, 7*minuteMS+30_000, 70) // 100 / sqrt(2) = 70.7
	f(80, 24*hourMS, 0)
	f(80, math.MaxInt64, 0)
	f(0, minuteMS, 0)
	f(-5, minuteMS, 0)
	f(maxScore, 15*minuteMS, maxScore/2)
	p.HalfLifeMS = 0
	f(80, hourMS, 80)
}

func TestDecayAgreesWithTheFormula(t *testing.T) {
	p := shippedPolicy()
	last := maxScore
	for age := int64(0); age < 4*hourMS; age += 977 {
		got := p.Decay(maxScore, age)
		exact := maxScore * math.Exp2(-float64(age)/float64(p.HalfLifeMS))
		if got > last || float64(got) > exact+1e-6 || float64(got) < exact-1.01 {
			t.Fatalf("after %d ms: %d, before it %d, exactly %f", age, got, last, exact)
		}
		last = got
	}
}

func TestAction(t *testing.T) {
	set, _ := load(t, "version: 1\nrules: []\n")
	f := func(what string, s Standing, want Action) {
		t.Helper()
		if got := set.Policy.Action(&s, 0); got != want {
			t.Errorf("%s: got %s, want %s", what, got, want)
		}
	}
	f("nothing", Standing{}, None)
	f("residue", Standing{Best: [NumKinds]int{Network: 1}}, Observe)
	f("a VPN", Standing{Best: [NumKinds]int{Network: 20}}, Arm)
	f("impossible travel", Standing{Best: [NumKinds]int{Network: 49}}, RequireReauth)
	f("network alone never revokes", Standing{Best: [NumKinds]int{Network: 500}}, RequireReauth)
	f("client alone neither", Standing{Best: [NumKinds]int{Client: 500}}, RequireReauth)
	f("two kinds", Standing{Best: [NumKinds]int{Network: 10, Client: 80}}, RevokeSession)
	f("the second kind is residue", Standing{Best: [NumKinds]int{Network: 9, Client: 90}}, RequireReauth)
	f("behaviour raises to a step-up", Standing{Capped: [NumKinds]int{Behaviour: 40}}, RequireReauth)
	f("behaviour is no second kind", Standing{Best: [NumKinds]int{Client: 80}, Capped: [NumKinds]int{Behaviour: 40}}, RequireReauth)
	f("behaviour adds nothing to a revoke", Standing{Best: [NumKinds]int{Network: 20, Client: 60}, Capped: [NumKinds]int{Behaviour: 40}}, RequireReauth)
	f("a capped finding does not lift its kind", Standing{Best: [NumKinds]int{Network: 49, Account: 5}, Capped: [NumKinds]int{Account: 90}}, RequireReauth)
	f("a proof", Standing{Best: [NumKinds]int{Replay: 100}, Proof: 100}, RevokeSession)
	f("a proof that has decayed", Standing{Best: [NumKinds]int{Replay: 80}, Proof: 80}, RequireReauth)
	f("a proof of its own answer", Standing{Best: [NumKinds]int{Replay: 190}, Proof: 190}, RevokeUserSessions)
	f("180 without such a proof", Standing{Best: [NumKinds]int{Network: 49, Client: 80, Replay: 100}, Proof: 100}, RevokeSession)
}

func TestShippedPolicyIsBuiltIn(t *testing.T) {
	built, _ := load(t, "version: 1\nrules: []\n")
	stated, problems := load(t, `version: 1
rules: []
policy:
  half_life: 15m
  combine: max_per_evidence
  ladder:
    observe: {score: 1}
    arm: {score: 20}
    require_reauth: {score: 40}
    revoke_session: {score: 90, evidence: 2}
    revoke_user_sessions: {score: 180, proof: true}
  repeat: {arm: 1h, require_reauth: 15m, revoke_session: 24h, revoke_user_sessions: 24h}
  brake:
    revoke: {per: 1m, count: 200, share: 0.5%, on_trip: require_reauth}
    require_reauth: {per: 5m, count: 1000, share: 2%, on_trip: observe}
`)
	if stated == nil {
		t.Fatal(written(problems))
	}
	if a, b := dump(built.Policy), dump(stated.Policy); a != b {
		t.Errorf("built in\n%s\nstated\n%s", a, b)
	}
}

func TestSegmentLadderChangesOnlyWhatItNames(t *testing.T) {
	set, problems := load(t, `version: 1
rules: []
segments: {private: user.segment == "private"}
policy: {segments: {private: {ladder: {require_reauth: {score: 30}}}}}
`)
	if set == nil {
		t.Fatal(written(problems))
	}
	s := Standing{Best: [NumKinds]int{Network: 35}}
	if a, b := set.Policy.Action(&s, 0), set.Policy.Action(&s, 1); a != Arm || b != RequireReauth {
		t.Errorf("default %s, private %s", a, b)
	}
	s = Standing{Best: [NumKinds]int{Network: 10, Client: 80}}
	if got := set.Policy.Action(&s, 1); got != RevokeSession {
		t.Errorf("private lost its revoke: %s", got)
	}
}
