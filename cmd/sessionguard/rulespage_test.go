package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
)

const rulesPage = "../../docs/rules.md"

// The lists of docs/rules.md are made from the language: go test ./cmd/sessionguard -run RulesPage -update
func TestRulesPageIsCurrent(t *testing.T) {
	page := fileText(t, rulesPage)
	want := page
	for name, part := range map[string]string{"fields": fieldsTable(), "detectors": detectorsTables(), "codes": codesTable()} {
		marker := "<!-- generated " + name + " -->\n"
		before, rest, found := strings.Cut(want, marker)
		_, after, closed := strings.Cut(rest, "<!-- end -->")
		if !found || !closed {
			t.Fatalf("docs/rules.md has no place for %s", name)
		}
		want = before + marker + part + "<!-- end -->" + after
	}
	if page == want {
		return
	}
	if !*update {
		t.Error("docs/rules.md is not current: run with -update")
		return
	}
	if err := os.WriteFile(rulesPage, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func fieldsTable() string {
	var b strings.Builder
	b.WriteString("| field | type | unit | words | meaning |\n|---|---|---|---|---|\n")
	for _, f := range detector.Language().Fields {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", f.Name, f.Type, f.Unit, coded(f.Enum), f.Doc)
	}
	return b.String()
}

func coded(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return "`" + strings.Join(words, "`, `") + "`"
}

func detectorsTables() string {
	var b strings.Builder
	for i := range detector.Language().Detectors {
		d := &detector.Language().Detectors[i]
		fmt.Fprintf(&b, "### `%s`\n\n%s\n", d.Name, d.Doc)
		if len(d.Needs) > 0 {
			fmt.Fprintf(&b, "It needs %s.\n", coded(d.Needs))
		}
		b.WriteString("\n| parameter | written as | default | meaning |\n|---|---|---|---|\n")
		for j := range d.Params {
			p := &d.Params[j]
			form, value := paramForm(p)
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", p.Name, form, value, p.Doc)
		}
		if len(d.Facts) > 0 {
			b.WriteString("\n| fact of a finding | type | unit | meaning |\n|---|---|---|---|\n")
		}
		for _, f := range d.Facts {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.Name, f.Type, f.Unit, f.Doc)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// paramForm says what may be written for a parameter, and what it is without that.
func paramForm(p *rules.Param) (form, value string) {
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	if p.Kind == rules.Period {
		number = func(v float64) string { return shortDuration(int64(v)) }
	}
	between := func(low, high float64) string { return number(low) + " to " + number(high) }
	switch p.Kind {
	case rules.Toggle:
		return "`true`, `false`", strconv.FormatBool(p.Default != 0)
	case rules.Weights:
		var parts []string
		for _, part := range p.Parts {
			parts = append(parts, part.Name+": "+number(part.Default))
		}
		return "weights, each " + between(p.Min, p.Max), "`{" + strings.Join(parts, ", ") + "}`"
	case rules.ListRef:
		return "name of a list of " + p.List.String(), "none"
	case rules.Word:
		return "one of " + coded(p.Words), "`" + p.Words[0] + "`"
	case rules.WordSet:
		return "list of " + coded(p.Words), "all"
	}
	form = map[bool]string{true: "duration, ", false: "number, "}[p.Kind == rules.Period] + between(p.Min, p.Max)
	if p.Sane != [2]float64{} {
		form += "; usual " + between(p.Sane[0], p.Sane[1])
	}
	return form, number(p.Default)
}

// shortDuration writes milliseconds as rules.yaml has them.
func shortDuration(ms int64) string {
	s := (time.Duration(ms) * time.Millisecond).String()
	s = regexp.MustCompile(`([a-z])0s$`).ReplaceAllString(s, "$1")
	return regexp.MustCompile(`([a-z])0m$`).ReplaceAllString(s, "$1")
}

func codesTable() string {
	var b strings.Builder
	b.WriteString("| code | finds | to mend it |\n|---|---|---|\n")
	for _, c := range rules.Codes() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", c.Code, c.Finds, c.Mend)
	}
	return b.String()
}

// Every YAML of the page is loaded without a warning, and its tests pass.
func TestRulesPageYAML(t *testing.T) {
	page := fileText(t, rulesPage)
	_, reference, _ := strings.Cut(page, "## Every key")
	reference, _, _ = strings.Cut(reference, "## Conditions")
	files := map[string]string{"the reference": strings.Join(blocks(reference, "yaml"), "")}
	for i, block := range blocks(strings.Replace(page, reference, "", 1), "yaml") {
		if strings.HasPrefix(block, "when: ") {
			block = conditions(block)
		}
		files[fmt.Sprintf("block %d", i+1)] = block
	}
	if len(files) != 4 {
		t.Errorf("%d files, want 4", len(files))
	}
	for name, text := range files {
		source := rules.Source{Name: name, Text: []byte(text)}
		set, problems := rules.Load([]rules.Source{source}, detector.Language(), rules.Options{NeedTests: true})
		if len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
			continue
		}
		for _, r := range detector.RunTests(set, nil) {
			for _, f := range r.Failures {
				t.Errorf("%s: %s: %s", f.Pos, caseName(&r), failureText(f))
			}
		}
	}
}

// blocks gives the fenced blocks of a language.
func blocks(page, language string) []string {
	var list []string
	for _, part := range strings.Split(page, "\n```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		list = append(list, block)
	}
	return list
}

// conditions makes a rule of each line.
func conditions(block string) string {
	text := "version: 1\nrevision: \"1\"\nrules:\n"
	for i, line := range strings.Split(strings.TrimSpace(block), "\n") {
		text += fmt.Sprintf("  - id: c-%d\n    score: 1\n    evidence: behaviour\n    %s\n", i+1, line)
	}
	return text
}

// The commands of the page are run as they stand there.
func TestRulesPageCommands(t *testing.T) {
	page := fileText(t, rulesPage)
	t.Chdir(t.TempDir())
	for _, block := range blocks(page, "yaml") {
		if name, ok := strings.CutPrefix(strings.SplitN(block, "\n", 2)[0], "# "); ok {
			if err := os.WriteFile(name, []byte(block), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	ran := 0
	for _, block := range blocks(page, "console") {
		for _, part := range strings.Split("\n"+block, "\n$ sessionguard ")[1:] {
			args, want, _ := strings.Cut(part, "\n")
			var out bytes.Buffer
			run(context.Background(), strings.Fields(args), streams{in: strings.NewReader(""), out: &out, err: &out}, nil)
			if strings.TrimSpace(out.String()) != strings.TrimSpace(want) {
				t.Errorf("%s: got\n%s\nwant\n%s", args, out.String(), want)
			}
			ran++
		}
	}
	if ran != 2 {
		t.Errorf("%d commands", ran)
	}
}

// Every key that a rules file may have is told of on the page, and every action and event type.
func TestRulesPageTellsEveryWord(t *testing.T) {
	page := fileText(t, rulesPage)
	words := []string{"renamed_from", "min_firing", "min_silent", "review_by", "half_life", "on_trip", "excepted", "device_id"}
	for a := range rules.NumActions {
		if rules.Action(a) != rules.Retract {
			words = append(words, rules.Action(a).String())
		}
	}
	words = append(words, detector.EventTypes[1:]...)
	if missing := slices.DeleteFunc(words, func(w string) bool { return strings.Contains(page, w) }); len(missing) > 0 {
		t.Errorf("the page does not tell of %v", missing)
	}
}
