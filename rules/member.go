package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// membership compiles `in`: a list of lists:, a list that is written out, or a field that holds several texts.
func (c *compiler) membership(t *term) operand {
	left, right := c.operand(t.kids[0]), t.kids[1]
	bad := operand{bad: true, term: t, field: -1}
	if right.kind == termList {
		if left.bad {
			return bad
		}
		return c.inWritten(t, left, right)
	}
	if right.kind != termName {
		return c.report(right, codeType, "write "+left.says()+" in [...], or name a list", "what stands right of in is a list")
	}
	if l, ok := c.lists[right.text]; ok {
		c.used(right.text)
		if left.bad || !c.fits(t, left, l) {
			return bad
		}
		return boolean(t, inList(left, l))
	}
	return c.inField(t, left, c.setNamed(right, left))
}

// setNamed compiles the name right of in. A bare word in parentheses was meant as a list of one.
func (c *compiler) setNamed(right *term, left operand) operand {
	if c.bareWord(right) && !left.bad && c.suggest(right.text) == "" {
		return c.report(right, codeUnknownName, "define it under lists:, or write the values: in [\"a\", \"b\"]", "there is no list %q", cut(right.text))
	}
	return c.operand(right)
}

func (c *compiler) inField(t *term, left, set operand) operand {
	if left.bad || set.bad {
		return operand{bad: true, term: t, field: -1}
	}
	if set.typ != Strings || left.typ != String {
		return c.report(t, codeType, "", "in needs a list: %s, %s", left.is(), set.is())
	}
	if left.literal() && !c.wordOf(set, left.term) {
		return operand{bad: true, term: t, field: -1}
	}
	return boolean(t, func(f Facts) Tri {
		members, ok := set.texts(f)
		if !ok {
			return Unknown
		}
		word, ok := left.text(f)
		if !ok {
			return Unknown
		}
		return triOf(slices.Contains(members, word))
	})
}

// listTypes are the types of list that a value can be looked up in.
var listTypes = map[Type]ListType{IP: CIDRs, ASN: ASNs, Country: Countries, String: Texts}

func (c *compiler) fits(t *term, left operand, l *List) bool {
	want, ok := listTypes[left.typ]
	if l.faulty || ok && want == l.Type {
		return true
	}
	var names []string
	for name, other := range c.lists {
		if ok && other.Type == want {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	hint := ""
	if len(names) > 0 {
		hint = fmt.Sprintf("lists of %s: %s", want, strings.Join(names, ", "))
	}
	c.report(t, codeType, hint, "%s, %s is a list of %s", left.is(), l.Name, l.Type)
	return false
}

func inList(left operand, l *List) func(Facts) Tri {
	switch l.Type {
	case CIDRs:
		return holds(left.addr, l.HasIP)
	case ASNs:
		return holds(left.whole, func(asn int64) bool { return asn >= 0 && asn <= maxASN && l.HasASN(uint32(asn)) })
	}
	return holds(left.text, l.HasText)
}

func holds[T any](value func(Facts) (T, bool), test func(T) bool) func(Facts) Tri {
	return func(f Facts) Tri {
		if v, ok := value(f); ok {
			return triOf(test(v))
		}
		return Unknown
	}
}

// inWritten compiles `in [..]`. All members are of the left side's type.
func (c *compiler) inWritten(t *term, left operand, right *term) operand {
	if len(right.kids) == 0 {
		return c.report(right, codeConstant, "", "nothing is in an empty list")
	}
	ok := true
	for _, k := range right.kids {
		ok = c.memberFits(left, k) && ok
	}
	if !ok {
		return operand{bad: true, term: t, field: -1}
	}
	switch left.typ {
	case Number:
		members := reals(right.kids)
		return boolean(t, holds(left.real, func(v float64) bool { return slices.Contains(members, v) }))
	case IP:
		return boolean(t, holds(left.addr, writtenNetworks(right.kids).HasIP))
	case String, Country:
		return boolean(t, holds(left.text, textSet(right.kids)))
	}
	members := make([]int64, len(right.kids))
	for i, k := range right.kids {
		members[i] = k.whole
	}
	return boolean(t, holds(left.whole, func(v int64) bool { return slices.Contains(members, v) }))
}

// memberFits checks one member of a written list against the left side.
func (c *compiler) memberFits(left operand, k *term) bool {
	if k.kind == termName || k.kind >= termList {
		hint := "write the values out"
		if c.bareWord(k) {
			hint = "quote it: " + strconv.Quote(k.text)
		}
		c.report(k, codeOutside, hint, "a written list holds values only")
		return false
	}
	member := literal(k)
	switch {
	case left.typ == String && member.typ == String:
		return c.wordOf(left, k)
	case left.typ == Country && member.typ == String:
		return c.countryLiteral(k)
	case left.typ == IP && member.typ == String:
		_, hint, ok := parseNetwork(k.text)
		if !ok {
			c.report(k, codeForm, hint, "%q is not an address or network", k.text)
		}
		return ok
	case left.typ == member.typ && (left.typ == Integer || left.typ == Duration), left.typ == ASN && member.typ == Integer, left.typ == Number && numeric(member.typ):
		return true
	}
	c.mismatch(k, left, member)
	return false
}

func writtenNetworks(kids []*term) *List {
	l := &List{Type: CIDRs}
	for _, k := range kids {
		if p, _, ok := parseNetwork(k.text); ok {
			l.addPrefix(p)
		}
	}
	l.seal()
	return l
}

func reals(kids []*term) []float64 {
	members := make([]float64, len(kids))
	for i, k := range kids {
		members[i] = k.real
		if k.kind == termWhole {
			members[i] = float64(k.whole)
		}
	}
	return members
}

func textSet(kids []*term) func(string) bool {
	members := make([]string, len(kids))
	for i, k := range kids {
		members[i] = k.text
	}
	return func(s string) bool { return slices.Contains(members, s) }
}

// parseNetwork reads an address or a network in CIDR form, and says how to write what is not quite one.
func parseNetwork(s string) (p netip.Prefix, hint string, ok bool) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), "", true
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return p, "write it as 198.51.100.0/24 or 2001:db8::/32", false
	case p != p.Masked():
		return p, "write " + p.Masked().String(), false
	case p.Addr().Is4In6():
		return p, "write it as an IPv4 network", false
	}
	return p, "", true
}
