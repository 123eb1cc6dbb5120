package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
)

// compiler checks a condition's types and turns it into closures in one walk. All faults are reported, but what follows
// from a reported one is not: a bad operand matches anything.
type compiler struct {
	lang   *Language
	lists  map[string]*List
	fields map[string]int
	tell   func(at int, s Severity, code, hint, message string)
	told   map[string]bool // unknown names that have been reported: once is enough
	uses   []int
	used   func(list string)
}

// operand is a part of a condition with its type. Exactly one closure is set, the one of its type.
type operand struct {
	typ   Type
	bad   bool
	term  *term
	field int // index in Language.Fields, -1: not a field

	truth func(Facts) Tri
	whole func(Facts) (int64, bool) // Integer, Duration, ASN
	real  func(Facts) (float64, bool)
	text  func(Facts) (string, bool) // String, Country
	addr  func(Facts) (netip.Addr, bool)
	texts func(Facts) ([]string, bool)
}

func (o operand) literal() bool {
	return o.term.kind != termName && o.term.kind != termUnary && o.term.kind != termBinary
}

// says names an operand in a message: a field by its name, a value as it is written.
func (o operand) says() string {
	switch o.term.kind {
	case termName:
		return o.term.text
	case termText:
		return strconv.Quote(cut(o.term.text))
	case termWhole:
		return strconv.FormatInt(o.term.whole, 10)
	case termReal:
		return plain(o.term.real)
	case termBool:
		return strconv.FormatBool(o.term.whole == 1)
	case termDuration:
		return fmt.Sprintf("duration(%q)", o.term.text)
	}
	return "this"
}

// is tells an operand's type: "client.geo.asn is an asn".
func (o operand) is() string {
	article := "a "
	switch o.typ {
	case ASN, IP:
		article = "an "
	case Bool:
		article = ""
	}
	return o.says() + " is " + article + o.typ.String()
}

func (c *compiler) report(t *term, code, hint, format string, args ...any) operand {
	c.tell(t.at, Error, code, hint, fmt.Sprintf(format, args...))
	return operand{bad: true, term: t, field: -1}
}

func (c *compiler) warn(t *term, code, hint, format string, args ...any) {
	c.tell(t.at, Warning, code, hint, fmt.Sprintf(format, args...))
}

// condition compiles a whole condition; nil when a fault was reported.
func (c *compiler) condition(t *term) func(Facts) Tri {
	eval := c.truth(t, "a condition")
	if eval != nil {
		c.constant(t)
	}
	return eval
}

// truth compiles what must be true or false.
func (c *compiler) truth(t *term, what string) func(Facts) Tri {
	o := c.operand(t)
	if o.bad {
		return nil
	}
	if o.typ != Bool {
		c.report(t, codeType, "compare it with a value", "%s is true or false, but %s", what, o.is())
		return nil
	}
	return o.truth
}

func (c *compiler) operand(t *term) operand {
	switch t.kind {
	case termName:
		return c.name(t)
	case termUnary:
		return c.unary(t)
	case termBinary:
		return c.binary(t)
	case termList:
		return c.report(t, codeOutside, "a list stands right of in", "a list stands alone")
	}
	return literal(t)
}

// literal compiles a value that is written out.
func literal(t *term) operand {
	o := operand{term: t, field: -1}
	switch t.kind {
	case termText:
		o.typ, o.text = String, func(Facts) (string, bool) { return t.text, true }
	case termReal:
		o.typ, o.real = Number, func(Facts) (float64, bool) { return t.real, true }
	case termBool:
		o.typ, o.truth = Bool, func(Facts) Tri { return Tri(t.whole) }
	default:
		o.typ, o.whole = Integer, func(Facts) (int64, bool) { return t.whole, true }
		if t.kind == termDuration {
			o.typ = Duration
		}
	}
	return o
}

// name compiles a field.
func (c *compiler) name(t *term) operand {
	i, ok := c.fields[t.text]
	if !ok {
		return c.unknown(t)
	}
	if !slices.Contains(c.uses, i) {
		c.uses = append(c.uses, i)
	}
	o := operand{term: t, field: i, typ: c.lang.Fields[i].Type}
	switch o.typ {
	case String, Country:
		o.text = func(f Facts) (string, bool) { v := f.Fact(i); return v.Str, v.Present }
	case Integer, Duration, ASN:
		o.whole = func(f Facts) (int64, bool) { v := f.Fact(i); return v.Int, v.Present }
	case Number:
		o.real = func(f Facts) (float64, bool) { v := f.Fact(i); return v.Num, v.Present && v.Num == v.Num }
	case Bool:
		o.truth = func(f Facts) Tri {
			v := f.Fact(i)
			if !v.Present {
				return Unknown
			}
			return triOf(v.Bool)
		}
	case IP:
		o.addr = func(f Facts) (netip.Addr, bool) { v := f.Fact(i); return v.IP.Unmap(), v.Present }
	case Strings:
		o.texts = func(f Facts) ([]string, bool) { v := f.Fact(i); return v.Strs, v.Present }
	}
	return o
}

func (c *compiler) unary(t *term) operand {
	if t.op == "not" {
		truth := c.truth(t.kids[0], "what follows not")
		if truth == nil {
			return operand{bad: true, term: t, field: -1}
		}
		return operand{typ: Bool, term: t, field: -1, truth: func(f Facts) Tri { return truth(f).not() }}
	}
	o := c.operand(t.kids[0])
	if o.bad {
		return o
	}
	zero := literal(&term{kind: termWhole, at: t.at})
	if o.typ == Duration {
		zero = literal(&term{kind: termDuration, at: t.at})
	}
	return c.arithmetic(t, "-", zero, o)
}

func (c *compiler) binary(t *term) operand {
	switch t.op {
	case "and", "or":
		a, b := c.truth(t.kids[0], "what stands left of "+t.op), c.truth(t.kids[1], "what stands right of "+t.op)
		if a == nil || b == nil {
			return operand{bad: true, term: t, field: -1}
		}
		join := both
		if t.op == "or" {
			join = either
		}
		return operand{typ: Bool, term: t, field: -1, truth: join(a, b)}
	case "in":
		return c.membership(t)
	}
	a, b := c.sides(t)
	if a.bad || b.bad {
		return operand{bad: true, term: t, field: -1}
	}
	switch t.op {
	case "+", "-", "*":
		return c.arithmetic(t, t.op, a, b)
	case "contains", "startsWith", "endsWith", "matches":
		return c.textual(t, a, b)
	}
	return c.comparison(t, relations[t.op], a, b)
}
