package cloudevents

import (
	"math/bits"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// The methods here read JSON as RFC 8259 has it. Each takes the position of what it reads and returns the position after
// it, or refused.

// at gives the byte at i; 0, which no JSON has outside strings, beyond the end.
func (d *Decoder) at(i int) byte {
	if i < len(d.in) {
		return d.in[i]
	}
	return 0
}

// space passes over white space. Publishers write compact JSON: the first byte mostly is none.
func (d *Decoder) space(i int) int {
	if i < len(d.in) && d.in[i] > ' ' {
		return i
	}
	return d.spaces(i)
}

func (d *Decoder) spaces(i int) int {
	for i < len(d.in) && (d.in[i] == ' ' || d.in[i] == '\n' || d.in[i] == '\t' || d.in[i] == '\r') {
		i++
	}
	return i
}

func (d *Decoder) literal(i int, word string) int {
	if strings.HasPrefix(d.in[i:], word) {
		return i + len(word)
	}
	return d.notJSON(i, "a value was expected")
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digits reads a number; integral: it has neither fraction nor exponent.
func (d *Decoder) digits(i int) (end int, integral bool) {
	if d.at(i) == '-' {
		i++
	}
	switch c := d.at(i); {
	case c == '0':
		i++
	case isDigit(c):
		i = d.run(i)
	default:
		return d.notJSON(i, "a digit was expected"), false
	}
	integral = true
	if d.at(i) == '.' {
		if !isDigit(d.at(i + 1)) {
			return d.notJSON(i+1, "a digit was expected"), false
		}
		i, integral = d.run(i+1), false
	}
	if c := d.at(i); c == 'e' || c == 'E' {
		i++
		if c := d.at(i); c == '+' || c == '-' {
			i++
		}
		if !isDigit(d.at(i)) {
			return d.notJSON(i, "a digit was expected"), false
		}
		i, integral = d.run(i), false
	}
	return i, integral
}

// run passes over digits.
func (d *Decoder) run(i int) int {
	for isDigit(d.at(i)) {
		i++
	}
	return i
}

const ones, tops = 0x0101010101010101, 0x8080808080808080

// stops marks, in a word of eight bytes, the bytes that end the fast path of a string: quote, backslash, control, and
// beyond ASCII. The lowest mark is exact; higher ones may be false, for a borrow runs upwards. (The usual &^ of each term is
// left out: it only matters for bytes beyond ASCII, which are marked anyway.)
func stops(w uint64) uint64 {
	return (((w ^ ones*'"') - ones) | ((w ^ ones*'\\') - ones) | (w - ones*' ') | w) & tops
}

func load(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// quoted reads a string; i is after its opening quote. Plain ASCII is searched eight bytes at a time and not copied.
func (d *Decoder) quoted(i int) (string, int) {
	in, start := d.in, i
	for ; i+8 <= len(in); i += 8 {
		m := stops(load(in, i))
		if m == 0 {
			continue
		}
		i += bits.TrailingZeros64(m) >> 3
		if in[i] == '"' && i-start <= MaxStringBytes {
			return in[start:i], i + 1
		}
		break
	}
	return d.quotedRest(start, i)
}

// quotedRest goes on at i, before which the string is plain ASCII. A string with escapes is resolved into d.escaped. If
// that grows, strings that alias its old memory keep it.
func (d *Decoder) quotedRest(start, i int) (string, int) {
	mark, copied := len(d.escaped), start // in[start:copied] is resolved
	for i < len(d.in) {
		switch c := d.in[i]; {
		case c == '"':
			s := d.in[start:i]
			if copied > start {
				d.escaped = append(d.escaped, d.in[copied:i]...)
				s = unsafe.String(unsafe.SliceData(d.escaped[mark:]), len(d.escaped)-mark)
			}
			if len(s) > MaxStringBytes {
				return "", d.refuse(OverLimit, "the string at byte offset %d has %d bytes; the limit is %d", start-1, len(s), MaxStringBytes)
			}
			return s, i + 1
		case c == '\\':
			d.escaped = append(d.escaped, d.in[copied:i]...)
			if i = d.escape(i + 1); i == refused {
				return "", refused
			}
			copied = i
		case c < ' ':
			return "", d.notJSON(i, "a control character in a string")
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRuneInString(d.in[i:])
			if r == utf8.RuneError && n == 1 {
				return "", d.refuse(InvalidUTF8, "invalid UTF-8 at byte offset %d", i)
			}
			i += n
		}
	}
	return "", d.notJSON(i, "")
}

// escape resolves an escape; i is after its backslash.
func (d *Decoder) escape(i int) int {
	c := d.at(i)
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return d.unicode(i + 1)
	default:
		return d.notJSON(i, "an unknown escape")
	}
	d.escaped = append(d.escaped, c)
	return i + 1
}

// unicode resolves the four digits at i, and the second half of a surrogate pair. Half a pair alone is refused: it has no
// UTF-8, and its replacement character would make different ids one.
func (d *Decoder) unicode(i int) int {
	r, ok := d.hex(i)
	if !ok {
		return d.notJSON(i, "four hexadecimal digits were expected")
	}
	end := i + 4
	if 0xD800 <= r && r < 0xE000 {
		low := rune(-1)
		if d.at(end) == '\\' && d.at(end+1) == 'u' {
			low, _ = d.hex(end + 2)
		}
		if r >= 0xDC00 || low < 0xDC00 || low >= 0xE000 {
			return d.refuse(InvalidUTF8, "half of a surrogate pair at byte offset %d", i-2)
		}
		r = 0x10000 + (r-0xD800)<<10 + (low - 0xDC00)
		end += 6
	}
	d.escaped = utf8.AppendRune(d.escaped, r)
	return end
}

func (d *Decoder) hex(i int) (r rune, ok bool) {
	for end := i + 4; i < end; i++ {
		c := d.at(i)
		switch lower := c | 0x20; {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case 'a' <= lower && lower <= 'f':
			r = r<<4 | rune(lower-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
