package rules

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxScore bounds a score: far above any rung, far below what arithmetic minds.
const maxScore = 10_000

var severities = []string{"low", "medium", "high", "critical"}

var ruleKeys = []string{"id", "renamed_from", "title", "owner", "severity", "mode", "rollout", "score", "evidence", "proof", "reaches", "detector", "with", "on", "when",
	"cooldown", "brake", "overrides", "except", "references", "tests"}

func (l *loader) loadRules(o object) {
	v, ok := l.get(o, "rules")
	if !ok {
		return
	}
	if v.Kind == yaml.SequenceNode && len(v.Content) == 0 {
		l.warn(o.keys["rules"], codeMissing, "", "without rules nothing is ever found")
	}
	for _, item := range l.items(v, "rules") {
		if r, ok := l.object(item, "a rule", ruleKeys...); ok {
			l.loadRule(r)
		}
	}
}

// someRules wants the key `rules` in one of the files: a set without it finds nothing, and was hardly meant.
func (l *loader) someRules() {
	for _, o := range l.rulesFiles {
		if _, ok := o.keys["rules"]; ok {
			return
		}
	}
	if len(l.rulesFiles) > 0 {
		l.must(l.rulesFiles[0], "rules", "")
	}
}

func (l *loader) loadRule(o object) {
	r := &Rule{Index: len(l.set.Rules), Detector: -1, rollout: 100}
	l.identify(r, o)
	r.Title, r.Owner = l.optional(o, "title"), l.optional(o, "owner")
	if v, ok := l.get(o, "severity"); ok {
		if i, ok := l.word(v, "severity", severities); ok {
			r.Severity = severities[i]
		}
	}
	base := l.loadJudgement(r, o)
	l.loadTrigger(r, o, &base)
	r.variants = l.loadVariants(r, o, base)
	if v, ok := l.get(o, "rollout"); ok {
		r.rollout = l.loadRollout(v)
	}
	if v, ok := l.get(o, "brake"); ok {
		r.Brake = l.loadRuleBrake(v)
	}
	if v, ok := l.get(o, "except"); ok {
		r.exceptions = l.loadExceptions(v)
	}
	if v, ok := l.get(o, "references"); ok {
		r.References = l.loadReferences(v)
	}
	l.set.Rules = append(l.set.Rules, r)
	l.drafts = append(l.drafts, draft{r, o})
}

// draft is a rule with the place where it stands.
type draft struct {
	rule *Rule
	object
}

// identify reads the id, which findings, history and tests know the rule by.
func (l *loader) identify(r *Rule, o object) {
	l.optional(o, "renamed_from")
	v, ok := l.must(o, "id", "name the rule: id: impossible-travel")
	if !ok {
		return
	}
	r.ID, ok = l.text(v, "id")
	if !ok {
		return
	}
	if !ruleID.MatchString(r.ID) {
		l.fail(v, codeForm, ruleIDHint(r.ID), "%q is not a rule id: small letters, digits and -, a letter first", r.ID)
	}
	if first, twice := l.ruleAt[r.ID]; twice {
		l.fail(v, codeDuplicate, "first used at "+first.position().String(), "rule id %q is used twice", r.ID)
		return
	}
	l.ruleAt[r.ID], l.ruleNames[r.ID] = v, r
}

func ruleIDHint(id string) string {
	better := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(id), "-"), "-0123456789")
	if better == "" || better == id {
		return ""
	}
	return "write " + better
}

// loadJudgement reads what a firing rule means: its kind, score, proof, mode and cooldown.
func (l *loader) loadJudgement(r *Rule, o object) Variant {
	base := Variant{Mode: l.defaults.mode, CooldownMS: l.defaults.cooldownMS}
	if v, ok := l.must(o, "score", "a whole number, for instance score: 40"); ok {
		base.Score, _ = l.whole(v, "score", 0, maxScore)
	}
	if v, ok := l.must(o, "evidence", "one of: "+strings.Join(kindNames[:], ", ")); ok {
		i, _ := l.word(v, "evidence", kindNames[:])
		r.Evidence = Kind(i)
	}
	if v, ok := l.get(o, "proof"); ok {
		r.Proof, _ = l.flag(v, "proof")
	}
	r.Reaches = RevokeUserSessions
	if r.Evidence == Behaviour {
		r.Reaches = RequireReauth
	}
	if v, ok := l.get(o, "reaches"); ok {
		if i, ok := l.word(v, "reaches", actionNames[Observe:Retract]); ok {
			r.Reaches = Observe + Action(i)
			if r.Evidence == Behaviour && r.Reaches > RequireReauth {
				l.warn(v, codeScore, "remove it: behaviour asks for a step-up", "behaviour alone is habit, not theft: it should not count towards a revoke")
			}
		}
	}
	l.loadMode(o, &base)
	return base
}

// loadMode reads mode and cooldown, of a rule or of an override.
func (l *loader) loadMode(o object, into *Variant) {
	if v, ok := l.get(o, "mode"); ok {
		if i, ok := l.word(v, "mode", modeNames[:]); ok {
			into.Mode = Mode(i)
		}
	}
	if v, ok := l.get(o, "cooldown"); ok {
		into.CooldownMS, _ = l.period(v, "cooldown")
	}
}

// loadTrigger reads what makes a rule fire: a detector with its parameters, event types, a condition.
func (l *loader) loadTrigger(r *Rule, o object, base *Variant) {
	detector, named := l.get(o, "detector")
	if named {
		r.Detector = l.detectorNamed(detector)
		l.unclear[r] = r.Detector < 0
	}
	if r.Detector >= 0 {
		base.Params = defaultParams(&l.lang.Detectors[r.Detector])
		if v, ok := l.get(o, "with"); ok {
			base.Params = l.loadParams(v, r.Detector, base.Params)
		}
	} else if k, ok := o.keys["with"]; ok && !named {
		l.fail(k, codeMissing, "name the detector that takes them: detector: impossible_travel", "with gives parameters to a detector, but the rule names none")
	}
	if v, ok := l.get(o, "on"); ok {
		r.on = l.loadEventTypes(v)
	}
	when, conditional := l.get(o, "when")
	if conditional {
		r.When = l.compile(when, "when")
		l.unclear[r] = l.unclear[r] || r.When == nil
	}
	if o.values["detector"].Node == nil && o.values["on"].Node == nil && o.values["when"].Node == nil {
		l.fail(o.node, codeMissing, "", "a rule needs a detector, an event type (on) or a condition (when)")
	}
}

func (l *loader) detectorNamed(n node) int {
	name, ok := l.text(n, "detector")
	if !ok {
		return -1
	}
	i, ok := l.lang.Detector(name)
	if !ok {
		names := make([]string, len(l.lang.Detectors))
		for i := range l.lang.Detectors {
			names[i] = l.lang.Detectors[i].Name
		}
		l.fail(n, codeUnknownName, didYouMean(name, names), "there is no detector %q", name)
		return -1
	}
	return i
}

func (l *loader) loadEventTypes(n node) []bool {
	on := make([]bool, len(l.lang.EventTypes))
	for _, item := range l.items(n, "on") {
		name, ok := l.text(item, "an event type")
		if !ok {
			continue
		}
		i := slices.Index(l.lang.EventTypes, name)
		if i < 0 || name == "" {
			l.fail(item, codeWord, didYouMean(name, l.lang.EventTypes), "%q is not an event type", name)
			continue
		}
		on[i] = true
	}
	return on
}

// loadVariants resolves the overrides: one variant a segment, the rule's own values where no override matches, else those
// of the first that does. Only the keys that it lists change.
func (l *loader) loadVariants(r *Rule, o object, base Variant) []Variant {
	variants := make([]Variant, len(l.set.Segments))
	for i := range variants {
		variants[i] = base
	}
	v, ok := l.get(o, "overrides")
	if !ok {
		return variants
	}
	done := map[int]bool{}
	for _, item := range l.items(v, "overrides") {
		e, ok := l.object(item, "an override", "segment", "with", "score", "mode", "cooldown")
		if !ok {
			continue
		}
		i, known := 0, false
		if v, ok := l.must(e, "segment", "name the segment that it is for"); ok {
			i, known = l.segmentNamed(v)
		}
		changed := l.loadOverride(r, e, base)
		if known && done[i] {
			l.warn(item, codeUnused, "", "an earlier override is for the same segment: this one does nothing")
		} else if known {
			variants[i], done[i] = changed, true
		}
	}
	return variants
}

func (l *loader) loadOverride(r *Rule, o object, v Variant) Variant {
	if n, ok := l.get(o, "with"); ok {
		if r.Detector < 0 && !l.unclear[r] {
			l.fail(o.keys["with"], codeMissing, "", "with gives parameters to a detector, but the rule names none")
		} else if r.Detector >= 0 {
			v.Params = l.loadParams(n, r.Detector, v.Params)
		}
	}
	if n, ok := l.get(o, "score"); ok {
		v.Score, _ = l.whole(n, "score", 0, maxScore)
	}
	l.loadMode(o, &v)
	return v
}

// loadRuleBrake reads the brake of one rule: over five minutes, of any share, and down to observe where it does not say otherwise.
func (l *loader) loadRuleBrake(n node) Brake {
	b := Brake{PerMS: 5 * minuteMS, OnTrip: Observe}
	l.loadBrake(n, &b, []string{None.String(), Observe.String(), Arm.String()})
	if b.Count == 0 {
		l.fail(n, codeMissing, "write brake: {per: 5m, count: 100, share: 0.5%}", "a brake of one rule needs a count")
	}
	return b
}

func (l *loader) loadRollout(n node) int {
	o, ok := l.object(n, "rollout", "percent", "by")
	if !ok {
		return 100
	}
	if v, ok := l.get(o, "by"); ok {
		l.word(v, "by", []string{"user.id"})
	}
	percent := 100
	if v, ok := l.must(o, "percent", "write {percent: 25, by: user.id}"); ok {
		percent, _ = l.whole(v, "percent", 0, 100)
	}
	return percent
}
