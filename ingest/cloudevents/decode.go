package cloudevents

import (
	"math/bits"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/sessionguard/sessionguard/detector"
)

// Header is one header of a Kafka record.
type Header struct {
	Key   string
	Value []byte
}

// Message is what carries an event. Without headers Value is the JSON of structured mode.
type Message struct {
	Headers []Header
	Value   []byte
}

// Decoder reads messages. It is not safe for concurrent use; its zero value is ready.
type Decoder struct {
	in        string     // the message's value
	rejection *Rejection // set by whoever returns refused
	timed     bool       // the event has a time: 0 is one, too
	escaped   []byte     // strings that had escapes, resolved; strings of the event alias it
	keys      []key      // the unknown keys of the objects that are open
}

// Decode fills e, which it resets first. The event's strings alias m's memory or the decoder's, and are valid until the next
// Decode or until m's memory changes. The error is a *Rejection; e is then half filled and means nothing.
func (d *Decoder) Decode(m Message, e *detector.Event) error {
	e.Reset()
	d.rejection, d.timed, d.escaped, d.keys = nil, false, d.escaped[:0], d.keys[:0]
	if d.decode(m, e) == refused {
		return d.rejection
	}
	return nil
}

func (d *Decoder) decode(m Message, e *detector.Event) int {
	form, contentType := d.form(m.Headers)
	if form == refusedForm {
		return refused
	}
	if len(m.Value) == 0 {
		return d.refuse(NoValue, "the message has no value")
	}
	if n := d.size(m, form); n > MaxEventBytes {
		return d.refuse(OverLimit, "the event has %d bytes; the limit is %d", n, MaxEventBytes)
	}
	d.in = unsafe.String(unsafe.SliceData(m.Value), len(m.Value))
	top := root
	if form == binary {
		if d.headers(m.Headers, contentType, e) == refused {
			return refused
		}
		top = data
	}
	if d.document(top, e) == refused {
		return refused
	}
	e.Type = detector.ParseEventType(e.TypeName)
	return d.require(e)
}

// document reads the whole value as the object o. In binary mode null is data that is absent, as it is in structured mode.
func (d *Decoder) document(o *object, e *detector.Event) int {
	i := d.space(0)
	switch c := d.at(i); {
	case c == '{':
		i = d.object(i+1, o, e)
	case c == 'n' && o == data:
		i = d.literal(i, "null")
	default:
		i = d.mistyped(i, o.name(), "an object")
	}
	if i == refused {
		return refused
	}
	if i = d.space(i); i != len(d.in) {
		return d.notJSON(i, "something follows the event")
	}
	return i
}

// object reads a known object; i is after its opening brace.
func (d *Decoder) object(i int, o *object, e *detector.Event) int {
	i = d.space(i)
	if d.at(i) == '}' {
		return i + 1
	}
	opened := len(d.keys)
	var seen uint64
	for {
		name, head, next := d.key(i)
		if next == refused {
			return refused
		}
		if m := o.member(name, head); m == nil {
			d.keys = append(d.keys, key{name, i})
			i = d.skip(next, o.depth)
		} else if seen&m.bit != 0 {
			return d.refuse(DuplicateKey, "%s comes twice, at byte offset %d", m.path, i)
		} else {
			seen |= m.bit
			i = d.value(next, m, e)
		}
		if i == refused {
			return refused
		}
		i = d.space(i)
		switch d.at(i) {
		case ',':
			i = d.space(i + 1)
		case '}':
			return d.closeKeys(opened, i+1)
		default:
			return d.notJSON(i, "a comma or a closing brace was expected")
		}
	}
}

// key reads a key and its colon; head is headOf the key, and the position that it returns is that of the value. A plain key
// of at most seven bytes, as most are, is read with one load.
func (d *Decoder) key(i int) (name string, head uint64, next int) {
	in := d.in
	if i+10 <= len(in) && in[i] == '"' {
		w := load(in, i+1)
		if m := stops(w); m != 0 {
			n := bits.TrailingZeros64(m) >> 3
			if end := i + 1 + n; in[end] == '"' && in[end+1] == ':' {
				return in[i+1 : end], w & (1<<(8*n) - 1), d.space(end + 2)
			}
		}
	}
	return d.anyKey(i)
}

func (d *Decoder) anyKey(i int) (name string, head uint64, next int) {
	if d.at(i) != '"' {
		return "", 0, d.notJSON(i, "a key was expected")
	}
	if name, i = d.quoted(i + 1); i == refused {
		return "", 0, refused
	}
	if i = d.space(i); d.at(i) != ':' {
		return "", 0, d.notJSON(i, "a colon was expected")
	}
	return name, headOf(name), d.space(i + 1)
}

// form is how a message carries its event.
type form uint8

const (
	bare form = iota // also structured mode: the value is the whole event
	binary
	refusedForm
)

// form tells the form from the headers, as the Kafka protocol binding does: the content type decides, else the attributes'
// headers. Other headers (a tracer's, also its ce_traceparent) leave bare JSON what it is.
func (d *Decoder) form(headers []Header) (form, string) {
	f, contentType, typed := bare, "", false
	for i := range headers {
		h := &headers[i]
		switch {
		case sameFold(h.Key, "content-type"):
			if typed {
				d.refuse(DuplicateKey, "the header content-type comes twice")
				return refusedForm, ""
			}
			typed = true
			contentType = unsafe.String(unsafe.SliceData(h.Value), len(h.Value))
		case attribute(h.Key) != nil:
			f = binary
		}
	}
	const structured = "application/cloudevents"
	contentType = strings.TrimLeft(contentType, " \t")
	if len(contentType) < len(structured) || !sameFold(contentType[:len(structured)], structured) {
		return f, contentType
	}
	if mediaType(contentType[len(structured):], "+json") {
		return bare, contentType
	}
	d.refuse(Unsupported, "the content type is a CloudEvents format other than application/cloudevents+json")
	return refusedForm, ""
}

// size is what counts against MaxEventBytes.
func (d *Decoder) size(m Message, f form) int {
	n := len(m.Value)
	if f != binary {
		return n
	}
	for i := range m.Headers {
		if h := &m.Headers[i]; attribute(h.Key) != nil || sameFold(h.Key, "content-type") {
			n += len(h.Key) + len(h.Value)
		}
	}
	return n
}

// headers reads the attributes of binary mode.
func (d *Decoder) headers(headers []Header, contentType string, e *detector.Event) int {
	if contentType != "" && !isJSON(contentType) {
		return d.refuse(Unsupported, "the header content-type must be a JSON type")
	}
	var seen uint64
	for i := range headers {
		h := &headers[i]
		m := attribute(h.Key)
		if m == nil || h.Value == nil {
			continue
		}
		if seen&m.bit != 0 {
			return d.refuse(DuplicateKey, "the header ce_%s comes twice", m.key)
		}
		seen |= m.bit
		if len(h.Value) > MaxStringBytes {
			return d.refuse(OverLimit, "the header ce_%s has %d bytes; the limit of a string is %d", m.key, len(h.Value), MaxStringBytes)
		}
		if !utf8.Valid(h.Value) {
			return d.refuse(InvalidUTF8, "the header ce_%s is not UTF-8", m.key)
		}
		if !d.assign(m, e, unsafe.String(unsafe.SliceData(h.Value), len(h.Value))) {
			return refused
		}
	}
	return 0
}

// attribute finds the attribute of a header, ce_ and its name in any case; nil: the header is none that we read.
func attribute(header string) *member {
	const prefix = "ce_"
	if len(header) <= len(prefix) || len(header) > len(prefix)+longestAttribute || !sameFold(header[:len(prefix)], prefix) {
		return nil
	}
	var lower [longestAttribute]byte
	n := copy(lower[:], header[len(prefix):])
	for i := range lower[:n] {
		lower[i] = lowerASCII(lower[i])
	}
	key := string(lower[:n])
	if m := root.member(key, headOf(key)); m != nil && m.kind.isText() {
		return m
	}
	return nil
}

// longestAttribute is the length of datacontenttype.
const longestAttribute = 15

// isJSON tells whether a content type is JSON: application/json, text/json, or any type with the suffix +json.
func isJSON(contentType string) bool {
	base, _, _ := strings.Cut(contentType, ";")
	base = strings.TrimRight(base, " \t")
	_, sub, ok := strings.Cut(base, "/")
	return ok && (sameFold(sub, "json") || len(sub) > 5 && sameFold(sub[len(sub)-5:], "+json"))
}

// mediaType tells whether rest begins with want as the end of a media type: nothing or parameters follow.
func mediaType(rest, want string) bool {
	if len(rest) < len(want) || !sameFold(rest[:len(want)], want) {
		return false
	}
	rest = strings.TrimLeft(rest[len(want):], " \t")
	return rest == "" || rest[0] == ';'
}

// sameFold compares in ASCII without case; want is in lower case. strings.EqualFold would also take the Kelvin sign for a k.
func sameFold(s, want string) bool {
	if len(s) != len(want) {
		return false
	}
	for i := range len(s) {
		if lowerASCII(s[i]) != want[i] {
			return false
		}
	}
	return true
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	return c
}
