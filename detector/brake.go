package detector

import "github.com/sessionguard/sessionguard/rules"

// brakeState counts answers of one hardness in a sliding window of event time, and holds them back once too many were given: a
// bad rule or a bad database must not log a bank out.
type brakeState struct {
	buckets [brakeBuckets]uint32
	newest  int64 // the number of the newest bucket since 1970
	tripped uint8
	_       [7]uint8
}

const brakeBuckets = 60

// The brakes' slots: of step-ups, and of both revokes.
const (
	brakeReauth uint32 = iota + 1
	brakeRevoke
)

// brake counts a command that is about to be sent. It gives the action to answer with, and the one it held back (None if none).
func (g *Engine) brake(act rules.Action, now int64) (held, answer rules.Action) {
	which, limit := brakeReauth, g.set.Policy.Brake[rules.RequireReauth]
	switch {
	case act < rules.RequireReauth:
		return rules.None, act
	case act >= rules.RevokeSession:
		which, limit = brakeRevoke, g.set.Policy.Brake[rules.RevokeSession]
	}
	if !g.brakes.at(which).holds(limit, g.cfg.Partitions, int(g.live), now) {
		return rules.None, act
	}
	if _, lower := g.brake(limit.OnTrip, now); lower < act {
		return act, lower
	}
	return act, rules.Observe
}

// holds counts one answer and says whether it is one too many. Once tripped it holds until a person lifts it.
func (b *brakeState) holds(limit rules.Brake, partitions, live int, now int64) bool {
	if limit.Count == 0 {
		return false
	}
	if b.tripped != 0 {
		return true
	}
	b.advance(now / max(1, limit.PerMS/brakeBuckets))
	b.buckets[b.newest%brakeBuckets]++
	var sum int
	for _, n := range b.buckets {
		sum += int(n)
	}
	share := (limit.Count + partitions - 1) / partitions
	if sum > share && float64(sum) > limit.Share*float64(live) {
		b.tripped = 1
	}
	return b.tripped != 0
}

func (b *brakeState) advance(bucket int64) {
	if bucket <= b.newest {
		return
	}
	for i := max(b.newest+1, bucket-brakeBuckets+1); i <= bucket; i++ {
		b.buckets[i%brakeBuckets] = 0
	}
	b.newest = bucket
}

// resumeBrakes is a person's word that answers may be given again.
func (g *Engine) resumeBrakes() {
	*g.brakes.at(brakeReauth), *g.brakes.at(brakeRevoke) = brakeState{}, brakeState{}
}
