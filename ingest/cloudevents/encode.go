package cloudevents

import (
	"math"
	"strconv"

	"github.com/sessionguard/sessionguard/detector"
)

// AppendEvent appends an event as structured-mode JSON, without a newline: what Decode reads it gives back, but for times below a
// millisecond, words that no list has, and numbers that are none. Members stand in the order of the field table; what is absent is left out.
func AppendEvent(dst []byte, e *detector.Event) []byte {
	dst = append(dst, `{"specversion":"1.0"`...)
	dst = append(detector.AppendTime(append(dst, `,"time":"`...), e.TimeMS), '"')
	for _, m := range root.members {
		if m.field != nil {
			dst = m.append(dst, e)
		}
	}
	start := len(dst)
	dst = append(dst, `,"data":{`...)
	inside := len(dst)
	if dst = appendMembers(dst, data, e); len(dst) == inside {
		return append(dst[:start], '}')
	}
	return append(dst, "}}"...)
}

// appendMembers appends those members of an object that are present, each but the first after a comma.
func appendMembers(dst []byte, o *object, e *detector.Event) []byte {
	first := len(dst)
	for _, m := range o.members {
		dst = m.append(dst, e)
	}
	if len(dst) > first { // the comma before the first
		dst = append(dst[:first], dst[first+1:]...)
	}
	return dst
}

// append appends a comma, the member's key and its value; nothing when it is absent.
func (m *member) append(dst []byte, e *detector.Event) []byte {
	before := len(dst)
	dst = append(dst, ',')
	dst = append(detector.AppendString(dst, m.key), ':')
	value := len(dst)
	if dst = m.appendValue(dst, e); len(dst) == value {
		return dst[:before]
	}
	return dst
}

func (m *member) appendValue(dst []byte, e *detector.Event) []byte {
	switch m.kind {
	case nested:
		return appendObject(dst, m.object, e)
	case brands:
		return appendBrands(dst, e.Client.Brands)
	case text:
		if s := *m.field.Text(e); s != "" {
			return detector.AppendString(dst, s)
		}
	case word:
		if i := *m.field.Word(e); i != 0 {
			return detector.AppendString(dst, m.field.Enum[i-1])
		}
	case moment:
		if t := m.field.Moment(e); t.Set {
			return append(detector.AppendTime(append(dst, '"'), t.MS), '"')
		}
	case address:
		if ip := *m.field.IP(e); ip.IsValid() {
			return append(ip.AppendTo(append(dst, '"')), '"')
		}
	case flag:
		if f := *m.field.Flag(e); f != detector.Absent {
			return strconv.AppendBool(dst, f == detector.True)
		}
	case whole:
		if n := m.field.Whole(e); n.Set {
			return strconv.AppendInt(dst, n.V, 10)
		}
	case real:
		if x := m.field.Real(e); x.Set && !math.IsNaN(x.V) && !math.IsInf(x.V, 0) {
			return strconv.AppendFloat(dst, x.V, 'g', -1, 64)
		}
	case texts:
		return appendTexts(dst, *m.field.Texts(e))
	case words:
		return appendTexts(dst, wordsOf(m.field, e))
	}
	return dst
}

// wordsOf gives the words of a set in their list's order.
func wordsOf(f *detector.EventField, e *detector.Event) (list []string) {
	for i, w := range f.Enum {
		if *f.Set(e)&(1<<i) != 0 {
			list = append(list, w)
		}
	}
	return list
}

func appendObject(dst []byte, o *object, e *detector.Event) []byte {
	before := len(dst)
	dst = append(dst, '{')
	if dst = appendMembers(dst, o, e); len(dst) == before+1 {
		return dst[:before]
	}
	return append(dst, '}')
}

func appendTexts(dst []byte, list []string) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = detector.AppendString(dst, s)
	}
	return append(dst, ']')
}

func appendBrands(dst []byte, list []detector.Brand) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(dst, '[')
	for i, b := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(detector.AppendString(append(dst, `{"brand":`...), b.Brand), `,"version":`...)
		dst = append(detector.AppendString(dst, b.Version), '}')
	}
	return append(dst, ']')
}
