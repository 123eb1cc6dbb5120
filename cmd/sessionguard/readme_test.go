package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/rules"
)

// The README's table of rules is made from rules.yaml: go test ./cmd/sessionguard -run README -update
func TestREADMETableOfRules(t *testing.T) {
	const first = "|---|---|---|---|\n"
	set, readme := shipped(t), fileText(t, "../../README.md")
	before, rest, ok := strings.Cut(readme, "| rule | fires when | evidence | score, and what it answers alone |\n"+first)
	if !ok {
		t.Fatal("README.md has no table of rules")
	}
	old, after, _ := strings.Cut(rest, "\n\n")
	want := rulesTable(set)
	if old == want {
		return
	}
	if !*update {
		t.Errorf("README.md's table of rules is not that of rules.yaml; want\n%s", want)
		return
	}
	text := before + "| rule | fires when | evidence | score, and what it answers alone |\n" + first + want + "\n\n" + after
	if err := os.WriteFile("../../README.md", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func rulesTable(set *rules.Set) string {
	var rows []string
	for _, r := range set.Rules {
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %d, %s |", r.ID, lowerFirst(r.Title), kindText(r), r.In(0).Score, answerText(set, r)))
	}
	return strings.Join(rows, "\n")
}

// The README's first JSON is an event, its second has the members of a command.
func TestREADMEExamples(t *testing.T) {
	blocks := strings.Split(fileText(t, "../../README.md"), "```json\n")
	if len(blocks) != 3 {
		t.Fatalf("%d JSON blocks, want 2", len(blocks)-1)
	}
	event, _, _ := strings.Cut(blocks[1], "\n```")
	var d cloudevents.Decoder
	if err := d.Decode(cloudevents.Message{Value: []byte(event)}, new(detector.Event)); err != nil {
		t.Error(err)
	}
	command, _, _ := strings.Cut(blocks[2], "\n```")
	got, want := members(t, []byte(command)), members(t, detector.AppendCommand(nil, &detector.Command{}))
	if !slices.Equal(got, want) {
		t.Errorf("the command in the README has %v, a command has %v", got, want)
	}
}

// Every member that a decision or a command can have stands in docs/decisions.md.
func TestDecisionsPageNamesEveryMember(t *testing.T) {
	page := fileText(t, "../../docs/decisions.md")
	d := detector.Decision{Would: rules.Arm, Braked: rules.Arm, Command: "sent", Misrouted: true, ClampedTime: true, Truncated: true,
		Findings: []detector.Finding{{Proof: true, ExceptedBy: "x", Suppressed: 1}}}
	c := detector.Command{MinAAL: 2, CreatedBefore: 1}
	for _, name := range append(members(t, detector.AppendDecision(nil, &d, nil)), members(t, detector.AppendCommand(nil, &c))...) {
		name = name[strings.LastIndexByte(name, '.')+1:]
		if !strings.Contains(page, "`"+name+"`") && !strings.Contains("specversion source type time datacontenttype data en", name) {
			t.Errorf("docs/decisions.md does not name %q", name)
		}
	}
}

// members lists the names of a JSON object's members and those of its objects.
func members(t *testing.T, text []byte) []string {
	t.Helper()
	var names []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		object, _ := v.(map[string]any)
		for k, v := range object {
			names = append(names, path+k)
			walk(path+k+".", v)
		}
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	walk("", v)
	slices.Sort(names)
	return names
}

func shipped(t *testing.T) *rules.Set {
	t.Helper()
	text := fileText(t, "../../rules.yaml")
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: []byte(text)}}, detector.Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}

func fileText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
