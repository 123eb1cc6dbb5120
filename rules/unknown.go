package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// absentWords are what other languages call a value that is not there.
var absentWords = []string{"null", "nil", "none", "undefined", "missing"}

const absentHint = "leave it out: what compares with an absent value is unknown, and never fires"

// sides compiles both sides of an operator. A bare word beside a text was meant as a text.
func (c *compiler) sides(t *term) (a, b operand) {
	left, right := t.kids[0], t.kids[1]
	if c.bareWord(left) && !c.bareWord(right) {
		b = c.operand(right)
		return c.unquoted(left, b), b
	}
	a = c.operand(left)
	if c.bareWord(right) || right.kind == termName && c.holdsWord(a, right.text) {
		return a, c.unquoted(right, a)
	}
	return a, c.operand(right)
}

// bareWord says whether a term is a name without parts that nothing has.
func (c *compiler) bareWord(t *term) bool {
	if t.kind != termName || strings.Contains(t.text, ".") || c.lists[t.text] != nil || contains(absentWords, strings.ToLower(t.text)) {
		return false
	}
	_, field := c.fields[t.text]
	return !field
}

// unquoted reports a bare word beside a text, unless it is a slip of a name: then the name is suggested.
func (c *compiler) unquoted(t *term, beside operand) operand {
	if beside.bad || !slices.Contains([]Type{String, Strings, Country, IP}, beside.typ) || beside.literal() || c.suggest(t.text) != "" && !c.holdsWord(beside, t.text) {
		return c.operand(t)
	}
	return c.report(t, codeUnknownName, "quote it: "+strconv.Quote(c.wordNear(beside, t.text)), "nothing is called %q", cut(t.text))
}

func (c *compiler) holdsWord(o operand, word string) bool {
	return o.field >= 0 && contains(c.lang.Fields[o.field].Enum, word)
}

// wordNear gives the word of a field that is meant by one that it may not have: Windows for windows.
func (c *compiler) wordNear(o operand, word string) string {
	if o.field < 0 || c.holdsWord(o, word) {
		return word
	}
	if near, ok := nearest(word, c.lang.Fields[o.field].Enum); ok {
		return near
	}
	return word
}

// unknown reports a name that nothing has, with the nearest one that something has.
func (c *compiler) unknown(t *term) operand {
	if l, ok := c.lists[t.text]; ok {
		c.used(t.text)
		return c.report(t, codeType, "a list stands right of in: client.ip in "+t.text, "%s is a list of %s", t.text, l.Type)
	}
	if c.told[t.text] {
		return operand{bad: true, term: t, field: -1}
	}
	c.told[t.text] = true
	group, last := c.groupOf(t.text)
	switch near := didYouMean(last, c.below(group)); {
	case c.hasGroup(t.text + "."):
		return c.report(t, codeUnknownName, "name one of its parts: "+c.someOf(t.text+"."), "%s is no field, but has some", t.text)
	case group != "" && near != "":
		return c.report(t, codeUnknownName, near, "%s has no field %q", strings.TrimSuffix(group, "."), cut(last))
	}
	return c.report(t, codeUnknownName, c.suggest(t.text), "nothing is called %q", cut(t.text))
}

// groupOf cuts a name behind the group of fields in which it stands: client.geo. and asn. The group is "" where there is none.
func (c *compiler) groupOf(name string) (group, last string) {
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 && c.hasGroup(name[:dot+1]) {
		return name[:dot+1], name[dot+1:]
	}
	return "", name
}

// below gives what stands behind a prefix in the names of fields.
func (c *compiler) below(prefix string) []string {
	var rest []string
	for i := range c.lang.Fields {
		if r, ok := strings.CutPrefix(c.lang.Fields[i].Name, prefix); ok {
			rest = append(rest, r)
		}
	}
	return rest
}

// someOf names a few fields of a group.
func (c *compiler) someOf(group string) string {
	const few = 4
	parts := c.below(group)
	text := group + strings.Join(parts[:min(few, len(parts))], ", "+group)
	if len(parts) > few {
		text += ", ..."
	}
	return text
}

// suggest gives the hint for a name that nothing has: the long form of what a test may write, a field by its last name, or the
// nearest name.
func (c *compiler) suggest(name string) string {
	if contains(absentWords, strings.ToLower(name)) {
		return absentHint
	}
	if hint := c.longForm(name); hint != "" {
		return hint
	}
	_, last := c.groupOf(name)
	if field := c.endingIn(last); field != "" {
		return fmt.Sprintf("did you mean %q?", field)
	}
	if near, ok := nearest(name, c.names()); ok {
		return fmt.Sprintf("did you mean %s?", c.describe(near))
	}
	if near, ok := nearest(last, c.lastNames()); ok && len(last) > 4 { // a shorter word is near to too much
		return fmt.Sprintf("did you mean %q?", c.endingIn(near))
	}
	return ""
}

// longForm helps who writes in a condition what a test may write: ip, geo.country, ua.os; or event.type for type.
func (c *compiler) longForm(name string) string {
	first, rest, dotted := strings.Cut(name, ".")
	long := map[string]string{"agent": "client.agent"}[first]
	if short := shortForms[first]; short != "" {
		long = short
	}
	if dotted && (first == "event" || first == "data") {
		long = rest
	} else if dotted && long != "" {
		long += "." + rest
	}
	_, field := c.fields[long]
	switch {
	case name == "agent":
		return "write client.user_agent for the header, or a part: " + c.someOf("client.agent.")
	case field:
		return "write " + long
	case long != "" && c.hasGroup(long+"."):
		return "name one of its parts: " + c.someOf(long+".")
	}
	return ""
}

// endingIn gives the first field by its last name: client.geo.asn for asn.
func (c *compiler) endingIn(last string) string {
	for i := range c.lang.Fields {
		if strings.HasSuffix(c.lang.Fields[i].Name, "."+last) {
			return c.lang.Fields[i].Name
		}
	}
	return ""
}

func (c *compiler) lastNames() []string {
	var names []string
	for i := range c.lang.Fields {
		if dot := strings.LastIndexByte(c.lang.Fields[i].Name, '.'); dot >= 0 {
			names = append(names, c.lang.Fields[i].Name[dot+1:])
		}
	}
	return names
}

func (c *compiler) hasGroup(prefix string) bool {
	return slices.ContainsFunc(c.lang.Fields, func(f Field) bool { return strings.HasPrefix(f.Name, prefix) })
}

func (c *compiler) names() []string {
	names := sortedKeys(c.lists)
	for i := range c.lang.Fields {
		names = append(names, c.lang.Fields[i].Name)
	}
	return names
}

func (c *compiler) describe(name string) string {
	if l, ok := c.lists[name]; ok {
		return fmt.Sprintf("the list %q (%s)", name, l.Type)
	}
	return strconv.Quote(name)
}
