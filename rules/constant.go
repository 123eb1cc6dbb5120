package rules

import (
	"math"
	"regexp/syntax"
	"strings"
)

// constant warns about conditions that are always true or can never be: bounds that exclude each other, latitudes above 90,
// values compared with values. It looks at comparisons of one field with written values, which is where people slip.
func (c *compiler) constant(t *term) {
	switch {
	case t.kind == termBinary && t.op == "and":
		c.exclude(chain(t, "and", nil), false)
	case t.kind == termBinary && t.op == "or":
		c.exclude(chain(t, "or", nil), true)
	case t.kind == termUnary && t.op == "not":
		c.constant(t.kids[0])
	default:
		c.exclude([]*term{t}, false)
	}
}

// chain flattens a and b and c.
func chain(t *term, op string, list []*term) []*term {
	if t.kind == termBinary && t.op == op {
		return chain(t.kids[1], op, chain(t.kids[0], op, list))
	}
	return append(list, t)
}

// exclude reports the first part of a conjunction that leaves nothing; of a disjunction, the first that leaves nothing out,
// which is the same question about the opposites.
func (c *compiler) exclude(parts []*term, opposite bool) {
	seen := map[string]*domain{}
	for _, p := range parts {
		if p.kind == termBinary && (p.op == "and" || p.op == "or") || p.kind == termUnary {
			c.constant(p)
			continue
		}
		name, r, value, ok := c.simple(p)
		if !ok || opposite && c.alone(p, name, r, value) {
			continue
		}
		if opposite {
			r = r.negated()
		}
		d := seen[name]
		if d == nil {
			d = newDomain(name)
			seen[name] = d
		}
		if d.narrow(r, value); d.empty() {
			if opposite {
				c.warn(p, codeConstant, "", "this is always true: %s", d.why(name, "leave nothing out"))
			} else {
				c.warn(p, codeConstant, "", "this can never be true: %s", d.why(name, "exclude each other"))
			}
			return
		}
	}
}

// alone reports a part of a disjunction that by itself can never be true.
func (c *compiler) alone(p *term, name string, r relation, value *term) bool {
	d := newDomain(name)
	if d.narrow(r, value); d.empty() {
		c.warn(p, codeConstant, "", "this can never be true: %s", d.why(name, "exclude each other"))
	}
	return d.empty()
}

// simple takes a comparison of a field with a value apart.
func (c *compiler) simple(p *term) (name string, r relation, value *term, ok bool) {
	r, ok = relations[p.op]
	if p.kind != termBinary || !ok {
		if p.kind == termBool {
			c.warn(p, codeConstant, "remove it", "a condition that is always %s", literal(p).says())
		}
		return "", 0, nil, false
	}
	a, b := p.kids[0], p.kids[1]
	if a.kind != termName {
		a, b, r = b, a, r.flipped()
	}
	if a.kind != termName && a.kind < termList && b.kind < termList && b.kind != termName {
		c.warn(p, codeConstant, "compare a field with a value", "a value compared with a value is always the same")
	}
	return a.text, r, b, a.kind == termName && b.kind != termName && b.kind < termList
}

// negated is the relation that holds exactly when r does not.
func (r relation) negated() relation {
	return [...]relation{unequal, equal, greaterEqual, greater, lessEqual, less}[r]
}

// domain is what a field can still be.
type domain struct {
	low, high         float64
	openLow, openHigh bool
	is                *string
	not               map[string]bool
	conflict, bounded bool
}

func newDomain(name string) *domain {
	d := &domain{low: math.Inf(-1), high: math.Inf(1), not: map[string]bool{}}
	switch {
	case strings.HasSuffix(name, ".lat"):
		d.low, d.high, d.bounded = -90, 90, true
	case strings.HasSuffix(name, ".lon"):
		d.low, d.high, d.bounded = -180, 180, true
	}
	return d
}

func (d *domain) narrow(r relation, value *term) {
	if value.kind == termText || value.kind == termBool {
		d.narrowWord(r, literal(value).says())
		return
	}
	v := value.real
	if value.kind != termReal {
		v = float64(value.whole)
	}
	if r == less || r == lessEqual || r == equal {
		if v < d.high || v == d.high && r == less {
			d.high, d.openHigh = v, r == less
		}
	}
	if r == greater || r == greaterEqual || r == equal {
		if v > d.low || v == d.low && r == greater {
			d.low, d.openLow = v, r == greater
		}
	}
}

func (d *domain) narrowWord(r relation, word string) {
	switch {
	case r == unequal:
		d.not[word] = true
	case r == equal && d.is != nil && *d.is != word:
		d.conflict = true
	case r == equal:
		d.is = &word
	}
	d.conflict = d.conflict || d.is != nil && d.not[*d.is]
}

func (d *domain) empty() bool {
	return d.conflict || d.low > d.high || d.low == d.high && (d.openLow || d.openHigh)
}

func (d *domain) why(name, how string) string {
	if d.bounded {
		return name + " lies between " + plain(newDomain(name).low) + " and " + plain(newDomain(name).high)
	}
	return "the comparisons of " + name + " " + how
}

// lintPattern warns about patterns that surprise: one without an anchor matches anywhere in the text, and a repetition of a
// repetition is slow even where, as here, it stays linear.
func (c *compiler) lintPattern(t *term) {
	re, err := syntax.Parse(t.text, syntax.Perl)
	if err != nil {
		return
	}
	if !anchored(re) {
		c.warn(t, codePattern, "anchor it with ^ or $, or write contains", "this pattern matches anywhere in the text")
	}
	if nested(re, false) {
		c.warn(t, codePattern, "repeat only once: (a+)+ is a+", "a repetition of a repetition is slow")
	}
}

func anchored(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine:
		return true
	case syntax.OpAlternate:
		for _, s := range re.Sub {
			if !anchored(s) {
				return false
			}
		}
		return true
	}
	for _, s := range re.Sub {
		if anchored(s) {
			return true
		}
	}
	return false
}

func nested(re *syntax.Regexp, inside bool) bool {
	repeats := re.Op == syntax.OpStar || re.Op == syntax.OpPlus || re.Op == syntax.OpRepeat && re.Max == -1
	if repeats && inside {
		return true
	}
	for _, s := range re.Sub {
		if nested(s, inside || repeats) {
			return true
		}
	}
	return false
}
