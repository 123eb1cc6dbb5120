package detector

import (
	"hash/fnv"
	"slices"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// candidate is a rule that fired on the event, before policy.
type candidate struct {
	rule     *rules.Rule
	variant  *rules.Variant
	spec     *detectorSpec
	shadow   bool
	excepted string
	hash     uint32
	explanation
	hidden *mark // the mark whose cooldown covers it
	goesOn bool  // nothing new happened
}

// flags says how its mark counts.
func (c *candidate) flags() markFlags {
	var f markFlags
	if c.shadow {
		f |= markShadow
	}
	if c.proof() {
		f |= markProof
	}
	if c.rule.Reaches < rules.RevokeSession {
		f |= markCapped
	}
	if c.excepted != "" {
		f |= markExcepted
	}
	if c.spec != nil && c.spec.follows {
		f |= markFollows
	}
	return f
}

// proof says whether the finding is one: a weaker form of what a rule finds proves nothing.
func (c *candidate) proof() bool { return c.rule.Proof && c.score == c.variant.Score }

// judge shows the event to the rules that its signals and its type wake, and decides. It says whether the event may teach:
// no enforced rule fired on it.
func (g *Engine) judge(o *observation) bool {
	g.found = g.found[:0]
	for _, r := range g.set.ByEvent(int(o.e.Type)) {
		if v := r.In(o.segment); v.Mode != rules.Off && g.holds(o, r) {
			g.fire(o, r, v, nil)
		}
	}
	if o.signals != 0 {
		for k, d := range detectors {
			if d.wakes&o.signals != 0 {
				g.judgeDetector(o, k, d)
			}
		}
	}
	if asks := asksForMuch(o.e); len(g.found) > 0 || asks {
		g.decide(o, asks)
	}
	return !slices.ContainsFunc(g.found, func(c candidate) bool { return !c.shadow && !o.isHandover(&c) }) || g.grown(o)
}

// isHandover says whether a finding is no more than a phone's change between wifi and its carrier: the session takes it over as it is, and
// the user's network still has its day to wait.
func (o *observation) isHandover(c *candidate) bool {
	return c.spec == &asnChange && o.switched.cellular
}

// grown says whether the event's context has been in use for 24 hours without ever reaching more than arm: it teaches then.
func (g *Engine) grown(o *observation) bool {
	if o.s == nil || o.s.risk == 0 {
		return false
	}
	r := g.risks.at(o.s.risk)
	return r.context.matches(o.context()) && r.pending != 0 && r.highest <= rules.Arm && o.now-r.pending >= learnedAfterMS
}

func (g *Engine) judgeDetector(o *observation, k int, d *detectorSpec) {
	for _, r := range g.set.ByDetector(k) {
		v := r.In(o.segment)
		if v.Mode == rules.Off || !o.judges(d, r) {
			continue
		}
		switch answer := d.judge(g, o, &v.Params); answer {
		case fires, goesOn:
			if g.holds(o, r) {
				g.fire(o, r, v, d)
				g.found[len(g.found)-1].goesOn = answer == goesOn
			}
		case notEvaluable:
			g.stats.NotEvaluable[r.ID]++
		}
	}
}

// judges says whether the event is one that a detector looks at.
func (o *observation) judges(d *detectorSpec, r *rules.Rule) bool {
	return r.LooksAt(int(o.e.Type)) && (o.compared || d.sees&seesFirst != 0) && (o.e.Outcome != OutcomeFailure || d.sees&seesRefused != 0)
}

func (g *Engine) holds(o *observation, r *rules.Rule) bool {
	if r.When == nil {
		return true
	}
	switch r.When.Eval(o) {
	case rules.True:
		return true
	case rules.Unknown:
		g.stats.NotEvaluable[r.ID]++
	}
	return false
}

// fire notes a rule that fired, with what it measured: the next rule of the detector measures anew.
func (g *Engine) fire(o *observation, r *rules.Rule, v *rules.Variant, d *detectorSpec) {
	c := candidate{rule: r, variant: v, spec: d, hash: ruleHash(r.ID)}
	c.shadow = v.Mode == rules.Shadow || !g.wholeRollout && !r.Covers(o.e.User.ID)
	c.excepted = r.Excepted(o, o.now)
	c.reason = r.Title
	if d != nil {
		c.explanation = d.explain(g, o, &v.Params)
	}
	if c.score == 0 || c.score > v.Score {
		c.score = v.Score
	}
	g.found = append(g.found, c)
}

// ruleHash is how state knows a rule: the same in every revision.
func ruleHash(id string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(id))
	return h.Sum32() | 1
}

// notEvaluable lists the rules that could not be judged on the event, in the order of the file. None looks at what has no person behind it.
func (g *Engine) notEvaluable(o *observation) []NotEvaluable {
	list := []NotEvaluable{}
	if o.e.Background == True {
		return list
	}
	for _, r := range g.set.Rules {
		if r.In(o.segment).Mode == rules.Off {
			continue
		}
		if why := g.missing(o, r); why != "" {
			list = append(list, NotEvaluable{r.ID, why})
		}
	}
	return list
}

func (g *Engine) missing(o *observation, r *rules.Rule) string {
	if r.Detector >= 0 {
		if why := detectors[r.Detector].missing(g, o); why != "" {
			return why
		}
	}
	if r.When != nil && r.When.Eval(o) == rules.Unknown {
		if i := r.When.Missing(o); i >= 0 {
			return "no " + Language().Fields[i].Name
		}
		return "a number beyond all bounds"
	}
	return ""
}

// inOrder is the order of findings in a decision: enforced first, then by score, then by id.
func inOrder(a, b Finding) int {
	if a.Mode != b.Mode {
		return int(b.Mode) - int(a.Mode)
	}
	if a.Score != b.Score {
		return b.Score - a.Score
	}
	return strings.Compare(a.Rule, b.Rule)
}
