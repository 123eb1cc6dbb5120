package cloudevents

import (
	"math/bits"

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
	// Dropped names the optional fields of the last message that Decode left absent because their JSON value was of another
	// type or a number that does not fit, by their paths ("data.client.rtt_ms"), in the order of the message. A list of which
	// only members were dropped is named, too. It is valid until the next Decode, and empty for a sound publisher.
	Dropped []string

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
	d.rejection, d.timed, d.escaped, d.keys, d.Dropped = nil, false, d.escaped[:0], d.keys[:0], d.Dropped[:0]
	if d.decode(m, e) == refused {
		return d.rejection
	}
	return nil
}

func (d *Decoder) decode(m Message, e *detector.Event) int {
	env := d.envelope(m.Headers)
	size, top := len(m.Value), root
	switch {
	case env.form == refusedForm:
		return refused
	case size == 0:
		return d.refuse(NoValue, "the message has no value")
	case env.form == binary:
		size, top = size+env.bytes, data
	}
	if size > MaxEventBytes {
		return d.refuse(OverLimit, "the event has %d bytes; the limit is %d", size, MaxEventBytes)
	}
	if env.form == binary && d.headers(m.Headers, env.contentType, e) == refused {
		return refused
	}
	d.in = textOf(m.Value)
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
