package storage

import (
	"encoding/json"
	"errors"
)

// maxDepth bounds the rewriter's recursion. Events may be 8 deep (contracts.md section 2); decisions nest facts.
const maxDepth = 64

var errNotJSON = errors.New("rewrite: not one JSON value")

// swap gives the text that shall stand in place of a string of a JSON document; ok false keeps the string as it is, to the
// byte. path is the string's own, "data.session.id", with "[]" for each array on the way. Of an object's key, key is true and
// path is the object's. text is unescaped. Both are valid until swap returns.
type swap func(path, text []byte, key bool) (instead string, ok bool)

// rewriter walks a JSON document once and copies it, but for the strings that swap replaces.
type rewriter struct {
	src, dst []byte
	pos      int // next byte to read
	copied   int // src[:copied] is in dst
	path     []byte
	swap     swap
}

// rewriteStrings appends src to dst with some strings replaced. Whatever swap keeps, and all that is no string, stays byte
// for byte. It accepts all valid JSON up to 64 deep; of what is not valid it may let a bad number or word pass.
func rewriteStrings(dst, src []byte, s swap) ([]byte, error) {
	r := rewriter{src: src, dst: dst, swap: s}
	if err := r.value(0); err != nil {
		return dst, err
	}
	r.space()
	if r.pos != len(src) {
		return dst, errNotJSON
	}
	return append(r.dst, src[r.copied:]...), nil
}

func (r *rewriter) value(depth int) error {
	if depth > maxDepth {
		return errors.New("rewrite: JSON is nested too deeply")
	}
	r.space()
	switch r.peek() {
	case '{':
		return r.object(depth)
	case '[':
		return r.array(depth)
	case '"':
		_, err := r.text(false)
		return err
	}
	return r.word()
}

func (r *rewriter) object(depth int) error {
	outer := len(r.path)
	defer func() { r.path = r.path[:outer] }()
	r.pos++
	if r.space(); r.take('}') {
		return nil
	}
	for {
		r.space()
		key, err := r.text(true)
		if err != nil {
			return err
		}
		if outer > 0 {
			r.path = append(r.path, '.')
		}
		r.path = append(r.path, key...)
		if r.space(); !r.take(':') {
			return errNotJSON
		}
		if err := r.value(depth + 1); err != nil {
			return err
		}
		r.path = r.path[:outer]
		if r.space(); r.take('}') {
			return nil
		}
		if !r.take(',') {
			return errNotJSON
		}
	}
}

func (r *rewriter) array(depth int) error {
	outer := len(r.path)
	defer func() { r.path = r.path[:outer] }()
	r.path = append(r.path, "[]"...)
	r.pos++
	if r.space(); r.take(']') {
		return nil
	}
	for {
		if err := r.value(depth + 1); err != nil {
			return err
		}
		if r.space(); r.take(']') {
			return nil
		}
		if !r.take(',') {
			return errNotJSON
		}
	}
}

// text reads a string and gives it unescaped, as it was before any replacement.
func (r *rewriter) text(key bool) ([]byte, error) {
	if r.peek() != '"' {
		return nil, errNotJSON
	}
	start := r.pos
	escaped, err := r.skipString()
	if err != nil {
		return nil, err
	}
	plain := r.src[start+1 : r.pos-1]
	if escaped {
		var s string
		if err := json.Unmarshal(r.src[start:r.pos], &s); err != nil {
			return nil, errNotJSON
		}
		plain = []byte(s)
	}
	if instead, ok := r.swap(r.path, plain, key); ok {
		r.dst = append(r.dst, r.src[r.copied:start]...)
		r.dst, err = appendQuoted(r.dst, instead)
		r.copied = r.pos
	}
	return plain, err
}

// appendQuoted appends a JSON string. A pseudonym is quoted as it is; encoding/json would allocate for it.
func appendQuoted(dst []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, err := json.Marshal(s)
			return append(dst, quoted...), err
		}
	}
	return append(append(append(dst, '"'), s...), '"'), nil
}

// skipString moves behind the string that begins here and says whether it has escapes.
func (r *rewriter) skipString() (escaped bool, err error) {
	for i := r.pos + 1; i < len(r.src); i++ {
		switch r.src[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			r.pos = i + 1
			return escaped, nil
		}
	}
	return false, errNotJSON
}

// word moves behind a number, true, false or null.
func (r *rewriter) word() error {
	start := r.pos
	for r.pos < len(r.src) {
		c := r.src[r.pos]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && c != '-' && c != '+' && c != '.' && c != 'E' {
			break
		}
		r.pos++
	}
	if r.pos == start {
		return errNotJSON
	}
	return nil
}

func (r *rewriter) space() {
	for r.pos < len(r.src) {
		switch r.src[r.pos] {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return
		}
	}
}

// peek gives the next byte; 0 at the end.
func (r *rewriter) peek() byte {
	if r.pos < len(r.src) {
		return r.src[r.pos]
	}
	return 0
}

func (r *rewriter) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.pos++
	return true
}
