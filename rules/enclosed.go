package rules

import "strings"

// Slips of what is opened and closed: quotes and brackets.

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
