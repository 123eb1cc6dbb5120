package detector

import (
	"slices"

	"github.com/sessionguard/sessionguard/rules"
)

// brakeState counts answers of one hardness in a sliding window of event time, and holds them back once too many were given: a
// bad rule or a bad database must not log a bank out.
type brakeState struct {
	buckets [brakeBuckets]uint32
	newest  int64  // the number of the newest bucket since 1970
	widthMS int64  // of a bucket; adopted rules may change it
	since   int64  // when it tripped
	held    uint64 // answers that it held back since then
	rule    uint32 // hash of the rule's id; 0: of all rules
	tripped uint8
	_       [3]uint8
}

const brakeBuckets = 60

// The first brakes' slots, for all rules together: of step-ups, and of both revokes. The brakes of single rules follow.
const (
	brakeReauth uint32 = iota + 1
	brakeRevoke
)

// brake counts a command that is about to be sent. It gives the action to answer with, and the one it held back (None if none). What the
// session was asked for already is not sent anew, and not counted.
func (g *Engine) brake(r *risk, act rules.Action, now int64) (held, answer rules.Action) {
	which, limit := brakeReauth, g.set.Policy.Brake[rules.RequireReauth]
	switch {
	case act < rules.RequireReauth || g.inForce(r, act, now):
		return rules.None, act
	case act >= rules.RevokeSession:
		which, limit = brakeRevoke, g.set.Policy.Brake[rules.RevokeSession]
	}
	if !g.brakes.at(which).holds(limit, g.cfg.Partitions, int(g.live), now) {
		return rules.None, act
	}
	if _, lower := g.brake(r, limit.OnTrip, now); lower < act {
		return act, lower
	}
	return act, rules.Observe
}

// brakeAll counts a command that is about to be sent against the brakes of the rules that fired, then against those of all rules.
func (g *Engine) brakeAll(o *observation, a *answer, act rules.Action) (held, answer rules.Action) {
	g.countByRule(o.now, act)
	answer = min(act, g.withoutBraked(o, a, act))
	held, answer = g.brake(a.risk, answer, o.now)
	if answer < act {
		held = act
	}
	return held, answer
}

// countByRule counts a step-up or a revoke against the brake of each rule that fired.
func (g *Engine) countByRule(now int64, act rules.Action) {
	for i := range g.found {
		c := &g.found[i]
		if act < rules.RequireReauth || c.rule.Brake.Count == 0 || c.hidden != nil || c.shadow || c.excepted != "" {
			continue
		}
		slot := g.brakeOf(c.hash)
		if slot == 0 {
			slot = g.brakes.take()
			g.brakes.at(slot).rule = c.hash
		}
		g.brakes.at(slot).holds(c.rule.Brake, g.cfg.Partitions, int(g.live), now)
	}
}

// brakeOf gives the slot of a rule's brake; 0 while it has none.
func (g *Engine) brakeOf(rule uint32) uint32 {
	for slot := brakeRevoke + 1; slot <= g.brakes.used; slot++ {
		if g.brakes.at(slot).rule == rule {
			return slot
		}
	}
	return 0
}

// withoutBraked gives the answer that the session's findings ask for without those of braked rules, or what these may still ask for.
func (g *Engine) withoutBraked(o *observation, a *answer, act rules.Action) rules.Action {
	if g.brakes.used == brakeRevoke || act < rules.RequireReauth {
		return act
	}
	left, most, held := *a.risk, rules.None, false
	for i := range left.findings {
		m := &left.findings[i]
		if slot := g.brakeOf(m.rule); slot != 0 && g.holdsBack(slot) {
			*m, most, held = mark{}, max(most, g.ruleID[m.rule].Brake.OnTrip), true
		}
	}
	if !held {
		return act
	}
	standing := left.standing(&g.set.Policy, o.now, false)
	return max(most, g.set.Policy.Action(&standing, o.segment))
}

// holds counts one answer and says whether it is one too many. Once tripped it holds until a person lifts it.
func (b *brakeState) holds(limit rules.Brake, partitions, live int, now int64) bool {
	if limit.Count == 0 {
		return false
	}
	if b.tripped != 0 {
		b.held++
		return true
	}
	b.advance(now, max(1, limit.PerMS/brakeBuckets))
	b.buckets[b.newest%brakeBuckets]++
	var sum int
	for _, n := range b.buckets {
		sum += int(n)
	}
	share := (limit.Count + partitions - 1) / partitions
	if sum > share && float64(sum) > limit.Share*float64(live) {
		b.tripped, b.since, b.held = 1, now, 1
	}
	return b.tripped != 0
}

// advance empties the buckets up to a time. What was counted in buckets of another width is forgotten: their numbers mean other times.
func (b *brakeState) advance(now, widthMS int64) {
	bucket := max(0, now) / widthMS
	if widthMS != b.widthMS {
		b.buckets, b.newest, b.widthMS = [brakeBuckets]uint32{}, bucket, widthMS
	}
	if bucket <= b.newest {
		return
	}
	for i := max(b.newest+1, bucket-brakeBuckets+1); i <= bucket; i++ {
		b.buckets[i%brakeBuckets] = 0
	}
	b.newest = bucket
}

// BrakeRevoke is what rules.yaml calls the brake of both revokes; that of step-ups has their name, that of a rule its id.
const BrakeRevoke = "revoke"

// doubtMS is how long before a brake trips what trips it may have begun: the time over which the shipped one counts step-ups.
const doubtMS = 5 * 60_000

// Tripped is a brake that holds answers back.
type Tripped struct {
	Brake   string // require_reauth, BrakeRevoke, or a rule's id
	SinceMS int64  // event time
	Held    uint64 // answers that it held back since then
}

// period is a time between two moments of events, both included.
type period struct{ from, to int64 }

func (p period) holds(at int64) bool { return p.from <= at && at <= p.to && p.to != 0 }

// MergeTripped adds up what the same brakes held back on several partitions.
func MergeTripped(all, more []Tripped) []Tripped {
	for _, b := range more {
		if i := slices.IndexFunc(all, func(a Tripped) bool { return a.Brake == b.Brake }); i < 0 {
			all = append(all, b)
		} else {
			all[i].SinceMS, all[i].Held = min(all[i].SinceMS, b.SinceMS), all[i].Held+b.Held
		}
	}
	return all
}

// resumeBrakes is a person's word that answers may be given again. It says which brakes had held them back. What was wrong until now may have
// been a database: places that were new since shortly before a brake tripped are doubted, so that the mended one is not held against them.
func (g *Engine) resumeBrakes(now int64) []Tripped {
	lifted := g.tripped()
	if len(lifted) > 0 {
		g.doubted = period{now, now}
	}
	for _, b := range lifted {
		g.doubted.from = min(g.doubted.from, b.SinceMS-doubtMS)
	}
	for slot := uint32(1); slot <= g.brakes.used; slot++ {
		b := g.brakes.at(slot)
		*b = brakeState{rule: b.rule}
	}
	return lifted
}

// tripped lists the brakes that hold answers back, in the order of their slots.
func (g *Engine) tripped() (list []Tripped) {
	for slot := uint32(1); slot <= g.brakes.used; slot++ {
		if b := g.brakes.at(slot); g.holdsBack(slot) {
			list = append(list, Tripped{Brake: g.brakeName(slot), SinceMS: b.since, Held: b.held})
		}
	}
	return list
}

func (g *Engine) brakeName(slot uint32) string {
	switch slot {
	case brakeReauth:
		return rules.RequireReauth.String()
	case brakeRevoke:
		return BrakeRevoke
	}
	return g.ruleID[g.brakes.at(slot).rule].ID
}

// holdsBack says whether a brake that tripped holds answers back by the rules that are in force: when its rule is gone, or has no brake any more,
// there is nothing to hold. It is remembered all the same: the rule may come back.
func (g *Engine) holdsBack(slot uint32) bool {
	b := g.brakes.at(slot)
	if b.tripped == 0 {
		return false
	}
	switch slot {
	case brakeReauth:
		return g.set.Policy.Brake[rules.RequireReauth].Count > 0
	case brakeRevoke:
		return g.set.Policy.Brake[rules.RevokeSession].Count > 0
	}
	r := g.ruleID[b.rule]
	return r != nil && r.Brake.Count > 0
}

// braked says whether a brake holds answers back.
func (g *Engine) braked() bool {
	for slot := uint32(1); slot <= g.brakes.used; slot++ {
		if g.holdsBack(slot) {
			return true
		}
	}
	return false
}

// allowed gives what the brakes leave of an answer: where one of a single rule holds, nothing is sure to be more than observe.
func (g *Engine) allowed(act rules.Action) rules.Action {
	for slot := brakeRevoke + 1; slot <= g.brakes.used; slot++ {
		if g.holdsBack(slot) {
			return rules.Observe
		}
	}
	if act >= rules.RevokeSession && g.holdsBack(brakeRevoke) {
		act = g.set.Policy.Brake[rules.RevokeSession].OnTrip
	}
	if act >= rules.RequireReauth && act < rules.RevokeSession && g.holdsBack(brakeReauth) {
		act = g.set.Policy.Brake[rules.RequireReauth].OnTrip
	}
	return act
}
