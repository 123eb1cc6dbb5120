package rules

import (
	"slices"
)

// ladder is one `ladder:`: a rung per action; Score 0 where there is none.
type ladder [NumActions]Rung

// shippedLadder is the built-in ladder: what rules.yaml ships with, and what holds where a file has no policy of its own.
func shippedLadder() ladder {
	return ladder{
		Observe:            {Action: Observe, Score: 1},
		Arm:                {Action: Arm, Score: 20},
		RequireReauth:      {Action: RequireReauth, Score: 40},
		RevokeSession:      {Action: RevokeSession, Score: 90, Evidence: 2},
		RevokeUserSessions: {Action: RevokeUserSessions, Score: 180, Proof: true},
	}
}

const minuteMS, hourMS = int64(60_000), int64(3_600_000)

func shippedPolicy() Policy {
	p := Policy{HalfLifeMS: 15 * minuteMS}
	p.RepeatMS = [NumActions]int64{Arm: hourMS, RequireReauth: 15 * minuteMS, RevokeSession: 24 * hourMS, RevokeUserSessions: 24 * hourMS}
	p.Brake = [NumActions]Brake{
		RequireReauth: {PerMS: 5 * minuteMS, Count: 1000, Share: 0.02, OnTrip: Observe},
		RevokeSession: {PerMS: minuteMS, Count: 200, Share: 0.005, OnTrip: RequireReauth},
	}
	return p
}

// policyDraft is the policy while it is being read.
type policyDraft struct {
	at       node // of `policy:`, for warnings about all of it
	rungAt   map[Action]node
	ladder   ladder
	segments map[int]ladder
}

func (l *loader) loadPolicy(o object) {
	v, ok := l.single(o, "policy")
	if !ok {
		return
	}
	p, ok := l.object(v, "policy", "half_life", "combine", "ladder", "repeat", "brake", "segments")
	if !ok {
		return
	}
	l.policy.at = o.keys["policy"]
	if v, ok := l.get(p, "half_life"); ok {
		if ms, ok := l.period(v, "half_life"); ok && ms > 0 {
			l.set.Policy.HalfLifeMS = ms
		} else if ok {
			l.fail(v, codeForm, "write it as 15m", "half_life is more than nothing")
		}
	}
	if v, ok := l.get(p, "combine"); ok {
		l.word(v, "combine", []string{"max_per_evidence"})
	}
	if v, ok := l.get(p, "ladder"); ok {
		l.policy.ladder = l.loadLadder(v, ladder{}, l.policy.rungAt)
	}
	if v, ok := l.get(p, "repeat"); ok {
		l.loadRepeat(v)
	}
	if v, ok := l.get(p, "brake"); ok {
		l.loadBrakes(v)
	}
	if v, ok := l.get(p, "segments"); ok {
		l.loadSegmentLadders(v)
	}
}

// loadLadder reads rungs into a copy of base: a segment's ladder changes only what it names.
func (l *loader) loadLadder(n node, base ladder, at map[Action]node) ladder {
	o, ok := l.object(n, "a ladder", actionNames[Observe:Retract]...)
	if !ok {
		return base
	}
	for a := Observe; a < Retract; a++ {
		if v, ok := l.get(o, a.String()); ok {
			base[a] = l.loadRung(v, a, base[a])
			if at != nil {
				at[a] = o.keys[a.String()]
			}
		}
	}
	l.checkLadder(o, base)
	return base
}

// checkLadder wants harder answers higher up, and two witnesses or a proof for a revoke.
func (l *loader) checkLadder(o object, steps ladder) {
	last := 0
	for a := Observe; a < Retract; a++ {
		at, written := o.values[a.String()]
		if !written {
			at = o.node
		}
		if steps[a].Score == 0 {
			continue
		}
		if steps[a].Score < last {
			l.fail(at, codeLadder, "", "the rung %s needs %d, less than the rung below it (%d)", a, steps[a].Score, last)
		}
		if written && a >= RevokeSession && steps[a].Evidence < 2 && !steps[a].Proof {
			l.warn(at, codeLadder, "add evidence: 2 or proof: true", "%s may follow from one kind of evidence: a network alone never proves theft", a)
		}
		last = steps[a].Score
	}
}

func (l *loader) loadRung(n node, a Action, r Rung) Rung {
	o, ok := l.object(n, "a rung", "score", "evidence", "proof")
	if !ok {
		return r
	}
	r.Action = a
	if v, ok := l.get(o, "score"); ok {
		r.Score, _ = l.whole(v, "score", 1, maxScore)
	} else if r.Score == 0 && o.values["score"].Node == nil {
		l.must(o, "score", "write {score: 40}")
	}
	if v, ok := l.get(o, "evidence"); ok {
		r.Evidence, _ = l.whole(v, "evidence", 1, NumKinds)
	}
	if v, ok := l.get(o, "proof"); ok {
		r.Proof, _ = l.flag(v, "proof")
	}
	return r
}

func (l *loader) loadRepeat(n node) {
	o, ok := l.object(n, "repeat", actionNames[Arm:Retract]...)
	if !ok {
		return
	}
	for a := Arm; a < Retract; a++ {
		if v, ok := l.get(o, a.String()); ok {
			l.set.Policy.RepeatMS[a], _ = l.period(v, "repeat of "+a.String())
		}
	}
}

func (l *loader) loadBrakes(n node) {
	o, ok := l.object(n, "brake", "revoke", "require_reauth")
	if !ok {
		return
	}
	if v, ok := l.get(o, "revoke"); ok {
		l.loadBrake(v, &l.set.Policy.Brake[RevokeSession], []string{None.String(), Observe.String(), Arm.String(), RequireReauth.String()})
	}
	if v, ok := l.get(o, "require_reauth"); ok {
		l.loadBrake(v, &l.set.Policy.Brake[RequireReauth], []string{None.String(), Observe.String(), Arm.String()})
	}
}

// loadBrake reads one brake over the built-in one: a key that is left out keeps its value, so that no brake is lost by half.
func (l *loader) loadBrake(n node, b *Brake, softer []string) {
	o, ok := l.object(n, "a brake", "per", "count", "share", "on_trip")
	if !ok {
		return
	}
	if v, ok := l.get(o, "per"); ok {
		if ms, ok := l.period(v, "per"); ok && ms > 0 {
			b.PerMS = ms
		} else if ok {
			l.fail(v, codeForm, "write it as 1m", "per is more than nothing")
		}
	}
	if v, ok := l.get(o, "count"); ok {
		b.Count, _ = l.whole(v, "count", 0, 1<<31-1)
	}
	if v, ok := l.get(o, "share"); ok {
		b.Share, _ = l.percent(v, "share")
	}
	if v, ok := l.get(o, "on_trip"); ok {
		if i, ok := l.word(v, "on_trip", softer); ok {
			b.OnTrip, _ = ParseAction(softer[i])
		}
	}
}

func (l *loader) loadSegmentLadders(n node) {
	l.pairs(n, func(name string, k, v node) {
		i, known := l.segmentNamed(k)
		o, ok := l.object(v, "the policy of a segment", "ladder")
		if !ok {
			return
		}
		if v, ok := l.must(o, "ladder", ""); ok {
			changed := l.loadLadder(v, l.policy.ladder, nil)
			if known {
				l.policy.segments[i] = changed
			}
		}
	})
}

// finishPolicy gives every segment its ladder.
func (l *loader) finishPolicy() {
	for i := range l.set.Segments {
		steps, own := l.policy.segments[i]
		if !own {
			steps = l.policy.ladder
		}
		var rungs []Rung
		for _, r := range steps {
			if r.Score > 0 {
				rungs = append(rungs, r)
			}
		}
		slices.Reverse(rungs)
		l.set.Policy.Rungs = append(l.set.Policy.Rungs, rungs)
	}
}
