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

func TestShippedFileIsClean(t *testing.T) {
	text, err := os.ReadFile("../rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	source := Source{Name: "rules.yaml", Text: text}
	set, problems := Load([]Source{source}, bankLanguage(), Options{Today: testDay, NeedTests: true})
	if len(problems) > 0 {
		t.Fatal(written(problems, source))
	}
	if len(set.Rules) != 6 || set.Revision != "2026-11-22.1" {
		t.Fatalf("%d rules, revision %q", len(set.Rules), set.Revision)
	}
	for _, r := range set.Rules {
		if v := r.In(0); v.Mode != Enforce || r.Title == "" || r.Owner == "" || r.Severity == "" || len(r.References) == 0 {
			t.Errorf("rule %s is not complete: %+v", r.ID, r)
		}
	}
}
