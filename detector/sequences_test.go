package detector_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/rules"
)

// Every detector has its sequences in NAME_test.yaml beside it, and the shipped rules pass them: for each rule at least three in which it
// fires and three in which it is silent, those of rules.yaml included.
func TestSequences(t *testing.T) {
	set := loadWithSequences(t)
	type counts struct{ firing, silent int }
	seen := map[string]*counts{}
	for _, r := range set.Rules {
		seen[r.ID] = &counts{}
	}
	for _, result := range detector.RunTests(set, enrich.New(nil, true).Enrich) {
		for _, f := range result.Failures {
			t.Errorf("%s: %s, event %d: want %s, got %s", f.Pos, result.Test.Name, f.Event, f.Want, f.Got)
		}
		if c := seen[result.Test.Rule]; len(result.Test.Expect.Fires) > 0 {
			c.firing++
		} else {
			c.silent++
		}
	}
	for id, c := range seen {
		if id == "idle-timeout-exceeded" || id == "absolute-lifetime-exceeded" {
			c.firing = 3 // they ship without a limit: lifetime_test.go has those in which they fire
		}
		if c.firing < 3 || c.silent < 3 {
			t.Errorf("%s has %d sequences in which it fires and %d in which it is silent: want three of each", id, c.firing, c.silent)
		}
	}
}

// learnedInAPartition are sequences of a few users who teach what each partition learns of its own users, as a share of them: dealt to 48, no
// partition sees enough of them. A bank has users enough for each.
var learnedInAPartition = []string{
	"C7: five customers passed the step-up after the app got another name; the sixth is not asked",
	"C7: a release: five users' updates in more than a day brought the same ciphers",
	"C2: a gateway that opens TLS: five customers' sessions began behind it",
}

// TestSequencesOn48Partitions: what the rules say of a sequence does not depend on how many partitions its users are dealt to.
func TestSequencesOn48Partitions(t *testing.T) {
	excused := map[string]bool{} // whether it fails, as it may
	for _, name := range learnedInAPartition {
		excused[name] = false
	}
	for _, result := range detector.RunTestsDealt(loadWithSequences(t), enrich.New(nil, true).Enrich, dealt(48)) {
		if _, may := excused[result.Test.Name]; may {
			excused[result.Test.Name] = excused[result.Test.Name] || len(result.Failures) > 0
			continue
		}
		for _, f := range result.Failures {
			t.Errorf("%s: %s, event %d: want %s, got %s", f.Pos, result.Test.Name, f.Event, f.Want, f.Got)
		}
	}
	for name, fails := range excused {
		if !fails {
			t.Errorf("%q passes on 48 partitions: take it off the list", name)
		}
	}
}

func loadWithSequences(t *testing.T) *rules.Set {
	t.Helper()
	files, err := filepath.Glob("*_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var sources []rules.Source
	for _, path := range append([]string{"../rules.yaml"}, files...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, rules.Source{Name: path, Text: text})
	}
	set, problems := rules.Load(sources, detector.Language(), rules.Options{ReadFile: os.ReadFile, NeedTests: true})
	if set == nil || len(problems) > 0 {
		var text strings.Builder
		if err := rules.WriteText(&text, problems, sources); err != nil {
			t.Fatal(err)
		}
		t.Fatal(text.String())
	}
	return set
}
