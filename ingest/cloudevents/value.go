package cloudevents

import (
	"net/netip"
	"strconv"

	"github.com/sessionguard/sessionguard/detector"
)

// value reads the value of a known member at i into e. null leaves the field absent.
func (d *Decoder) value(i int, m *member, e *detector.Event) int {
	c := d.at(i)
	switch {
	case c == 'n':
		return d.literal(i, "null")
	case m.kind == dataBase64:
		return d.refuse(Unsupported, "data_base64 is not supported: data must be a JSON object")
	case m.token == 't':
		return d.flag(i, m, e)
	case m.token == '0':
		return d.number(i, m, e)
	case c != m.token && m.refuses:
		return d.mistyped(i, m.path, m.kind.want())
	case c != m.token:
		return d.drop(i, m.depth, m)
	case c == '{':
		return d.object(i+1, m.object, e)
	case c == '[':
		return d.list(i+1, m, e)
	}
	s, i := d.quoted(i + 1)
	if m.kind == text && i != refused { // most fields
		*m.field.Text(e) = s
		return i
	}
	if i == refused || !d.assign(m, e, s) {
		return refused
	}
	return i
}

// assign puts a text, from JSON or from a header, into its field; false: refused.
func (d *Decoder) assign(m *member, e *detector.Event, s string) bool {
	switch m.kind {
	case text:
		*m.field.Text(e) = s
	case word:
		*m.field.Word(e) = detector.Enum(wordOf(m.field.Enum, s))
	case address:
		ip, ok := parseIP(s)
		if !ok {
			d.refuse(BadIP, "%s is not an IP address: an address without port, as 203.0.113.7 or 2001:db8::1", m.path)
		}
		*m.field.IP(e) = ip
	case moment, eventTime:
		ms, ok := parseTime(s)
		if !ok {
			d.refuse(BadTime, "%s is not an RFC 3339 time, as 2026-11-22T09:30:00.125Z", m.path)
		}
		if m.kind == eventTime {
			e.TimeMS, d.timed = ms, true
		} else {
			*m.field.Moment(e) = detector.Moment{MS: ms, Set: true}
		}
	case specVersion:
		if s != "1.0" {
			d.refuse(Unsupported, "specversion must be 1.0")
		}
	case brandName:
		e.Client.Brands[len(e.Client.Brands)-1].Brand = s
	case brandVersion:
		e.Client.Brands[len(e.Client.Brands)-1].Version = s
	case mediaTypeOf:
		if !isJSON(s) {
			d.refuse(Unsupported, "datacontenttype must be a JSON type")
		}
	}
	return d.rejection == nil
}

// wordOf gives a word's place in its list, from 1; 0: the list does not have it, which is the same as absent. New words may
// come from a newer publisher; they must not cost us the event.
func wordOf(list []string, s string) int {
	for i, w := range list {
		if w == s {
			return i + 1
		}
	}
	return 0
}

// parseIP reads an address and unmaps ::ffff:192.0.2.1. A zone is refused: it names an interface of the publisher's host,
// and an address that needs one is not a client's.
func parseIP(s string) (netip.Addr, bool) {
	for i := range len(s) {
		if s[i] == '%' {
			return netip.Addr{}, false
		}
	}
	ip, err := netip.ParseAddr(s)
	return ip.Unmap(), err == nil
}

func (d *Decoder) flag(i int, m *member, e *detector.Event) int {
	switch d.at(i) {
	case 't':
		*m.field.Flag(e) = detector.True
		return d.literal(i, "true")
	case 'f':
		*m.field.Flag(e) = detector.False
		return d.literal(i, "false")
	}
	return d.drop(i, m.depth, m)
}

// number reads a Whole or a Real. What a Whole takes is what encoding/json takes for an int64: digits with a sign, no
// fraction and no exponent, not even 1.0 or 1e3.
func (d *Decoder) number(i int, m *member, e *detector.Event) int {
	if c := d.at(i); c != '-' && !isDigit(c) {
		return d.drop(i, m.depth, m)
	}
	end, integral := d.digits(i)
	if end == refused {
		return refused
	}
	if m.kind == real {
		if v, err := strconv.ParseFloat(d.in[i:end], 64); err == nil {
			*m.field.Real(e) = detector.Real{V: v, Set: true}
			return end
		}
	} else if integral {
		if v, err := strconv.ParseInt(d.in[i:end], 10, 64); err == nil {
			*m.field.Whole(e) = detector.Whole{V: v, Set: true}
			return end
		}
	}
	d.note(m)
	return end
}

// drop passes over a value that its optional field cannot hold, by the rules of unknown fields. The field is absent, which is
// never evidence; to refuse the event instead would let one careless publisher blind detection. depth is that of the
// enclosing object or array.
func (d *Decoder) drop(i, depth int, m *member) int {
	i = d.skip(i, depth)
	if i != refused {
		d.note(m)
	}
	return i
}

// note puts a field on the list of those that were dropped; a list with many wrong members stands there once.
func (d *Decoder) note(m *member) {
	if n := len(d.Dropped); n == 0 || d.Dropped[n-1] != m.path {
		d.Dropped = append(d.Dropped, m.path)
	}
}

// list reads an array; i is after its bracket. A null in it is passed over, a value of another type dropped.
func (d *Decoder) list(i int, m *member, e *detector.Event) int {
	i = d.space(i)
	if d.at(i) == ']' {
		return i + 1
	}
	for {
		if d.at(i) == 'n' {
			i = d.literal(i, "null")
		} else {
			i = d.element(i, m, e)
		}
		if i == refused {
			return refused
		}
		i = d.space(i)
		switch d.at(i) {
		case ',':
			i = d.space(i + 1)
		case ']':
			return i + 1
		default:
			return d.notJSON(i, "a comma or a closing bracket was expected")
		}
	}
}

func (d *Decoder) element(i int, m *member, e *detector.Event) int {
	if m.kind == brands {
		if d.at(i) != '{' {
			return d.drop(i, m.depth+1, m)
		}
		e.Client.Brands = append(e.Client.Brands, detector.Brand{})
		return d.object(i+1, m.object, e)
	}
	if d.at(i) != '"' {
		return d.drop(i, m.depth+1, m)
	}
	s, i := d.quoted(i + 1)
	if i == refused {
		return refused
	}
	if m.kind == texts {
		l := m.field.Texts(e)
		*l = append(*l, s)
	} else if n := wordOf(m.field.Enum, s); n > 0 {
		*m.field.Set(e) |= 1 << (n - 1)
	}
	return i
}
