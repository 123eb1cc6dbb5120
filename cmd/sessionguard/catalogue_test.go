package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
)

const cataloguePage = "../../docs/catalogue.md"

// The catalogue is made from rules.yaml and the sequences beside the detectors: go test ./cmd/sessionguard -run Catalogue -update
func TestCataloguePageIsCurrent(t *testing.T) {
	want := catalogue(t, withSequences(t))
	if have, _ := os.ReadFile(cataloguePage); string(have) == want {
		return
	}
	if !*update {
		t.Error("docs/catalogue.md is not current: run with -update")
		return
	}
	if err := os.WriteFile(cataloguePage, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// falseAlarms are the causes that the field knows, in the order of their numbers.
var falseAlarms = [...]string{"VPN", "secure web gateways whose exits rotate (SASE)", "a carrier's shared and far exits", "private relay",
	"IPv4 and IPv6 of one line", "from wifi to the phone's carrier and back", "a browser updates itself", "reduced and frozen user agents",
	"desktop site, web view, browser within an app", "errors and updates of GeoIP", "a country's middle, 0,0, no city",
	"wifi on aeroplanes, satellite", "fast real travel, no time between", "clocks that differ", "late, repeated and reordered events",
	"one address that many share hides the thief", "family, shared device, kiosk", "virtual desktop, cloud PC", "races for a refresh token",
	"private and inner addresses", "requests without a person", "a second factor from another place", "a proxy that gives everybody one id or address",
	"missing evidence", "a customer of whom nothing is known yet"}

func withSequences(t *testing.T) *rules.Set {
	t.Helper()
	files, err := filepath.Glob("../../detector/*_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var sources []rules.Source
	for _, path := range append([]string{"../../rules.yaml"}, files...) {
		sources = append(sources, rules.Source{Name: strings.TrimPrefix(path, "../../"), Text: []byte(fileText(t, path))})
	}
	set, problems := rules.Load(sources, detector.Language(), rules.Options{ReadFile: os.ReadFile})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}

// story is a numbered comment of a transcript or of a Go test.
type story struct{ file, text string }

func stories(t *testing.T) []story {
	t.Helper()
	var list []story
	files, err := filepath.Glob("../../detector/testdata/*.txt")
	tests, _ := filepath.Glob("../../detector/*_test.go") // the pattern is well-formed
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(files, tests...) {
		for line := range strings.Lines(fileText(t, path)) {
			text, is := strings.CutPrefix(line, "# ")
			if !is {
				text, is = strings.CutPrefix(line, "// ")
			}
			if is && numbered.MatchString(text) {
				list = append(list, story{filepath.Base(path), strings.TrimSpace(text)})
			}
		}
	}
	return list
}

var numbered = regexp.MustCompile(`^C(\d+)[:, ]`)

// causes gives what stands against each cause of false alarms, by its number.
func causes(set *rules.Set, told []story) map[int][]string {
	by := map[int][]string{}
	note := func(text, where string) {
		if m := numbered.FindStringSubmatch(text); m != nil {
			n, _ := strconv.Atoi(m[1])
			by[n] = append(by[n], where)
		}
	}
	for i := range set.Tests {
		note(set.Tests[i].Name, "`"+set.Tests[i].Rule+"`")
	}
	for _, s := range told {
		note(s.text, s.file)
	}
	for n, list := range by {
		slices.Sort(list)
		by[n] = slices.Compact(list)
	}
	return by
}

func catalogue(t *testing.T, set *rules.Set) string {
	var b strings.Builder
	b.WriteString("# Catalogue: every rule that ships\n\nMade from rules.yaml and the sequences in detector/*_test.yaml; a test keeps it current. " +
		"Parameters are explained in [rules.md](rules.md#detectors).\n`sessionguard test rules.yaml detector/*_test.yaml` runs the sequences.\n\n" +
		"| rule | finds | kind | score, and what it answers alone | mode | sequences: fires, silent |\n|---|---|---|---|---|---|\n")
	for _, r := range set.Rules {
		firing, silent := sequences(set, r.ID)
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s | %s | %d, `%s` | %s | %d, %d |\n", r.ID, r.ID, lowerFirst(r.Title), kindText(r), r.In(0).Score, alone(set, r),
			r.In(0).Mode, len(firing), len(silent))
	}
	b.WriteString("\n## What honest customers do\n\nThe causes of false alarms that the field knows, each with the rules whose sequences, or the stories and tests of detector/, hold that it raises none.\n\n| | cause | held by |\n|---|---|---|\n")
	by := causes(set, stories(t))
	for n, cause := range falseAlarms {
		fmt.Fprintf(&b, "| C%d | %s | %s |\n", n+1, cause, strings.Join(by[n+1], ", "))
	}
	for _, r := range set.Rules {
		writeRule(&b, set, r)
	}
	return b.String()
}

func writeRule(b *strings.Builder, set *rules.Set, r *rules.Rule) {
	fmt.Fprintf(b, "\n## %s\n\n%s.", r.ID, r.Title)
	if r.Detector >= 0 {
		fmt.Fprintf(b, " %s", detector.Language().Detectors[r.Detector].Doc)
	}
	fmt.Fprintf(b, "\nReferences: %s.\n", strings.Join(r.References, ", "))
	firing, silent := sequences(set, r.ID)
	for _, part := range []struct {
		head string
		list []string
	}{{"Fires", firing}, {"Silent", silent}} {
		if len(part.list) > 0 {
			fmt.Fprintf(b, "\n%s:\n", part.head)
		}
		for _, name := range part.list {
			fmt.Fprintf(b, "- %s\n", name)
		}
	}
}

func sequences(set *rules.Set, rule string) (firing, silent []string) {
	for i := range set.Tests {
		switch test := &set.Tests[i]; {
		case test.Rule != rule:
		case len(test.Expect.Fires) > 0:
			firing = append(firing, test.Name)
		default:
			silent = append(silent, test.Name)
		}
	}
	return firing, silent
}

func kindText(r *rules.Rule) string {
	if r.Proof {
		return r.Evidence.String() + ", proof"
	}
	return r.Evidence.String()
}

// alone is what a rule answers when nothing else was found.
func alone(set *rules.Set, r *rules.Rule) rules.Action {
	s, score := rules.Standing{}, r.In(0).Score
	if r.Reaches < rules.RevokeSession {
		s.Capped[r.Evidence] = score
	} else {
		s.Best[r.Evidence] = score
	}
	if r.Proof {
		s.Proof = score
	}
	return set.Policy.Action(&s, 0)
}

// answerText is alone, with what a rule in shadow would answer.
func answerText(set *rules.Set, r *rules.Rule) string {
	if r.In(0).Mode == rules.Shadow {
		return "shadow: would `" + alone(set, r).String() + "`"
	}
	return "`" + alone(set, r).String() + "`"
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// Each known cause of false alarms, C1 to C25, has a test that carries its number.
func TestEveryCauseOfFalseAlarmsHasATest(t *testing.T) {
	by := causes(withSequences(t), stories(t))
	for n := range falseAlarms {
		if len(by[n+1]) == 0 {
			t.Errorf("no sequence and no story begins with C%d: (%s)", n+1, falseAlarms[n])
		}
	}
}
