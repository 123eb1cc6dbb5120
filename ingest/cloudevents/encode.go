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

// append appends a comma, the member's key and its value; nothing when it is absent, as most are: that is looked at first.
func (m *member) append(dst []byte, e *detector.Event) []byte {
	switch m.kind {
	case nested:
		return m.appendObject(dst, e)
	case brands:
		return m.appendBrands(dst, e.Client.Brands)
	case text:
		if s := *m.field.Text(e); s != "" {
			return detector.AppendString(append(dst, m.lead...), s)
		}
	case word:
		if i := *m.field.Word(e); i != 0 {
			return detector.AppendString(append(dst, m.lead...), m.field.Enum[i-1])
		}
	case moment:
		if t := m.field.Moment(e); t.Set {
			return append(detector.AppendTime(append(append(dst, m.lead...), '"'), t.MS), '"')
		}
	case address:
		if ip := *m.field.IP(e); ip.IsValid() {
			return append(ip.AppendTo(append(append(dst, m.lead...), '"')), '"')
		}
	case flag:
		if f := *m.field.Flag(e); f != detector.Absent {
			return strconv.AppendBool(append(dst, m.lead...), f == detector.True)
		}
	case whole:
		if n := m.field.Whole(e); n.Set {
			return strconv.AppendInt(append(dst, m.lead...), n.V, 10)
		}
	case real:
		if x := m.field.Real(e); x.Set && !math.IsNaN(x.V) && !math.IsInf(x.V, 0) {
			return strconv.AppendFloat(append(dst, m.lead...), x.V, 'g', -1, 64)
		}
	case texts:
		return m.appendTexts(dst, *m.field.Texts(e))
	case words:
		if *m.field.Set(e) != 0 {
			return m.appendTexts(dst, wordsOf(m.field, e))
		}
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

func (m *member) appendObject(dst []byte, e *detector.Event) []byte {
	before := len(dst)
	dst = append(append(dst, m.lead...), '{')
	inside := len(dst)
	if dst = appendMembers(dst, m.object, e); len(dst) == inside {
		return dst[:before]
	}
	return append(dst, '}')
}

func (m *member) appendTexts(dst []byte, list []string) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(append(dst, m.lead...), '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = detector.AppendString(dst, s)
	}
	return append(dst, ']')
}

func (m *member) appendBrands(dst []byte, list []detector.Brand) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(append(dst, m.lead...), '[')
	for i, b := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(detector.AppendString(append(dst, `{"brand":`...), b.Brand), `,"version":`...)
		dst = append(detector.AppendString(dst, b.Version), '}')
	}
	return append(dst, ']')
}
