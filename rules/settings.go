package rules

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// shortForms are what a test may write for the names of the event's fields. They hold at the top of an event; `ua` opens
// client.agent.*.
var shortForms = map[string]string{
	"ip": "client.ip", "geo": "client.geo", "ja4": "client.ja4", "user_agent": "client.user_agent", "ua": "client.agent",
	"accept_language": "client.accept_language", "language": "client.accept_language", "timezone": "client.timezone", "screen": "client.screen",
}

// idFields are the groups of which a bare text is the id: session: ses_1.
var idFields = map[string]bool{"session": true, "user": true, "device": true}

// baselineWords are the short forms of `baseline:`: those of an event, and the parts of the client's agent by themselves.
func (l *loader) baselineWords() map[string]string {
	words := map[string]string{"device_id": "device.id"}
	for i := range l.lang.Fields {
		if part, ok := strings.CutPrefix(l.lang.Fields[i].Name, "client.agent."); ok {
			words[part] = l.lang.Fields[i].Name
		}
	}
	return words
}

// settings reads field values: nested or dotted names, short forms at the top. A word of extra that stands for "" is left
// to the caller.
func (l *loader) settings(n node, extra map[string]string) []Setting {
	if n.Kind != yaml.MappingNode {
		l.fail(n, codeForm, "", "the fields of a test are written as key: value pairs")
		return nil
	}
	var list []Setting
	l.pairs(n, func(key string, k, v node) {
		name, special := extra[key]
		if special && name == "" {
			return
		}
		if !special {
			first, rest, dotted := strings.Cut(key, ".")
			if name = shortForms[first]; name == "" {
				name = first
			}
			if dotted {
				name += "." + rest
			}
		}
		list = l.setting(list, name, key, extra, k, v)
	})
	return list
}

// setting reads one field, or the fields of a group.
func (l *loader) setting(list []Setting, name, written string, extra map[string]string, k, v node) []Setting {
	i, isField := l.fields[name]
	group := l.hasGroup(name + ".")
	switch {
	case v.Kind == yaml.MappingNode && group:
		l.pairs(v, func(key string, k, v node) {
			list = l.setting(list, name+"."+key, key, nil, k, v)
		})
		return list
	case !isField && group && idFields[name] && v.Kind == yaml.ScalarNode:
		i, isField = l.fields[name+".id"]
	case !isField && group:
		l.fail(v, codeForm, "", "%s has parts: write them as key: value pairs", written)
		return list
	}
	if !isField {
		l.unknownSetting(name, written, extra, k)
		return list
	}
	if !l.lang.Fields[i].Test {
		l.fail(k, codeUnknownName, "", "a test cannot set %s", name)
		return list
	}
	value, ok := l.value(v, &l.lang.Fields[i])
	if ok {
		list = append(list, Setting{Field: i, Value: value, Pos: v.position()})
	}
	return list
}

func (l *loader) hasGroup(prefix string) bool {
	return slices.ContainsFunc(l.lang.Fields, func(f Field) bool { return strings.HasPrefix(f.Name, prefix) })
}

func (l *loader) unknownSetting(name, written string, extra map[string]string, k node) {
	group := ""
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		group = name[:dot+1]
	}
	var near []string
	for i := range l.lang.Fields {
		if rest, ok := strings.CutPrefix(l.lang.Fields[i].Name, group); ok {
			first, _, _ := strings.Cut(rest, ".")
			near = append(near, first)
		}
	}
	if group == "" {
		near = append(near, slices.Sorted(maps.Keys(shortForms))...)
		near = append(near, slices.Sorted(maps.Keys(extra))...)
		l.fail(k, codeUnknownKey, l.fieldHint(written, near), "an event has no field %q", written)
		return
	}
	last := name[len(group):]
	l.fail(k, codeUnknownKey, didYouMean(last, near), "%s has no field %q", strings.TrimSuffix(group, "."), last)
}

// fieldHint suggests for a name at the top of an event: a field by its last name, or the nearest of near.
func (l *loader) fieldHint(written string, near []string) string {
	for i := range l.lang.Fields {
		if name := l.lang.Fields[i].Name; strings.HasSuffix(name, "."+written) {
			return "did you mean " + strconv.Quote(shortest(name)) + "?"
		}
	}
	return didYouMean(written, near)
}

// shortest gives a field's name as a test may write it.
func shortest(name string) string {
	for _, short := range slices.Sorted(maps.Keys(shortForms)) {
		if rest, ok := strings.CutPrefix(name, shortForms[short]+"."); ok {
			return short + "." + rest
		} else if name == shortForms[short] {
			return short
		}
	}
	return name
}

// value reads what a field holds. Null is the absent value.
func (l *loader) value(n node, f *Field) (Value, bool) {
	if n.isNull() {
		return Value{}, true
	}
	v, ok := Value{Present: true}, false
	switch f.Type {
	case String:
		if v.Str, ok = l.text(n, f.Name); ok && len(f.Enum) > 0 {
			_, ok = l.word(n, f.Name, f.Enum)
		}
	case Strings:
		v.Strs, ok = l.texts(n, f)
	case Number:
		v.Num, ok = l.anyNumber(n, f.Name)
	case Integer, ASN:
		v.Int, ok = l.wholeValue(n, f)
	case Bool:
		v.Bool, ok = l.flag(n, f.Name)
	case Duration:
		v.Int, ok = l.period(n, f.Name)
	case IP:
		v.IP, ok = l.address(n, f.Name)
	case Country:
		v.Str, ok = l.countryCode(n)
	}
	return v, ok
}

// anyNumber reads a number without bounds, NaN and infinity too: a test shows what they do.
func (l *loader) anyNumber(n node, what string) (float64, bool) {
	s, ok := l.text(n, what)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.TrimPrefix(s, "."), 64)
	if strings.Trim(s, "0123456789.-+eE") == "" {
		v, err = strconv.ParseFloat(s, 64)
	}
	if err != nil {
		l.fail(n, codeForm, bareNumber(s), "%s is a number, not %s", what, shown(n))
	}
	return v, err == nil
}

func (l *loader) wholeValue(n node, f *Field) (int64, bool) {
	s, ok := l.text(n, f.Name)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err == nil && (f.Type != ASN || v >= 0 && v <= maxASN) {
		return v, true
	}
	hint := bareNumber(s)
	if f.Type == ASN {
		hint = asnHint(s)
	}
	l.fail(n, codeForm, hint, "%s is a whole number, not %s", f.Name, shown(n))
	return 0, false
}

func (l *loader) address(n node, what string) (netip.Addr, bool) {
	s, ok := l.text(n, what)
	if !ok {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		l.fail(n, codeForm, "write it as 203.0.113.7 or 2001:db8::1", "%s is an address, not %s", what, shown(n))
	}
	return a.Unmap(), err == nil
}

func (l *loader) countryCode(n node) (string, bool) {
	s, ok := l.text(n, "a country")
	if !ok {
		return "", false
	}
	hint, ok := country(s)
	if !ok {
		l.fail(n, codeWord, hint, "%q is not a country code", s)
	}
	return s, ok
}

func (l *loader) texts(n node, f *Field) ([]string, bool) {
	list, fine := []string{}, n.Kind == yaml.SequenceNode
	for _, item := range l.items(n, f.Name) {
		s, ok := l.text(item, f.Name)
		if ok && len(f.Enum) > 0 {
			_, ok = l.word(item, f.Name, f.Enum)
		}
		list, fine = append(list, s), fine && ok
	}
	return list, fine
}
