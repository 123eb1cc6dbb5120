package rules

// arithmetic compiles + - *.
func (c *compiler) arithmetic(t *term, op string, a, b operand) operand {
	o := operand{term: t, field: -1}
	switch {
	case a.typ == Integer && b.typ == Integer, a.typ == Duration && b.typ == Duration && op != "*":
		o.typ, o.whole = a.typ, wholeArithmetic(op, a.whole, b.whole)
	case op == "*" && (a.typ == Duration && b.typ == Integer || a.typ == Integer && b.typ == Duration):
		o.typ, o.whole = Duration, wholeArithmetic(op, a.whole, b.whole)
	case numeric(a.typ) && numeric(b.typ):
		o.typ, o.real = Number, realArithmetic(op, asReal(a), asReal(b))
	default:
		return c.report(t, codeType, "", "%s needs two numbers or two durations: %s, %s", op, a.is(), b.is())
	}
	return o
}

func asReal(o operand) func(Facts) (float64, bool) {
	if o.real != nil {
		return o.real
	}
	return func(f Facts) (float64, bool) { v, ok := o.whole(f); return float64(v), ok }
}

func wholeArithmetic(op string, a, b func(Facts) (int64, bool)) func(Facts) (int64, bool) {
	apply := map[string]func(a, b int64) (int64, bool){"+": addWhole, "-": subWhole, "*": mulWhole}[op]
	return func(f Facts) (int64, bool) {
		x, ok := a(f)
		if !ok {
			return 0, false
		}
		y, ok := b(f)
		if !ok {
			return 0, false
		}
		return apply(x, y)
	}
}

func realArithmetic(op string, a, b func(Facts) (float64, bool)) func(Facts) (float64, bool) {
	apply := map[string]func(a, b float64) float64{
		"+": func(a, b float64) float64 { return a + b },
		"-": func(a, b float64) float64 { return a - b },
		"*": func(a, b float64) float64 { return a * b },
	}[op]
	return func(f Facts) (float64, bool) {
		x, ok := a(f)
		if !ok {
			return 0, false
		}
		y, ok := b(f)
		if !ok {
			return 0, false
		}
		v := apply(x, y)
		return v, v == v // infinity minus infinity has no answer
	}
}
