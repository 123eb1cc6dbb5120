package detector

import (
	"slices"

	"github.com/sessionguard/sessionguard/rules"
)

// tally counts the verdicts on what one rule found on one day (UTC).
type tally struct {
	rule   uint32 // hash of its id; 0: free
	day    uint16 // since 1970, of the decisions
	_      [2]uint8
	labels [3]uint32 // by Labels
}

// maxTallies bounds them: sixty rules for more than a fortnight. The oldest day gives way.
const maxTallies = 1024

// PrecisionDays is over how many days of decisions, counted back from the partition's clock, a rule's precision is taken.
const PrecisionDays = 7

// Verdicts counts what analysts said of a rule's decisions.
type Verdicts struct{ True, False, Unsure uint64 }

// Add counts further verdicts.
func (v *Verdicts) Add(w Verdicts) {
	v.True, v.False, v.Unsure = v.True+w.True, v.False+w.False, v.Unsure+w.Unsure
}

// Precision is the share of true positives among those on which the analysts were sure; false when there are none.
func (v Verdicts) Precision() (share float64, known bool) {
	if v.True+v.False == 0 {
		return 0, false
	}
	return float64(v.True) / float64(v.True+v.False), true
}

// VerdictOf counts one verdict by its label, one of Labels; none for any other text.
func VerdictOf(label string) (v Verdicts) {
	if i := slices.Index(Labels, label); i >= 0 {
		v.add(Enum(i+1), 1)
	}
	return v
}

func (v *Verdicts) add(label Enum, n uint64) {
	switch label {
	case LabelTruePositive:
		v.True += n
	case LabelFalsePositive:
		v.False += n
	default:
		v.Unsure += n
	}
}

// tally counts a verdict for each rule of a decision, and an earlier one no more.
func (g *Engine) tally(p *past, label Enum) {
	for _, hash := range p.rules {
		if hash == 0 {
			continue
		}
		if r := g.ruleID[hash]; r != nil {
			v := g.stats.Verdicts[r.ID]
			v.add(label, 1)
			g.stats.Verdicts[r.ID] = v
		}
		t := g.tallyOf(hash, day(p.at))
		if t == nil {
			continue
		}
		if p.label != 0 && t.labels[p.label-1] > 0 {
			t.labels[p.label-1]--
		}
		t.labels[label-1]++
	}
}

// tallyOf finds or makes the count of a rule and a day; nil for a day that is older than all of a full memory.
func (s *state) tallyOf(rule uint32, day uint16) *tally {
	var oldest *tally
	for slot := uint32(1); slot <= s.tallies.used; slot++ {
		t := s.tallies.at(slot)
		if t.rule == rule && t.day == day {
			return t
		}
		if oldest == nil || t.day < oldest.day {
			oldest = t
		}
	}
	switch {
	case s.tallies.used < maxTallies:
		oldest = s.tallies.at(s.tallies.take())
	case oldest.day > day:
		return nil
	}
	*oldest = tally{rule: rule, day: day}
	return oldest
}

// lately sums the verdicts on the decisions of the last PrecisionDays, by the rules that are in force.
func (g *Engine) lately() map[string]Verdicts {
	sums := map[string]Verdicts{}
	for slot := uint32(1); slot <= g.tallies.used; slot++ {
		t := g.tallies.at(slot)
		r := g.ruleID[t.rule]
		if r == nil || int(day(g.clock))-int(t.day) >= PrecisionDays {
			continue
		}
		v := sums[r.ID]
		for i, n := range t.labels {
			v.add(Enum(i+1), uint64(n))
		}
		sums[r.ID] = v
	}
	return sums
}

// NumResults is how many answers a command can get (Results).
const NumResults = 6

// Answers counts the auth service's answers, by action and by result in the order of Results.
type Answers [rules.NumActions][NumResults]uint64
