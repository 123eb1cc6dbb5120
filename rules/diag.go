package rules

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Severity of a Problem.
type Severity uint8

// Error makes a file unusable; Warning does not.
const (
	Error Severity = iota
	Warning
)

func (s Severity) String() string { return [...]string{"error", "warning"}[s] }

// Problem is something that a rules author should mend. Every message speaks the words of the file.
type Problem struct {
	Position
	Severity   Severity
	Code       string // R101...
	Message    string
	Suggestion string // what to write instead, "" where nothing is near
}

// String gives the problem on one line: FILE:LINE:COL: error: message (code).
func (p Problem) String() string {
	return fmt.Sprintf("%s: %s: %s (%s)", p.Position, p.Severity, p.Message, p.Code)
}

// HasErrors says whether any problem makes the files unusable.
func HasErrors(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Severity == Error })
}

// WriteText writes problems for a person: one line each, below it the line of the file with a caret, and the suggestion.
// Sources are the texts that were loaded; a problem in a file that is not among them goes without its line.
func WriteText(w io.Writer, problems []Problem, sources []Source) error {
	files := map[string]*document{}
	for _, s := range sources {
		files[s.Name] = &document{Source: s}
	}
	for _, p := range problems {
		if _, err := io.WriteString(w, p.String()+"\n"+excerpt(p, files[p.File])); err != nil {
			return fmt.Errorf("write problems: %w", err)
		}
	}
	return nil
}

// excerptWidth bounds the part of a line that is shown: a file may be one line of ten megabytes.
const excerptWidth = 160

func excerpt(p Problem, file *document) string {
	var b strings.Builder
	if file != nil && file.has(p.Line) {
		line, caret := window(file.row(p.Line-1), p.Column-1)
		fmt.Fprintf(&b, "%4d | %s\n     | %s^\n", p.Line, string(line), string(caret))
	}
	if p.Suggestion != "" {
		fmt.Fprintf(&b, "     = %s\n", p.Suggestion)
	}
	return b.String()
}

// window cuts a line around a column and gives the blanks that lead to it. Tabs stay tabs, so that the caret stands right.
func window(line []rune, column int) (shown, blanks []rune) {
	column = min(max(column, 0), len(line))
	if from := column - excerptWidth/2; len(line) > excerptWidth && from > 0 {
		line, column = line[from:], column-from
	}
	shown = line[:min(len(line), excerptWidth)]
	for _, r := range line[:column] {
		if r != '\t' {
			r = ' '
		}
		blanks = append(blanks, r)
	}
	return shown, blanks
}

// WriteJSON writes problems as one JSON array for other programs: file, line, column, severity, code, message, suggestion.
func WriteJSON(w io.Writer, problems []Problem) error {
	type object struct {
		File       string `json:"file"`
		Line       int    `json:"line"`
		Column     int    `json:"column"`
		Severity   string `json:"severity"`
		Code       string `json:"code"`
		Message    string `json:"message"`
		Suggestion string `json:"suggestion"`
	}
	list := make([]object, 0, len(problems))
	for _, p := range problems {
		list = append(list, object{p.File, p.Line, p.Column, p.Severity.String(), p.Code, p.Message, p.Suggestion})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(list); err != nil {
		return fmt.Errorf("write problems: %w", err)
	}
	return nil
}

var lineBreak = regexp.MustCompile("\r\n|[\n\r\u0085\u2028\u2029]")

// splitLines cuts a text where YAML does, so that lines have the numbers that its parser counts.
func splitLines(text []byte) []string {
	s := string(text)
	if !strings.ContainsAny(s, "\r\u0085\u2028\u2029") {
		return strings.Split(s, "\n") // nearly every file; the pattern takes seconds for a long one
	}
	return lineBreak.Split(s, -1)
}

// sortProblems orders problems by file (in the order given), line and column, and drops repeats.
func sortProblems(problems []Problem, files []Source) []Problem {
	order := map[string]int{}
	for i, f := range files {
		order[f.Name] = i - len(files) // a file of a list, which is not among them, comes after
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
	})
	return slices.Compact(problems)
}
