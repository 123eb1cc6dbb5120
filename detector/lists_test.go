package detector_test

import (
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/rules"
)

// The lists that the shipped rules leave to the bank: each by itself fires, and nothing that stands on another list does.
func TestListsOfTheBank(t *testing.T) {
	f := func(list, with, event, miss string) {
		t.Helper()
		text := `version: 1
lists: {planted: ` + list + `}
rules:
  - id: listed
    mode: enforce
    score: 100
    evidence: replay
    ` + with + `
    tests:
      - {name: on the list, events: [{at: 0s, ip: 192.0.2.44, ` + event + `}], expect: {fires: [1]}}
      - {name: not on it, events: [{at: 0s, ip: 192.0.2.44, ` + miss + `}], expect: {fires: []}}
`
		sources := []rules.Source{{Name: "rules.yaml", Text: []byte(text)}}
		set, problems := rules.Load(sources, detector.Language(), rules.Options{})
		if set == nil {
			var b strings.Builder
			if err := rules.WriteText(&b, problems, sources); err != nil {
				t.Fatal(err)
			}
			t.Fatal(b.String())
		}
		for _, result := range detector.RunTests(set, enrich.New(nil, true).Enrich) {
			for _, failure := range result.Failures {
				t.Errorf("%s: %s: want %s, got %s", with, result.Test.Name, failure.Want, failure.Got)
			}
		}
	}
	texts := "{type: string, values: [x-1]}"
	f(texts, "detector: canary_used\n    with: {users: planted}", "user: x-1", "session: x-1")
	f(texts, "detector: canary_used\n    with: {devices: planted}", "device: x-1", "user: x-1")
	f(texts, "detector: canary_used\n    with: {tokens: planted}", "token: {id: x-1}", "token: {family: x-1}")
	f("{type: asn, values: [64501]}", "detector: known_bad_source\n    with: {asns: planted}", "geo: {asn: 64501}", "geo: {asn: 64500}")
}
