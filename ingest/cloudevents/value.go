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
	case c != m.token:
		return d.mistyped(i, m.path, m.kind.want())
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
			d.refuse(BadIP, "%s is not an IP address", m.path)
		}
		*m.field.IP(e) = ip
	case moment, eventTime:
		ms, ok := parseTime(s)
		if !ok {
			d.refuse(BadTime, "%s is not an RFC 3339 time", m.path)
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
	return d.mistyped(i, m.path, m.kind.want())
}

// number reads a Whole or a Real. What a Whole takes is what encoding/json takes for an int64: digits with a sign, no
// fraction and no exponent, not even 1.0 or 1e3.
func (d *Decoder) number(i int, m *member, e *detector.Event) int {
	if c := d.at(i); c != '-' && !isDigit(c) {
		return d.mistyped(i, m.path, m.kind.want())
	}
	end, integral := d.digits(i)
	if end == refused {
		return refused
	}
	if m.kind == real {
		v, err := strconv.ParseFloat(d.in[i:end], 64)
		if err != nil {
			return d.refuse(BadNumber, "%s does not fit in a 64-bit float, at byte offset %d", m.path, i)
		}
		*m.field.Real(e) = detector.Real{V: v, Set: true}
		return end
	}
	if !integral {
		return d.refuse(BadNumber, "%s must be a whole number without fraction or exponent, at byte offset %d", m.path, i)
	}
	v, err := strconv.ParseInt(d.in[i:end], 10, 64)
	if err != nil {
		return d.refuse(BadNumber, "%s does not fit in 64 bits, at byte offset %d", m.path, i)
	}
	*m.field.Whole(e) = detector.Whole{V: v, Set: true}
	return end
}

// list reads an array; i is after its bracket. A null in it is passed over.
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
			return d.mistyped(i, m.object.path, "an object")
		}
		e.Client.Brands = append(e.Client.Brands, detector.Brand{})
		return d.object(i+1, m.object, e)
	}
	if d.at(i) != '"' {
		return d.mistyped(i, m.path+"[]", "a string")
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
