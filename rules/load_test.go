package rules

import (
	"bytes"
	"os"
	"testing"
	"time"
)

var testDay = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// load loads one text as rules.yaml.
func load(t *testing.T, text string) (*Set, []Problem) {
	t.Helper()
	return Load([]Source{{Name: "rules.yaml", Text: []byte(text)}}, bankLanguage(), Options{Today: testDay, NeedTests: true})
}

func written(problems []Problem, sources ...Source) string {
	var b bytes.Buffer
	if err := WriteText(&b, problems, sources); err != nil {
		return err.Error()
	}
	return b.String()
}

func TestSeveralFilesAreOneSet(t *testing.T) {
	lists := Source{Name: "lists.yaml", Text: []byte("version: 1\nlists: {vpn: {type: asn, values: [64496]}}\n")}
	a := Source{Name: "a.yaml", Text: []byte("version: 1\nrevision: \"1\"\nrules: [{id: a, score: 1, evidence: client, when: client.geo.asn in vpn}]\n")}
	b := Source{Name: "b.yaml", Text: []byte("version: 1\nrules: [{id: b, score: 1, evidence: client, when: client.geo.asn in vpn}]\n")}
	set, problems := Load([]Source{a, b, lists}, bankLanguage(), Options{})
	if set == nil || len(problems) > 0 || len(set.Rules) != 2 || len(set.Sources) != 3 {
		t.Fatal(written(problems, a, b, lists))
	}
	b.Text = bytes.Replace(b.Text, []byte("id: b"), []byte("id: a"), 1)
	if _, problems = Load([]Source{a, b, lists}, bankLanguage(), Options{}); len(problems) != 1 || problems[0].Suggestion != "first used at a.yaml:3:14" {
		t.Error(written(problems, a, b, lists))
	}
	b.Text = []byte("version: 1\nrevision: \"2\"\nrules: []\n")
	if _, problems = Load([]Source{a, b, lists}, bankLanguage(), Options{}); len(problems) != 2 || problems[0].Code != codeDuplicate {
		t.Error(written(problems, a, b, lists))
	}
}

// TestABrokenFileHidesNoOther: the rules cannot be read, so what the tests say of them is not judged; the rest is.
func TestABrokenFileHidesNoOther(t *testing.T) {
	broken := Source{Name: "a.yaml", Text: []byte("version: 1\nrules: [\n")}
	other := Source{Name: "b.yaml", Text: []byte("version: 1\nrulse: []\n")}
	tests := Source{Name: "a_test.yaml", Text: []byte("tests: [{rule: a, name: x, events: [{at: 0s}], expect: {fires: []}}]\n")}
	_, problems := Load([]Source{broken, other, tests}, bankLanguage(), Options{})
	if len(problems) != 2 || problems[0].File != "a.yaml" || problems[1].File != "b.yaml" {
		t.Error(written(problems, broken, other, tests))
	}
}

// TestTheCompleteExample loads a file with every key that the language has.
func TestTheCompleteExample(t *testing.T) {
	text, err := os.ReadFile("testdata/complete.yaml")
	if err != nil {
		t.Fatal(err)
	}
	source := Source{Name: "testdata/complete.yaml", Text: text}
	set, problems := Load([]Source{source}, bankLanguage(), Options{Today: testDay, NeedTests: true, ReadFile: os.ReadFile})
	if set == nil {
		t.Fatal(written(problems, source))
	}
	golden(t, "testdata/complete.golden", written(problems, source))
	if got := len(set.Rules); got != 4 || len(set.Segments) != 3 || len(set.Tests) != 6 {
		t.Errorf("%d rules, %d segments, %d tests", got, len(set.Segments), len(set.Tests))
	}
}
