package detector_test

import (
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
)

// TestAForgottenExceptionIsNamed: who expects silence where an exception silenced is told which key says so.
func TestAForgottenExceptionIsNamed(t *testing.T) {
	const text = `version: 1
rules:
  - id: created
    score: 40
    evidence: behaviour
    on: [session.created]
    except: [{id: pilot, when: user.segment == "pilot"}]
    tests:
      - {name: x, events: [{at: 0s, type: session.created, user: {id: u-1, segment: pilot}}], expect: {fires: []}}
`
	for expect, want := range map[string]string{
		"fires: []":                       `event 1: excepted by "pilot"; if that is meant, add to expect: excepted: {1: pilot}`,
		"fires: [], excepted: {1: pilot}": "",
	} {
		source := rules.Source{Name: "rules.yaml", Text: []byte(strings.Replace(text, "fires: []", expect, 1))}
		set, problems := rules.Load([]rules.Source{source}, detector.Language(), rules.Options{})
		if set == nil {
			t.Fatal(problems)
		}
		got := ""
		for _, f := range detector.RunTests(set, nil)[0].Failures {
			got += strings.Repeat("event 1: ", f.Event) + f.Got
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", expect, got, want)
		}
	}
}
