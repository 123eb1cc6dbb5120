package rules

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// lint looks for what is allowed but was hardly meant.
func (l *loader) lint() {
	for _, d := range l.tested {
		l.untested(d)
		l.overweight(d)
	}
	if !l.blind {
		l.unused()
	}
	if !HasErrors(l.problems) {
		l.unreachable()
	}
}

func (l *loader) unused() {
	for _, name := range sortedKeys(l.listAt) {
		if !l.listUsed[name] && !l.lists[name].faulty { // what is broken has been reported
			l.warn(l.listAt[name], codeUnused, "remove it, or use it in a condition", "nothing uses the list %q", name)
		}
	}
	for _, name := range sortedKeys(l.segmentAt) {
		if !l.segUsed[name] {
			l.warn(l.segmentAt[name], codeUnused, "remove it, or use it in an override, exempt or policy", "nothing uses the segment %q", name)
		}
	}
}

// overweight warns about one rule that passes the revoke rung alone: two kinds of evidence, or a proof, is the principle.
func (l *loader) overweight(d draft) {
	revoke := l.policy.ladder[RevokeSession].Score
	for _, v := range d.rule.variants {
		if n, ok := d.values["score"]; ok && !d.rule.Proof && d.rule.Reaches >= RevokeSession && revoke > 0 && v.Score >= revoke {
			l.warn(n, codeScore, "lower it, or mark a true proof with proof: true", "one rule alone reaches the revoke rung (%d)", revoke)
			return
		}
	}
}

// unreachable warns about rungs that the enforced rules together cannot reach.
func (l *loader) unreachable() {
	var best Standing
	for _, r := range l.set.Rules {
		for _, v := range r.variants {
			if v.Mode != Enforce {
				continue
			}
			into := &best.Best
			if r.Reaches <= RequireReauth {
				into = &best.Capped
			}
			into[r.Evidence] = max(into[r.Evidence], v.Score)
			if r.Proof {
				best.Proof = max(best.Proof, v.Score)
			}
		}
	}
	if best == (Standing{}) {
		return // nothing is enforced: there is nothing that should reach anything
	}
	for a := Observe; a < Retract; a++ {
		n, written := l.policy.rungAt[a]
		rung := l.policy.ladder[a]
		if !written || rung.Score == 0 || rung.Proof { // a rung of proofs may wait for its proof
			continue
		}
		if !rung.holds(&best) {
			score, kinds := best.towards(a)
			l.warn(n, codeLadder, "", "%s needs %s; the enforced rules can give at most %d from %s", a, rung.wants(), score, plural(kinds, "kind"))
		}
	}
}

// wants tells a rung's conditions: "90 from 2 kinds".
func (r *Rung) wants() string {
	if r.Evidence == 0 {
		return strconv.Itoa(r.Score)
	}
	return fmt.Sprintf("%d from %s", r.Score, plural(r.Evidence, "kind"))
}
