package cloudevents

import (
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/sessionguard/sessionguard/detector"
)

// form is how a message carries its event.
type form uint8

const (
	bare        form = iota // also structured mode: the value is the whole event
	binary                  // the value is data
	refusedForm             // the rejection is set
)

// envelope is what the headers of a message say.
type envelope struct {
	form        form
	contentType string
	bytes       int // of the headers that are read, names and values
}

// envelope tells the form from the headers, as the Kafka protocol binding does: the content type decides, else the
// attributes' headers. Other headers (a tracer's, also its ce_traceparent) leave bare JSON what it is.
func (d *Decoder) envelope(headers []Header) (env envelope) {
	typed := false
	for i := range headers {
		h := &headers[i]
		switch {
		case sameFold(h.Key, "content-type"):
			if typed {
				d.refuse(DuplicateKey, "the header content-type comes twice")
				return envelope{form: refusedForm}
			}
			typed = true
			env.contentType = strings.TrimLeft(textOf(h.Value), " \t")
		case attribute(h.Key) != nil:
			env.form = binary
		default:
			continue
		}
		env.bytes += len(h.Key) + len(h.Value)
	}
	const structured = "application/cloudevents"
	if len(env.contentType) < len(structured) || !sameFold(env.contentType[:len(structured)], structured) {
		return env
	}
	env.form = bare
	if !mediaType(env.contentType[len(structured):], "+json") {
		d.refuse(Unsupported, "the content type is a CloudEvents format other than application/cloudevents+json")
		env.form = refusedForm
	}
	return env
}

// textOf is b as a string that aliases it.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

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
		if !d.assign(m, e, textOf(h.Value)) {
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
