package rules

import (
	"regexp"
	"strings"
)

// The parser of YAML often complains far from where an author slipped: an open quote at the file's end, a bad indentation where
// the list begins. What authors do is well known, so when a file cannot be parsed its lines are searched for these shapes.

// slip is a shape that is no YAML. Line and column count from 0.
type slip struct {
	line, column  int
	message, hint string
}

// slip finds the first shape that the parser must have stumbled over.
func (d *document) slip() (slip, bool) {
	s := slips{block: -1}
	for i, text := range d.lines {
		if found := s.line(readLine(i, text)); found != nil {
			return *found, true
		}
	}
	switch {
	case s.quote != nil:
		return *s.quote, true
	case len(s.closers) > 0:
		return *s.open, true
	}
	return slip{}, false
}

// slips is what the search knows of the lines above.
type slips struct {
	levels  []level
	last    line   // the last line that is neither blank nor a comment
	block   int    // the indentation of the key whose text block is being passed, -1: none
	closers []rune // of the brackets that are open
	open    *slip  // the outermost of them
	quote   *slip  // the quote that is open
}

// level is the indentation of a map or list that is open.
type level struct {
	column int
	dashes bool // only dashes stand there
}

// line is a line of a file by its parts: blanks, dashes, a key, a value. Columns count characters from 0.
type line struct {
	number  int
	text    []rune
	indent  int // columns of blanks before it
	starts  []int
	key     string
	hasKey  bool
	keyAt   int
	value   string // without blanks and comment
	valueAt int
}

var lineParts = regexp.MustCompile(`^([\s\x{a0}]*)((?:-[ \x{a0}]+)*)(?:("[^"]*"|'[^']*'|[\w.-]+):(?:[ \x{a0}]+|$))?(.*)$`)

func readLine(number int, text string) line {
	m := lineParts.FindStringSubmatch(text)
	if m == nil {
		return line{number: number}
	}
	l := line{number: number, text: []rune(text), indent: len([]rune(m[1])), key: strings.Trim(m[3], `"'`), hasKey: m[3] != ""}
	l.keyAt = l.indent + len([]rune(m[2]))
	l.valueAt = len(l.text) - len([]rune(m[4]))
	if !strings.HasPrefix(m[4], "#") {
		l.value = strings.TrimRight(m[4], " \t\r")
	}
	for i, r := range []rune(m[2]) {
		if r == '-' {
			l.starts = append(l.starts, l.indent+i)
		}
	}
	if l.hasKey || len(l.starts) == 0 {
		l.starts = append(l.starts, l.keyAt)
	}
	return l
}

func (l *line) blank() bool {
	return l.value == "" && !l.hasKey && l.starts[0] == l.keyAt || strings.HasPrefix(string(l.text), "---") || strings.HasPrefix(string(l.text), "...")
}

func (l *line) slip(column int, message, hint string) *slip {
	return &slip{l.number, column, message, hint}
}

// line judges one line.
func (s *slips) line(l line) *slip {
	inBlock := s.inBlock(l)
	if found := l.blanks(); found != nil && (!inBlock || found.column <= s.block) {
		return found
	}
	if inBlock || l.blank() {
		return nil
	}
	if s.quote != nil {
		return s.quoted(l)
	}
	if inside := len(s.closers) > 0; inside && l.hasKey && l.keyAt <= s.last.keyAt {
		return s.open
	} else if inside {
		return s.flow(l)
	}
	for _, shape := range [...]func(line) *slip{line.gaps, s.quotes, line.sign, s.levelled, s.keyless} {
		if found := shape(l); found != nil {
			return found
		}
	}
	s.last = l
	if s.quote != nil {
		return nil
	}
	if strings.HasPrefix(l.value, "|") || strings.HasPrefix(l.value, ">") {
		s.block = l.starts[len(l.starts)-1]
	}
	return s.flow(l)
}

// inBlock says whether a line is part of a text block, which holds anything.
func (s *slips) inBlock(l line) bool {
	if s.block >= 0 && (l.indent > s.block || l.blank()) {
		return true
	}
	s.block = -1
	return false
}

// blanks finds tabs and no-break spaces where only spaces may stand.
func (l line) blanks() *slip {
	for i, r := range l.text[:l.valueAt] {
		switch r {
		case '\t':
			if strings.TrimSpace(string(l.text)) != "" && i < l.indent {
				return l.slip(i, "use spaces: a tab stands here", "replace it by spaces, as in the lines around it")
			}
		case '\u00a0':
			return l.slip(i, "a no-break space stands here", "write plain spaces: it looks like one but is none")
		}
	}
	return nil
}

var (
	noSpaceAfterColon = regexp.MustCompile(`^([a-z_]+):([^\s:/].*)$`)
	noSpaceAfterDash  = regexp.MustCompile(`^-([a-z{\["'].*)$`)
)

// gaps finds a colon or dash without the space behind it.
func (l line) gaps() *slip {
	if l.hasKey && !strings.HasPrefix(l.key, "-") {
		return nil
	}
	rest := string(l.text[l.keyAt:])
	if m := noSpaceAfterDash.FindStringSubmatch(rest); m != nil {
		return l.slip(l.keyAt, "a dash without a space", "put a space after the dash: - "+cut(m[1]))
	}
	if m := noSpaceAfterColon.FindStringSubmatch(rest); m != nil {
		return l.slip(l.keyAt+len(m[1]), "a colon without a space", "put a space after the colon: "+m[1]+": "+cut(strings.TrimSpace(m[2])))
	}
	return nil
}

// quotes finds a quote that is left open, and text behind one that is closed.
func (s *slips) quotes(l line) *slip {
	if l.value == "" || l.value[0] != '"' && l.value[0] != '\'' {
		return nil
	}
	end := closing([]rune(l.value), 0)
	if end < 0 {
		s.quote = l.slip(l.valueAt, "this quote is not closed", "close it at the end of the text: "+cut(l.value)+l.value[:1])
		return nil
	}
	rest := strings.TrimSpace(string([]rune(l.value)[end+1:]))
	if rest == "" || rest[0] == '#' || rest[0] == ':' {
		return nil
	}
	hint := "put the whole text in single quotes: '" + cut(l.value) + "'"
	if strings.Contains(l.value, "'") {
		hint = "write the whole text on the next line, indented, and here only " + l.key + ": |"
	}
	return l.slip(l.valueAt+end+1, "text stands behind the closing quote", hint)
}

// quoted judges a line below a quote that is left open: a text may go on over lines, but not over keys.
func (s *slips) quoted(l line) *slip {
	if l.hasKey {
		return s.quote
	}
	if strings.Contains(string(l.text), s.last.value[:1]) {
		s.quote = nil
	}
	return nil
}

// closing gives the place of the quote that closes the one at a place, -1 where none does.
func closing(text []rune, at int) int {
	quote := text[at]
	for i := at + 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == quote && quote == '\'' && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i
		}
	}
	return -1
}

// sign finds a value that begins with a sign of which YAML has its own idea.
func (l line) sign() *slip {
	if l.value != "" && strings.Contains("@`%", l.value[:1]) {
		return l.slip(l.valueAt, "no text begins with "+l.value[:1], "put it in quotes")
	}
	return nil
}

// levelled finds a line whose indentation is that of no line above.
func (s *slips) levelled(l line) *slip {
	if l.continues() {
		return nil
	}
	above, top := -1, level{column: -1}
	for n := len(s.levels); n > 0; n-- {
		if top = s.levels[n-1]; top.column <= l.indent {
			break
		}
		above, s.levels, top = top.column, s.levels[:n-1], level{column: -1}
	}
	switch {
	case above >= 0 && l.indent != top.column:
		return l.slip(l.indent, "the indentation fits no line above", "indent it with "+plural(above, "space")+levelHint(top.column))
	case above >= 0 && top.dashes && l.keyAt == l.indent:
		return l.slip(l.indent, "only a dash can stand as far left as the dash above", "indent it with "+plural(above, "space"))
	case top.column >= 0 && l.indent > top.column && s.last.hasKey && s.last.value != "" && !strings.Contains("&!", s.last.value[:1]):
		return l.slip(l.indent, "this line is indented deeper than the one above, which has its value already", "indent it with "+plural(top.column, "space"))
	}
	for _, column := range l.starts {
		if column != top.column {
			s.levels = append(s.levels, level{column, column < l.keyAt})
		}
	}
	return nil
}

// continues says whether a line is the rest of a text: it has neither a key nor a dash.
func (l *line) continues() bool { return !l.hasKey && l.keyAt == l.indent }

func levelHint(top int) string {
	if top <= 0 {
		return ""
	}
	return ", or " + plural(top, "space")
}

// keyless finds a line among keys that has no colon.
func (s *slips) keyless(l line) *slip {
	n := len(s.levels)
	if !l.continues() || n == 0 || s.levels[n-1].column != l.indent {
		return nil
	}
	if strings.ContainsAny(s.last.value[:min(1, len(s.last.value))], "|>") {
		return l.slip(l.indent, "this text stands no deeper than its key", "indent it deeper than "+s.last.key)
	}
	word, rest, _ := strings.Cut(l.value, " ")
	return l.slip(l.indent, "a key needs a colon", "write "+strings.TrimSpace(cut(word+": "+strings.TrimSpace(rest))))
}

// flow follows brackets: a text in them that is not quoted holds none itself.
func (s *slips) flow(l line) *slip {
	from := l.valueAt
	if len(s.closers) > 0 {
		from = l.indent
	} else if l.value == "" || l.value[0] != '[' && l.value[0] != '{' {
		return nil
	}
	bare := false // inside a text without quotes
	for i := from; i < len(l.text); i++ {
		switch r := l.text[i]; {
		case r == '#' && i > 0 && l.text[i-1] == ' ':
			return nil
		case (r == '[' || r == '{') && bare:
			return l.slip(i, "a bracket inside a text in brackets", "put the whole text in single quotes: '...'")
		case r == '[' || r == '{':
			s.opened(&l, i)
		case r == ']' || r == '}':
			if wrong := s.closed(&l, i); wrong != nil || len(s.closers) == 0 {
				return wrong
			}
			bare = false
		case r == ',' || r == ':' && blankAt(l.text, i+1):
			bare = false
		case (r == '"' || r == '\'') && !bare:
			if i = closing(l.text, i); i < 0 {
				return nil // it may go on below
			}
		case r == '*' && !bare && (blankAt(l.text, i+1) || strings.ContainsRune(",]}", l.text[i+1])):
			return l.slip(i, "no text begins with *", "put it in quotes")
		case r != ' ':
			bare = true
		}
	}
	return nil
}

func blankAt(text []rune, i int) bool { return i >= len(text) || text[i] == ' ' }

func (s *slips) opened(l *line, at int) {
	closer := map[rune]rune{'[': ']', '{': '}'}[l.text[at]]
	if s.closers = append(s.closers, closer); len(s.closers) == 1 {
		s.open = l.slip(at, "this bracket is not closed", "add the missing "+string(closer))
	}
}

// closed wants the bracket that was opened last.
func (s *slips) closed(l *line, at int) *slip {
	last := len(s.closers) - 1
	if s.closers[last] != l.text[at] {
		return l.slip(at, "the bracket that is open here is another", "write "+string(s.closers[last])+" first, or remove this one")
	}
	s.closers = s.closers[:last]
	return nil
}
