package rules

import (
	"io"
	"regexp"
	"strconv"
	"strings"
)

var parserMessage = regexp.MustCompile(`^did not find expected (key|node content|',' or|'-'|<)|^found (undefined tag|duplicate %|incompatible)`)

var unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// syntax reports why a file is no YAML: by the shape of its text where that shows the slip, else by what the parser says.
func (l *loader) syntax(doc *document, err error) {
	doc.split()
	p := Problem{Position: Position{doc.Name, 1, 1}, Code: codeSyntax}
	switch slip, found := doc.slip(); {
	case err == errEmpty, err == io.EOF:
		p.Message, p.Suggestion = errEmpty.Error(), "a rules file begins with version: 1"
	case found:
		p.Line, p.Column, p.Message, p.Suggestion = slip.line+1, slip.column+1, slip.message, slip.hint
	default:
		p.quote(doc, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	l.problems = append(l.problems, p)
}

// quote says in plain words what the parser says.
func (p *Problem) quote(doc *document, message string) {
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		message = m[2]
		if parserMessage.MatchString(message) {
			p.Line++ // yaml.v3 counts the lines of its scanner from 1, those of its parser from 0
		}
	}
	p.Line = min(max(p.Line, 1), len(doc.lines))
	line := doc.lines[p.Line-1]
	p.Column = min(len(line)-len(strings.TrimLeft(line, " \t")), max(len(line)-1, 0)) + 1
	switch {
	case unknownAnchor.MatchString(message):
		p.Line, p.Column = doc.find("*" + unknownAnchor.FindStringSubmatch(message)[1])
		p.Message, p.Suggestion = "a text that begins with * refers to another place", "put it in quotes"
	case strings.HasPrefix(message, "mapping values are not allowed"):
		p.Message, p.Suggestion = "a second colon stands in this line", "quote a text that holds a colon, or indent the line as its neighbours"
	case strings.HasPrefix(message, "did not find expected ',' or"):
		p.Message, p.Suggestion = "a list or map that begins here is not closed", "add the missing ] or }, or a comma"
	default:
		p.Message = "this is not YAML: " + message
	}
}

// find gives the first place of a text, from 1; the file's beginning where it has none.
func (d *document) find(text string) (line, column int) {
	for i, row := range d.lines {
		if before, _, found := strings.Cut(row, text); found {
			return i + 1, len([]rune(before)) + 1
		}
	}
	return 1, 1
}
