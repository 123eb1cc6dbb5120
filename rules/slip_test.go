package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoSlipInYAML: what a parser can read is never called a slip.
func TestNoSlipInYAML(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	searched := 0
	for _, file := range append(files, "../rules.yaml", "testdata/complete.yaml", "testdata/settings.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if slip, found := slipIn(t, string(text)); found && slip.message != "a no-break space stands here" { // YAML takes it for a letter
			t.Errorf("%s:%d:%d: %s", file, slip.line+1, slip.column+1, slip.message)
		}
		searched++
	}
	if searched < 80 {
		t.Errorf("only %d files", searched)
	}
}

// slipIn searches a text for a slip, if it can be parsed.
func slipIn(t *testing.T, text string) (slip, bool) {
	t.Helper()
	doc := &document{Source: Source{Name: "rules.yaml", Text: []byte(text)}}
	doc.split()
	l := loader{}
	if _, ok := l.parse(doc.Source); !ok {
		return slip{}, false
	}
	return doc.slip()
}

func TestTextsThatLookLikeSlips(t *testing.T) {
	for _, text := range []string{
		"a: |\n  \"x\n  @y\n  z:1\n\n    - w\n    tabs\there\nb: 1\n",
		"a: >-\n  one [\n  two\nb: 2\n",
		"a: \"one\n  two\"\nb: [1,\n  2, {c: 3,\n  d: 4}]\n",
		"- a: 1\n  b: 2\n-   c: 3\n    d: 4\n- - 5\n  - 6\n",
		"a:\n- b\n- c\nd: &x\n  e: 1\nf: *x\n",
		"a: one\n  two three\n  four\nb: 'it''s'\n",
		"url: http://x/y\nat: 12:30\n",
		"# @ \" [\na: 1 # \" [\n",
	} {
		if slip, found := slipIn(t, text); found {
			t.Errorf("%q: %d:%d: %s", text, slip.line+1, slip.column+1, slip.message)
		}
	}
}

// FuzzSlip: any text gets an answer, whose place lies in the text.
func FuzzSlip(f *testing.F) {
	f.Add("a: [1\nb: \"x\n\t- c:1\n @d\n")
	f.Add("a: {b: 'c', d: [*]}\n  e: \u00a0f")
	f.Fuzz(func(t *testing.T, text string) {
		doc := &document{Source: Source{Text: []byte(text)}}
		doc.split()
		slip, found := doc.slip()
		if found && (slip.line < 0 || slip.line >= len(doc.lines) || slip.column < 0 || slip.column > len([]rune(doc.lines[slip.line]))) {
			t.Errorf("%d:%d of %q", slip.line, slip.column, strings.Split(text, "\n"))
		}
	})
}
