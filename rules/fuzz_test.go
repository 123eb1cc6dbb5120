package rules

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/mistakes/*.yaml")
	for _, file := range append(files, "testdata/settings.yaml", "../rules.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	l := bankLanguage()
	f.Fuzz(func(t *testing.T, text []byte) {
		source := Source{Name: "rules.yaml", Text: text}
		set, problems := Load([]Source{source}, l, Options{Today: testDay, NeedTests: true})
		if (set == nil) != HasErrors(problems) {
			t.Fatalf("set %t, problems %v", set != nil, problems)
		}
		lines := len(splitLines(text))
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Message == "" || p.Code == "" {
				t.Fatalf("a problem without its place or words: %+v", p)
			}
		}
		written(problems, source)
		if set != nil {
			again, _ := Load(set.Sources, l, Options{})
			if again == nil || again.Hash != set.Hash {
				t.Fatal("a set's sources do not load as the same set")
			}
		}
	})
}

func FuzzCondition(f *testing.F) {
	l := bankLanguage()
	for _, text := range append(strings.Split(benchmarkConditions, "\n"), benchmarkCondition, "((((", "a.b?.c", "not not user.mfa_fresh", "1 < 2 < 3", "-9223372036854775808 < session.seq") {
		f.Add(text)
	}
	facts := factsOf(f, l, benchmarkValues())
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := parseCondition(text)
		if err != nil {
			e := err.(*exprError)
			if e.message == "" || e.at < 0 || e.at > len([]rune(text)) {
				t.Fatalf("%q: %+v", text, e)
			}
			return
		}
		faults := 0
		c := compiler{lang: l, lists: map[string]*List{"corp": {Name: "corp"}}, fields: fieldIndex(l), told: map[string]bool{}, used: func(string) {},
			tell: func(_ int, s Severity, _, _, _ string) {
				if s == Error {
					faults++
				}
			}}
		eval := c.condition(tree)
		if (eval == nil) != (faults > 0) {
			t.Fatalf("%q: compiled %t with %d faults", text, eval != nil, faults)
		}
		if eval != nil {
			eval(facts)
			eval(factsOf(t, l, nil))
		}
	})
}

func fieldIndex(l *Language) map[string]int {
	index := map[string]int{}
	for i := range l.Fields {
		index[l.Fields[i].Name] = i
	}
	return index
}

// writer draws random conditions that both engines understand, over values that are present.
type writer struct{ *rand.Rand }

func (w writer) pick(words ...string) string { return words[w.IntN(len(words))] }

func (w writer) condition(depth int) string {
	if depth == 0 || w.IntN(4) == 0 {
		return w.clause()
	}
	switch w.IntN(3) {
	case 0:
		return "(" + w.condition(depth-1) + " and " + w.condition(depth-1) + ")"
	case 1:
		return "(" + w.condition(depth-1) + " or " + w.condition(depth-1) + ")"
	}
	return "not (" + w.condition(depth-1) + ")"
}

func (w writer) clause() string {
	words := []string{`"payee"`, `"limit"`, `"other"`}
	switch w.IntN(8) {
	case 0:
		return "action.kind " + w.pick("==", "!=") + " " + w.pick(words...)
	case 1:
		return "action.kind " + w.pick("in", "not in") + " [" + w.pick(words...) + ", " + w.pick(words...) + "]"
	case 2:
		return "client.user_agent " + w.pick("contains", "startsWith", "endsWith", "matches") + " " + w.pick(`"a"`, `"b"`, `"ab"`)
	case 3:
		return w.pick("user.mfa_fresh", "background", "user.mfa_fresh == background", "user.mfa_fresh != true")
	case 4:
		return w.pick(`"a"`, `"b"`) + " in user.roles"
	case 5:
		return w.whole(2) + " " + w.pick("in", "not in") + fmt.Sprintf(" [%d, %d]", w.IntN(9)-4, w.IntN(9)-4)
	}
	return w.number(2) + " " + w.pick("==", "!=", "<", "<=", ">", ">=") + " " + w.number(2)
}

func (w writer) number(depth int) string {
	if w.IntN(2) == 0 {
		return w.whole(depth)
	}
	if depth == 0 {
		return w.pick("action.amount", "client.geo.lat", fmt.Sprint(float64(w.IntN(17)-8)/4+0.125))
	}
	return "(" + w.number(depth-1) + w.pick(" + ", " - ", " * ") + w.number(depth-1) + ")"
}

func (w writer) whole(depth int) string {
	if depth == 0 || w.IntN(2) == 0 {
		return w.pick("session.seq", "auth.aal", fmt.Sprint(w.IntN(9)-4))
	}
	return "(" + w.whole(depth-1) + w.pick(" + ", " - ", " * ") + w.whole(depth-1) + ")"
}

func (w writer) event() (map[string]Value, map[string]any) {
	v := map[string]Value{
		"action.kind": {Str: w.pick("payee", "limit")}, "client.user_agent": {Str: w.pick("", "a", "ba", "abc")}, "user.mfa_fresh": {Bool: w.IntN(2) == 0},
		"background": {Bool: w.IntN(2) == 0}, "session.seq": {Int: int64(w.IntN(9) - 4)}, "auth.aal": {Int: int64(w.IntN(3))},
		"action.amount": {Num: float64(w.IntN(33)-16) / 4}, "client.geo.lat": {Num: float64(w.IntN(9) - 4)}, "user.roles": {Strs: []string{w.pick("a", "c")}},
	}
	env := map[string]any{
		"action":     map[string]any{"kind": v["action.kind"].Str, "amount": v["action.amount"].Num},
		"client":     map[string]any{"user_agent": v["client.user_agent"].Str, "geo": map[string]any{"lat": v["client.geo.lat"].Num}},
		"user":       map[string]any{"mfa_fresh": v["user.mfa_fresh"].Bool, "roles": v["user.roles"].Strs},
		"background": v["background"].Bool,
		"session":    map[string]any{"seq": v["session.seq"].Int},
		"auth":       map[string]any{"aal": v["auth.aal"].Int},
	}
	return v, env
}

// differ compiles one random condition with both engines and compares them over random events.
func differ(t *testing.T, seed uint64) {
	w := writer{rand.New(rand.NewPCG(seed, 7))}
	l := bankLanguage()
	text := w.condition(4)
	tree, err := parseCondition(text)
	if err != nil {
		return // over the cap of parts
	}
	c := compiler{lang: l, fields: fieldIndex(l), told: map[string]bool{}, tell: func(_ int, s Severity, _, _, message string) {
		if s == Error {
			t.Fatalf("%s: %s", text, message)
		}
	}}
	ours := c.condition(tree)
	theirs, err := expr.Compile(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for range 10 {
		values, env := w.event()
		want, err := expr.Run(theirs, env)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := ours(factsOf(t, l, values)); got != triOf(want.(bool)) {
			t.Fatalf("%s: ours %s, expr %v, event %v", text, got, want, env)
		}
	}
}

// FuzzAgainstExpr compares our closures with expr's own machine where every value is present.
func FuzzAgainstExpr(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(differ)
}

func TestDeepNestingIsBounded(t *testing.T) {
	for _, text := range []string{
		"version: 1\nrules:\n  - id: a\n    when: " + strings.Repeat("(", 1<<20),
		"version: 1\nrules:\n  - id: a\n    when: " + strings.Repeat("not ", 1<<18) + "user.mfa_fresh",
		"version: 1\nrules: " + strings.Repeat("[", 1<<20),
		"version: 1\nrules:\n" + strings.Repeat("- ", 1<<20),
		strings.Repeat("{a: ", 1<<20),
		"version: 1\nrules: &a [*a]",
		"version: 1\nrules: &a\n  <<: *a\n",
		"version: 1\nlists: {" + strings.Repeat("x", 10<<20) + ": 1}",
	} {
		if set, problems := load(t, text); set != nil || len(problems) == 0 {
			t.Errorf("%.40q loads", text)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	var text strings.Builder
	text.WriteString("version: 1\nlists: {vpn: {type: asn, values: [64496]}}\nrules:\n")
	for i := range 1000 {
		fmt.Fprintf(&text, `  - id: rule-%d
    title: New payee minutes after the device changed
    score: 45
    evidence: behaviour
    on: [action.requested]
    when: |
      action.kind in ["payee", "limit"]
        and session.since_drift < duration("10m") and client.geo.asn not in vpn
        and not user.mfa_fresh
    tests:
      - {name: payee, state: {session: {since_drift: 2m}}, events: [{at: 0s, action: {kind: payee}}], expect: {fires: [1]}}
`, i)
	}
	source := []Source{{Name: "rules.yaml", Text: []byte(text.String())}}
	l := bankLanguage()
	b.ReportAllocs()
	for b.Loop() {
		if set, problems := Load(source, l, Options{}); set == nil {
			b.Fatal(problems[0])
		}
	}
}

// BenchmarkExprMachine runs the five clauses of BenchmarkEval on expr's own machine, one machine reused: the ratio is what
// our closures are for.
func BenchmarkExprMachine(b *testing.B) {
	program, err := expr.Compile(strings.ReplaceAll(benchmarkCondition, "vpn", "[64496, 4200000000]"))
	if err != nil {
		b.Fatal(err)
	}
	env := map[string]any{"action": map[string]any{"kind": "payee"}, "session": map[string]any{"seq": 7},
		"client": map[string]any{"rtt_ms": 1000.0, "geo": map[string]any{"lat": 59.0, "asn": 64500}}}
	var machine vm.VM
	b.ReportAllocs()
	for b.Loop() {
		if _, err := machine.Run(program, env); err != nil {
			b.Fatal(err)
		}
	}
}
