package detector

import (
	"strconv"
	"strings"
)

// String writes a fact's value as people read it.
func (f *Fact) String() string {
	switch f.Kind {
	case FactInt:
		return strconv.FormatInt(f.Int, 10)
	case FactNum:
		return strconv.FormatFloat(f.Num, 'f', -1, 64)
	case FactBool:
		return strconv.FormatBool(f.Int == 1)
	case FactObject:
		return strings.TrimPrefix(measurements(f.Sub), ", ")
	}
	return f.Text
}

// meets holds a fact against what a test expects: a value, or a bound such as ">= 500".
func (f *Fact) meets(want string) bool {
	for _, op := range [...]string{">=", "<=", ">", "<"} {
		if rest, ok := strings.CutPrefix(want, op); ok {
			bound, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(rest), "_", ""), 64)
			return err == nil && f.within(op, bound)
		}
	}
	if n, err := strconv.ParseFloat(want, 64); err == nil && (f.Kind == FactInt || f.Kind == FactNum) {
		return f.number() == n
	}
	return f.String() == want
}

func (f *Fact) within(op string, bound float64) bool {
	switch op {
	case ">=":
		return f.number() >= bound
	case "<=":
		return f.number() <= bound
	case ">":
		return f.number() > bound
	}
	return f.number() < bound
}

func (f *Fact) number() float64 {
	if f.Kind == FactInt {
		return float64(f.Int)
	}
	return f.Num
}

// bound is a fact's nearest value at which a rule would not have fired, written as a test's expectation is.
func bound(name, op string, n int64) Fact {
	return Fact{Name: name, Text: op + " " + strconv.FormatInt(n, 10)}
}

// measurements lists facts for a message: ", min_distance_km 6640, ...".
func measurements(facts []Fact) string {
	var b strings.Builder
	for i := range facts {
		if facts[i].Kind != FactObject {
			b.WriteString(", " + facts[i].Name + " " + facts[i].String())
		}
	}
	return b.String()
}
