package rules

import (
	"math"
	"math/bits"
)

// Tri is the answer of a condition: what compares with an absent value is Unknown, and Unknown never fires.
type Tri int8

// The answers.
const (
	False Tri = iota
	True
	Unknown
)

func (t Tri) String() string { return [...]string{"false", "true", "unknown"}[t] }

// Condition is a compiled `when:`. Eval does not allocate. It is immutable and safe for concurrent use.
type Condition struct {
	text string
	eval func(Facts) Tri
	uses []int // fields that it reads
}

// String gives the condition as it is written.
func (c *Condition) String() string { return c.text }

// Fields gives the fields that the condition reads, as indexes in Language.Fields. Do not change it.
func (c *Condition) Fields() []int { return c.uses }

// Eval answers the condition for one event.
func (c *Condition) Eval(f Facts) Tri { return c.eval(f) }

// Missing gives the index of the first field that the condition reads and that is absent (or no number), -1 for none. A
// condition can be Unknown without one, where its arithmetic overflows.
func (c *Condition) Missing(f Facts) int {
	for _, i := range c.uses {
		if v := f.Fact(i); !v.Present || v.Num != v.Num {
			return i
		}
	}
	return -1
}

// The logic is Kleene's strong one: an unknown part decides nothing, but what is decided without it stands.

func triOf(b bool) Tri {
	if b {
		return True
	}
	return False
}

func (t Tri) not() Tri {
	if t == Unknown {
		return Unknown
	}
	return True - t
}

func both(a, b func(Facts) Tri) func(Facts) Tri {
	return func(f Facts) Tri {
		x := a(f)
		if x == False {
			return False
		}
		if y := b(f); y != True {
			return y
		}
		return x
	}
}

func either(a, b func(Facts) Tri) func(Facts) Tri {
	return func(f Facts) Tri {
		x := a(f)
		if x == True {
			return True
		}
		if y := b(f); y != False {
			return y
		}
		return x
	}
}

// relation is a comparison of two values of which cmp gives -1, 0 or 1.
type relation uint8

const (
	equal relation = iota
	unequal
	less
	lessEqual
	greater
	greaterEqual
)

var relations = map[string]relation{"==": equal, "!=": unequal, "<": less, "<=": lessEqual, ">": greater, ">=": greaterEqual}

// flipped is the relation with its sides exchanged.
func (r relation) flipped() relation {
	return [...]relation{equal, unequal, greater, greaterEqual, less, lessEqual}[r]
}

func (r relation) holds(c int) bool {
	switch r {
	case equal:
		return c == 0
	case unequal:
		return c != 0
	case less:
		return c < 0
	case lessEqual:
		return c <= 0
	case greater:
		return c > 0
	}
	return c >= 0
}

// compareMixed compares a whole number with a real one exactly: a conversion of the whole number would round above 2^53.
func compareMixed(a int64, b float64) int {
	if b >= 1<<63 {
		return -1
	}
	if b < -(1 << 63) {
		return 1
	}
	floor := math.Floor(b)
	switch whole := int64(floor); {
	case a < whole:
		return -1
	case a > whole:
		return 1
	case floor < b:
		return -1
	}
	return 0
}

// Whole-number arithmetic that would overflow has no answer: a sign that flips must not fire a rule.

func addWhole(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (sum > a) == (b > 0)
}

func subWhole(a, b int64) (int64, bool) {
	diff := a - b
	return diff, (diff < a) == (b > 0)
}

func mulWhole(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	return a * b, true
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}
