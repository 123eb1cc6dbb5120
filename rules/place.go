package rules

import (
	"unicode"

	"go.yaml.in/yaml/v3"
)

// within gives the place of the offset-th character of a text: in a block that is folded, indented or quoted, YAML's value
// and the file differ, so the two are walked side by side. Blanks match blanks of any length, an escape one character.
// Where they cannot be matched, the place is the text's beginning.
func (n node) within(offset int) Position {
	n.in.split()
	line, column := n.Line-1, n.Column-1
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		line, column = line+1, 0
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		column++
	}
	w := walk{in: n.in, lines: n.in.lines, line: line, column: column, escapes: n.Style&yaml.DoubleQuotedStyle != 0}
	for i, r := range []rune(n.Value) {
		if i == offset {
			w.skipBlanks(r)
			break
		}
		if !w.pass(r) {
			return n.position()
		}
	}
	if w.line >= len(w.lines) {
		return n.position()
	}
	return Position{n.in.Name, w.line + 1, w.column + 1}
}

// walk is a place in a file that follows a text.
type walk struct {
	in           *document
	lines        []string
	row          []rune // of line
	line, column int
	escapes      bool
}

// here gives the character at the place, a newline at a line's end, and false at the end of the file.
func (w *walk) here() (rune, bool) {
	if w.line >= len(w.lines) {
		return 0, false
	}
	w.row = w.in.row(w.line)
	if w.column >= len(w.row) {
		return '\n', true
	}
	return w.row[w.column], true
}

func (w *walk) step() {
	if w.column++; w.column > len(w.row) {
		w.line, w.column = w.line+1, 0
	}
}

// skipBlanks moves to the next character that is none, unless a blank is what is looked for on this line.
func (w *walk) skipBlanks(next rune) {
	for !unicode.IsSpace(next) {
		if r, ok := w.here(); !ok || !unicode.IsSpace(r) {
			return
		}
		w.step()
	}
}

// pass moves behind the character r of the text.
func (w *walk) pass(r rune) bool {
	if unicode.IsSpace(r) {
		return true // the file's blanks are skipped before the next character that is none
	}
	w.skipBlanks(r)
	found, ok := w.here()
	if ok && found == '\\' && w.escapes {
		w.step()
		if found, ok = w.here(); ok && found == '\n' { // an escaped line break stands for nothing
			return w.pass(r)
		}
	} else if ok && found == '\'' && r == '\'' {
		if w.column+1 < len(w.row) && w.row[w.column+1] == '\'' {
			w.step()
		}
	} else if found != r {
		return false
	}
	w.step()
	return ok
}
