package rules

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
)

// transcript writes test cases with the names of their fields.
func transcript(l *Language, tests []TestCase) string {
	var b strings.Builder
	settings := func(list []Setting) {
		for _, s := range list {
			fmt.Fprintf(&b, "    %s = %s\n", l.Fields[s.Field].Name, valueText(l.Fields[s.Field].Type, s.Value))
		}
	}
	for _, t := range tests {
		fmt.Fprintf(&b, "%s / %s (%s)\n  state\n", t.Rule, t.Name, t.Pos)
		settings(t.State)
		for _, e := range t.Events {
			fmt.Fprintf(&b, "  at %s\n", formatDuration(e.AtMS))
			settings(e.Settings)
		}
		fmt.Fprintf(&b, "  fires %v excepted %v", t.Expect.Fires, t.Expect.Excepted)
		if t.Expect.Action != nil {
			fmt.Fprintf(&b, " action %s", *t.Expect.Action)
		}
		if t.Expect.Would != nil {
			fmt.Fprintf(&b, " would %s", *t.Expect.Would)
		}
		if t.Expect.Score != nil {
			fmt.Fprintf(&b, " score %d", *t.Expect.Score)
		}
		for _, name := range sortedKeys(t.Expect.Facts) {
			fmt.Fprintf(&b, " %s: %s", name, t.Expect.Facts[name].Text)
		}
		b.WriteString("\n\n")
	}
	return b.String()
}

func valueText(t Type, v Value) string {
	switch {
	case !v.Present:
		return "absent"
	case t == IP:
		return v.IP.String()
	case t == Duration:
		return formatDuration(v.Int)
	case t == Integer, t == ASN:
		return fmt.Sprint(v.Int)
	case t == Number:
		return fmt.Sprint(v.Num)
	case t == Bool:
		return fmt.Sprint(v.Bool)
	case t == Strings:
		return fmt.Sprint(v.Strs)
	}
	return fmt.Sprintf("%q", v.Str)
}

// TestSettings shows every way in which a test may write an event and a state.
func TestSettings(t *testing.T) {
	sources := []Source{{Name: "testdata/settings.yaml"}, {Name: "testdata/settings_test.yaml"}}
	for i := range sources {
		text, err := os.ReadFile(sources[i].Name)
		if err != nil {
			t.Fatal(err)
		}
		sources[i].Text = text
	}
	l := bankLanguage()
	set, problems := Load(sources, l, Options{Today: testDay, NeedTests: true})
	if len(problems) > 0 {
		t.Fatal(written(problems, sources...))
	}
	golden(t, "testdata/settings.golden", transcript(l, set.Tests))
}

func TestTestFilesNameTheirRule(t *testing.T) {
	rules := Source{Name: "rules.yaml", Text: []byte("version: 1\nrules: [{id: a, score: 1, evidence: client, mode: enforce, on: [session.created]}]\n")}
	tests := Source{Name: "rules_test.yaml", Text: []byte(`version: 1
tests:
  - {rule: a, name: fires, events: [{at: 0s}], expect: {fires: [1]}}
  - {rule: a, name: silent, events: [{at: 0s}], expect: {fires: []}}
`)}
	opt := Options{NeedTests: true}
	if _, problems := Load([]Source{rules, tests}, bankLanguage(), opt); len(problems) > 0 {
		t.Error(written(problems, rules, tests))
	}
	if _, problems := Load([]Source{rules}, bankLanguage(), opt); !HasErrors(problems) {
		t.Error("an enforced rule without tests passes check")
	}
	if set, problems := Load([]Source{rules}, bankLanguage(), Options{}); set == nil || len(problems) != 1 || problems[0].Severity != Warning {
		t.Errorf("run only warns: %v", problems)
	}
	tests.Text = []byte(strings.Replace(string(tests.Text), "rule: a", "rule: b", 1))
	_, problems := Load([]Source{rules, tests}, bankLanguage(), opt)
	if i := slices.IndexFunc(problems, func(p Problem) bool { return p.Code == codeUnknownName }); i < 0 || problems[i].File != "rules_test.yaml" {
		t.Errorf("got %v", problems)
	}
	if _, problems = Load([]Source{tests}, bankLanguage(), opt); !HasErrors(problems) {
		t.Error("tests alone are no rules")
	}
}

func TestAddressesOfATestAreUnmapped(t *testing.T) {
	set := loaded(t, `version: 1
rules:
  - id: a
    score: 1
    evidence: client
    on: [session.created]
    tests: [{name: x, events: [{at: 0s, ip: "::ffff:203.0.113.7"}], expect: {fires: []}}]
`)
	if got := set.Tests[0].Events[0].Settings[0].Value.IP; got != netip.MustParseAddr("203.0.113.7") {
		t.Errorf("got %s", got)
	}
}
