package rules

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// boolean wraps a closure as an operand of a condition.
func boolean(t *term, truth func(Facts) Tri) operand {
	return operand{typ: Bool, term: t, field: -1, truth: truth}
}

func numeric(t Type) bool { return t == Integer || t == Number }

// comparison compiles == != < <= > >=.
func (c *compiler) comparison(t *term, r relation, a, b operand) operand {
	if a.literal() && !b.literal() { // 5 < x is x > 5: literals stand right from here on
		a, b, r = b, a, r.flipped()
	}
	ordered := r != equal && r != unequal
	switch {
	case numeric(a.typ) && numeric(b.typ), a.typ == Duration && b.typ == Duration:
		return boolean(t, compareNumbers(r, a, b))
	case a.typ == ASN && (b.typ == ASN || b.typ == Integer && b.literal()) && !ordered:
		return boolean(t, compareNumbers(r, a, b))
	case ordered && a.typ == b.typ && a.typ != Integer:
		return c.report(t, codeOutside, "compare with == or !=, or use in", "%s: only numbers and durations have an order", a.is())
	case a.typ == String && b.typ == String:
		return c.words(t, r, a, b)
	case a.typ == Country && (b.typ == Country || b.typ == String && b.literal()):
		if b.typ == String && !c.countryLiteral(b.term) {
			return operand{bad: true, term: t, field: -1}
		}
		return boolean(t, compareTexts(r, a.text, b.text))
	case a.typ == IP && (b.typ == IP || b.typ == String && b.literal()):
		return c.addresses(t, r, a, b)
	case a.typ == Bool && b.typ == Bool:
		return boolean(t, func(f Facts) Tri {
			x, y := a.truth(f), b.truth(f)
			if x == Unknown || y == Unknown {
				return Unknown
			}
			return triOf((x == y) == (r == equal))
		})
	}
	return c.mismatch(t, a, b)
}

// mismatch names both sides of a comparison that makes no sense, and how to write it where that is plain.
func (c *compiler) mismatch(t *term, a, b operand) operand {
	hint := ""
	switch {
	case a.typ == Duration && numeric(b.typ):
		hint = "write a duration with its unit: duration(\"" + b.says() + "s\")"
	case a.typ == Duration && b.typ == String && b.literal():
		hint = durationHint(b.term.text)
	case a.typ == Strings && b.typ == String:
		hint = memberHint(a, b)
	case a.typ == ASN && b.typ == String:
		hint = "write the number: " + strings.TrimLeft(strings.ToUpper(b.term.text), "AS")
	case numeric(a.typ) && b.typ == String && b.literal():
		hint = "write the number without quotes"
	}
	return c.report(t, codeType, hint, "%s, %s", a.is(), b.is())
}

func durationHint(text string) string {
	if _, err := parseDuration(text); err != nil {
		text = "10m"
	}
	return fmt.Sprintf("write duration(%q)", text)
}

// memberHint says how to look up a text in a field that holds several. Where the condition would then begin with a quote,
// YAML must be told that the quote is not its own.
func memberHint(several, word operand) string {
	test := word.says() + " in " + several.says()
	if several.term.at == 0 && word.literal() {
		return "write " + test + ", and the whole condition in single quotes: when: '" + test + "'"
	}
	return "write " + test
}

func compareNumbers(r relation, a, b operand) func(Facts) Tri {
	switch {
	case a.whole != nil && b.literal() && b.whole != nil: // the common case, without a second call
		x, y := a.whole, b.term.whole
		return func(f Facts) Tri {
			if v, ok := x(f); ok {
				return triOf(r.holds(cmp.Compare(v, y)))
			}
			return Unknown
		}
	case a.whole != nil && b.whole != nil:
		return compareWith(r, a.whole, b.whole, cmp.Compare[int64])
	case a.whole != nil:
		return compareWith(r, a.whole, b.real, compareMixed)
	case b.whole != nil:
		return compareWith(r.flipped(), b.whole, a.real, compareMixed)
	}
	return compareWith(r, a.real, b.real, cmp.Compare[float64])
}

func compareWith[A, B any](r relation, a func(Facts) (A, bool), b func(Facts) (B, bool), compare func(A, B) int) func(Facts) Tri {
	return func(f Facts) Tri {
		x, ok := a(f)
		if !ok {
			return Unknown
		}
		y, ok := b(f)
		if !ok {
			return Unknown
		}
		return triOf(r.holds(compare(x, y)))
	}
}

func compareTexts(r relation, a, b func(Facts) (string, bool)) func(Facts) Tri {
	return func(f Facts) Tri {
		x, ok := a(f)
		if !ok {
			return Unknown
		}
		y, ok := b(f)
		if !ok {
			return Unknown
		}
		return triOf((x == y) == (r == equal))
	}
}

// words compares texts, and checks a written word against the field's closed set.
func (c *compiler) words(t *term, r relation, a, b operand) operand {
	if b.literal() && !c.wordOf(a, b.term) {
		return operand{bad: true, term: t, field: -1}
	}
	return boolean(t, compareTexts(r, a.text, b.text))
}

// wordOf checks that a field can hold a word.
func (c *compiler) wordOf(field operand, word *term) bool {
	if field.field < 0 {
		return true
	}
	enum := c.lang.Fields[field.field].Enum
	if len(enum) == 0 || contains(enum, word.text) {
		return true
	}
	c.report(word, codeWord, oneOf(word.text, enum), "%q is not a value of %s", word.text, field.says())
	return false
}

func (c *compiler) countryLiteral(t *term) bool {
	hint, ok := country(t.text)
	if !ok {
		c.report(t, codeWord, hint, "%q is not a country code", t.text)
	}
	return ok
}

func (c *compiler) addresses(t *term, r relation, a, b operand) operand {
	other := b.addr
	if b.literal() {
		written, err := netip.ParseAddr(b.term.text)
		if err != nil {
			hint := "write an address: \"203.0.113.7\""
			if strings.Contains(b.term.text, "/") {
				hint = "write " + a.says() + " in [" + b.says() + "]"
			}
			return c.report(b.term, codeForm, hint, "%s is not an address", b.says())
		}
		written = written.Unmap()
		other = func(Facts) (netip.Addr, bool) { return written, true }
	}
	return boolean(t, compareWith(r, a.addr, other, netip.Addr.Compare))
}

// textual compiles contains, startsWith, endsWith and matches.
func (c *compiler) textual(t *term, a, b operand) operand {
	if a.typ == Strings {
		return c.report(t, codeType, memberHint(a, b), "%s", a.is())
	}
	if a.typ != String || b.typ != String {
		hint := ""
		if a.typ == IP {
			hint = "write " + a.says() + " in [\"203.0.113.0/24\"], with the network's length in bits"
		}
		return c.report(t, codeType, hint, "%s needs two texts: %s, %s", t.op, a.is(), b.is())
	}
	if t.op == "matches" {
		return c.pattern(t, a, b)
	}
	test := map[string]func(string, string) bool{"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix}[t.op]
	return boolean(t, func(f Facts) Tri {
		x, ok := a.text(f)
		if !ok {
			return Unknown
		}
		y, ok := b.text(f)
		if !ok {
			return Unknown
		}
		return triOf(test(x, y))
	})
}

func (c *compiler) pattern(t *term, a, b operand) operand {
	if !b.literal() {
		return c.report(b.term, codeOutside, "write the pattern as a text", "a pattern that is not written out is outside the rule language")
	}
	re, err := regexp.Compile(b.term.text)
	if err != nil {
		return c.report(b.term, codeForm, "", "this is not a pattern: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	c.lintPattern(b.term)
	return boolean(t, func(f Facts) Tri {
		x, ok := a.text(f)
		if !ok {
			return Unknown
		}
		return triOf(re.MatchString(x))
	})
}
