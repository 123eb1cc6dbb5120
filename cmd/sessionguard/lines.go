package main

import (
	"bytes"
	"errors"
	"io"
)

// lineBuffer is how much of an event file is in memory at once. It is far above the size limit of one event, so that a line
// that does not fit is certainly over that limit.
const lineBuffer = 4 << 20

// line is one line of input, counted from 1, without its newline.
type line struct {
	number int64
	text   []byte
	scored *scored // nil without labels
}

// lines cuts a stream into lines, many at a time and without copying them.
type lines struct {
	from        io.Reader
	buf         []byte
	given, used int   // buf[given:used] is input that was not given yet
	last        int64 // number of the last line
	overlong    bool  // the rest of an overlong line is being dropped
	err         error // what ended the input
}

func newLines(r io.Reader) *lines { return &lines{from: r, buf: make([]byte, lineBuffer)} }

// next appends the lines of the next read to batch; they are valid until the following call. It gives io.EOF after the last
// one. A line longer than the buffer comes cut: the decoder refuses it for its size. Blank lines are counted and left out.
func (l *lines) next(batch []line) ([]line, error) {
	l.used = copy(l.buf, l.buf[l.given:l.used])
	l.given = 0
	for l.err == nil {
		n, err := l.from.Read(l.buf[l.used:])
		fresh := l.buf[l.used : l.used+n]
		l.used += n
		l.err = err
		if i := bytes.LastIndexByte(fresh, '\n'); i >= 0 {
			l.given = l.used - n + i + 1
			return l.cut(batch, l.buf[:l.given]), nil
		}
		if l.used == len(l.buf) {
			return l.cutOverlong(batch), nil
		}
	}
	if errors.Is(l.err, io.EOF) && l.used > 0 {
		batch = l.cut(batch, l.buf[:l.used])
		l.used = 0
		return batch, nil
	}
	return batch, l.err
}

// cut appends the lines of text, whose last one may lack its newline.
func (l *lines) cut(batch []line, text []byte) []line {
	for len(text) > 0 {
		one, rest, _ := bytes.Cut(text, []byte{'\n'})
		text = rest
		if l.overlong {
			l.overlong = false
			continue
		}
		l.last++
		if len(bytes.TrimSpace(one)) > 0 {
			batch = append(batch, line{number: l.last, text: one})
		}
	}
	return batch
}

// cutOverlong gives the beginning of a line that fills the whole buffer, once.
func (l *lines) cutOverlong(batch []line) []line {
	if !l.overlong {
		l.last++
		batch = append(batch, line{number: l.last, text: l.buf[:l.used]})
	}
	l.overlong, l.given = true, l.used
	return batch
}
