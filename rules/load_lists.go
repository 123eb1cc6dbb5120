package rules

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxASN is the largest autonomous system number (RFC 6793: four octets).
const maxASN = 1<<32 - 1

var listName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (l *loader) loadLists(o object) {
	v, ok := l.get(o, "lists")
	if !ok {
		return
	}
	l.pairs(v, func(name string, k, v node) {
		if first, twice := l.listAt[name]; twice {
			l.fail(k, codeDuplicate, "first at "+first.position().String(), "the list %q is defined twice", name)
			return
		}
		_, clash := l.fields[name]
		switch {
		case !listName.MatchString(name):
			l.fail(k, codeForm, "use small letters, digits and _", "%q is not a name for a list", name)
		case clash:
			l.fail(k, codeDuplicate, "", "the list %q has the name of a field", name)
		}
		l.listAt[name] = k
		l.lists[name] = l.loadList(name, k, v)
	})
}

// loadList reads one list. It always gives one: a list with a fault is still a list, so that its users are not reported.
func (l *loader) loadList(name string, k, n node) *List {
	list := &List{Name: name, faulty: true}
	o, ok := l.object(n, "a list", "type", "values", "file", "owner", "review_by")
	if !ok {
		return list
	}
	l.optional(o, "owner")
	l.reviewDue(name, k, o)
	if v, ok := l.must(o, "type", "one of: "+strings.Join(listTypeNames[:], ", ")); ok {
		i, ok := l.word(v, "type", listTypeNames[:])
		if !ok {
			return list
		}
		list.Type, list.faulty = ListType(i), false
	} else {
		return list
	}
	values, inline := l.get(o, "values")
	file, outside := l.get(o, "file")
	switch {
	case inline == outside && (inline || len(o.values) > 0 && o.values["values"].Node == nil && o.values["file"].Node == nil):
		l.fail(k, codeMissing, "", "the list %q needs either values or a file", name)
	case inline:
		for _, item := range l.items(values, "values") {
			if s, ok := l.text(item, "a member of "+name); ok {
				if fault, hint := list.add(s); fault != "" {
					l.fail(item, codeForm, hint, "%s", fault)
					l.listUsed[name] = true // one thing at a time
				}
			}
		}
	case outside:
		l.loadListFile(list, file)
	}
	list.seal()
	return list
}

func (l *loader) reviewDue(name string, k node, o object) {
	v, ok := l.get(o, "review_by")
	if !ok {
		return
	}
	if end, ok := l.date(v, "review_by"); ok && l.past(end) {
		l.warn(v, codeUnused, "review it and set a new date", "the list %q was to be reviewed by %s", name, v.Value)
	}
}

// past says whether a moment lies before today; never without a Today.
func (l *loader) past(ms int64) bool { return !l.opt.Today.IsZero() && ms <= l.opt.Today.UnixMilli() }

// soon says whether a moment lies within the next 30 days.
func (l *loader) soon(ms int64) bool {
	return !l.opt.Today.IsZero() && ms <= l.opt.Today.Add(30*24*time.Hour).UnixMilli()
}

// add reads one member. A fault says what is wrong with it, the hint how to write it.
func (l *List) add(s string) (fault, hint string) {
	switch l.Type {
	case CIDRs:
		p, hint, ok := parseNetwork(s)
		if !ok {
			return fmt.Sprintf("%q is not a network", cut(s)), hint
		}
		l.addPrefix(p)
	case ASNs:
		asn, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			return fmt.Sprintf("%q is not an autonomous system number", cut(s)), asnHint(s)
		}
		l.asns = append(l.asns, uint32(asn))
	case Countries:
		if hint, ok := country(s); !ok {
			return fmt.Sprintf("%q is not a country code", cut(s)), hint
		}
		l.addText(s)
	case Texts:
		l.addText(s)
	}
	return "", ""
}

func asnHint(s string) string {
	if rest := strings.TrimLeft(s, "ASNasn "); rest != s && rest != "" && strings.Trim(rest, "0123456789") == "" {
		return "write " + rest
	}
	return "write the number: 64496"
}

// loadListFile reads a file with one member a line; # begins a comment.
func (l *loader) loadListFile(list *List, n node) {
	file, ok := l.text(n, "file")
	if !ok {
		return
	}
	if path.IsAbs(file) || strings.HasPrefix(path.Clean(file), "..") {
		l.fail(n, codeForm, "", "a list's file stands beside or below the rules file, not at %q", file)
		return
	}
	name := path.Join(path.Dir(n.in.Name), file)
	text, given := l.given[name]
	if !given {
		var err error
		if l.opt.ReadFile == nil {
			err = fmt.Errorf("no files can be read here")
		} else {
			text, err = l.opt.ReadFile(name)
		}
		if err != nil {
			l.fail(n, codeUnreadable, "the path is relative to the rules file", "the list's file %q cannot be read: %v", file, err)
			return
		}
	}
	source := Source{Name: name, Text: text, List: true}
	l.set.Sources = append(l.set.Sources, source)
	for i, line := range bytes.Split(text, []byte("\n")) {
		l.addLine(list, source, i, string(line))
	}
}

func (l *loader) addLine(list *List, source Source, i int, line string) {
	member, _, _ := strings.Cut(line, "#")
	member = strings.TrimSpace(member)
	if member == "" {
		return
	}
	if fault, hint := list.add(member); fault != "" {
		at := Position{source.Name, i + 1, strings.Index(line, member) + 1}
		l.report(Problem{at, Error, codeForm, fault, hint})
		l.listUsed[list.Name] = true
	}
}
