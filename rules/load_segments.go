package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// segment is one entry of `segments:`; the first whose condition holds is the customer's.
type segment struct {
	index int
	when  *Condition
}

// exemption is one entry of `exempt:`.
type exemption struct {
	segment   int // -1: none is named
	when      *Condition
	reason    string
	expiresMS int64 // 0: never
}

var ruleID = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (l *loader) loadSegments(o object) {
	v, ok := l.single(o, "segments")
	if !ok {
		return
	}
	if _, ok := l.object(v, "segments", keysOf(v)...); !ok {
		return
	}
	l.pairs(v, func(name string, k, v node) {
		if !listName.MatchString(name) || name == "default" {
			l.fail(k, codeForm, "use small letters, digits and _; default is who is in no segment", "%q is not a name for a segment", name)
			return
		}
		l.segmentAt[name] = k
		l.set.Segments = append(l.set.Segments, name)
		if c := l.compile(v, "the condition of a segment"); c != nil {
			l.set.segments = append(l.set.segments, segment{len(l.set.Segments) - 1, c})
		}
	})
}

func keysOf(n node) []string {
	var keys []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		keys = append(keys, n.Content[i].Value)
	}
	return keys
}

// segmentNamed gives the index of a segment that a key refers to.
func (l *loader) segmentNamed(n node) (int, bool) {
	name, ok := l.text(n, "segment")
	if !ok {
		return 0, false
	}
	i := slices.Index(l.set.Segments, name)
	if i < 0 {
		l.fail(n, codeUnknownName, didYouMean(name, l.set.Segments), "there is no segment %q", name)
		l.blind = true
		return 0, false
	}
	l.segUsed[name] = true
	return i, true
}

func (l *loader) loadExempt(o object) {
	v, ok := l.single(o, "exempt")
	if !ok {
		return
	}
	for _, item := range l.items(v, "exempt") {
		e, ok := l.object(item, "an exemption", "segment", "when", "reason", "owner", "expires")
		if !ok {
			continue
		}
		x := exemption{segment: -1}
		who, bySegment := l.get(e, "segment")
		if bySegment {
			x.segment, _ = l.segmentNamed(who)
		}
		when, byWhen := l.get(e, "when")
		if byWhen {
			x.when = l.compile(when, "when")
		}
		if !bySegment && !byWhen {
			l.fail(item, codeMissing, "", "an exemption needs a segment or a condition (when)")
		}
		if reason, ok := l.must(e, "reason", "say why it is never evaluated"); ok {
			x.reason, _ = l.text(reason, "reason")
		}
		l.optional(e, "owner")
		x.expiresMS = l.expiry(e)
		l.accountable(e, "expires")
		l.set.exempt = append(l.set.exempt, x)
	}
}

// accountable warns about what an exception or exemption leaves open: it stays when its reason is gone.
func (l *loader) accountable(o object, keys ...string) {
	keys = slices.DeleteFunc(keys, func(key string) bool { return o.values[key].Node != nil })
	if len(keys) > 0 {
		l.warn(o.node, codeException, "add "+strings.Join(accounts(keys), ", "), "%s has no %s", o.what, strings.Join(keys, ", no "))
	}
}

// accounts shows how the keys of an account are written.
func accounts(keys []string) []string {
	form := map[string]string{"reason": "reason: (why)", "owner": "owner: (who answers for it)", "expires": "expires: 2027-03-31 (the last day)"}
	list := make([]string, len(keys))
	for i, key := range keys {
		list[i] = form[key]
	}
	return list
}

// expiry reads `expires:` of an exception or exemption, and warns about one that is past or near.
func (l *loader) expiry(o object) int64 {
	v, ok := l.get(o, "expires")
	if !ok {
		return 0
	}
	end, ok := l.date(v, "expires")
	switch {
	case !ok:
	case l.past(end):
		l.warn(v, codeException, "remove it or set a new day", "%s expired on %s and does nothing any more", o.what, v.Value)
	case l.soon(end):
		l.warn(v, codeException, "", "%s expires on %s", o.what, v.Value)
	}
	return end
}

// loadExceptions reads `except:` of a rule.
func (l *loader) loadExceptions(n node) []exception {
	var list []exception
	for _, item := range l.items(n, "except") {
		e, ok := l.object(item, "an exception", "id", "when", "reason", "owner", "expires")
		if !ok {
			continue
		}
		var x exception
		if v, ok := l.must(e, "id", "name it: excepted_by shows it on the finding"); ok {
			x.id, _ = l.text(v, "id")
			if slices.ContainsFunc(list, func(o exception) bool { return o.id == x.id }) {
				l.fail(v, codeDuplicate, "", "the exception %q stands twice under this rule", x.id)
			} else if x.id != "" && !ruleID.MatchString(x.id) {
				l.fail(v, codeForm, "use small letters, digits and -", "%q is not a name for an exception", x.id)
			}
			e.what = fmt.Sprintf("the exception %q", x.id)
		}
		if v, ok := l.must(e, "when", ""); ok {
			x.when = l.compile(v, "when")
		}
		l.optional(e, "reason")
		l.optional(e, "owner")
		x.expiresMS = l.expiry(e)
		l.accountable(e, "reason", "owner", "expires")
		list = append(list, x)
	}
	return list
}
