package detector_test

import (
	"os"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
)

// loadShipped compiles the file that the repository ships.
func loadShipped(t testing.TB) *rules.Set {
	t.Helper()
	text, err := os.ReadFile("../rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: text}}, detector.Language(), rules.Options{NeedTests: true})
	for _, p := range problems {
		t.Errorf("%s: %s (%s)", p.Position, p.Message, p.Code)
	}
	if set == nil {
		t.FailNow()
	}
	return set
}

func TestShippedRulesAreComplete(t *testing.T) {
	for _, r := range loadShipped(t).Rules {
		if r.Title == "" || r.Owner == "" || r.Severity == "" || len(r.References) == 0 {
			t.Errorf("rule %s is not complete: %+v", r.ID, r)
		}
	}
}

func TestShippedRulesPassTheirOwnTests(t *testing.T) {
	set := loadShipped(t)
	if len(set.Tests) == 0 {
		t.Fatal("no tests")
	}
	for _, r := range detector.RunTests(set, nil) {
		for _, f := range r.Failures {
			t.Errorf("%s: %s / %s: event %d: want %s, got %s", f.Pos, r.Test.Rule, r.Test.Name, f.Event, f.Want, f.Got)
		}
	}
}
