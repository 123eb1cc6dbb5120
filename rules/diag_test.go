package rules

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestWriteJSON(t *testing.T) {
	var b bytes.Buffer
	problems := []Problem{
		{Position{"rules.yaml", 3, 5}, Error, "R102", `a rule has no key "<x>"`, `did you mean "id"?`},
		{Position{"rules.yaml", 9, 1}, Warning, "R108", "nothing uses it", ""},
	}
	if err := WriteJSON(&b, problems); err != nil {
		t.Fatal(err)
	}
	want := `[
  {
    "file": "rules.yaml",
    "line": 3,
    "column": 5,
    "severity": "error",
    "code": "R102",
    "message": "a rule has no key \"<x>\"",
    "suggestion": "did you mean \"id\"?"
  },
  {
    "file": "rules.yaml",
    "line": 9,
    "column": 1,
    "severity": "warning",
    "code": "R108",
    "message": "nothing uses it",
    "suggestion": ""
  }
]
`
	if b.String() != want {
		t.Errorf("got %s", b.String())
	}
	b.Reset()
	if err := WriteJSON(&b, nil); err != nil || b.String() != "[]\n" || !json.Valid(b.Bytes()) {
		t.Errorf("no problems: %q, %v", b.String(), err)
	}
}

func TestWriteTextCutsLongLines(t *testing.T) {
	long := strings.Repeat("x", 100_000) + "HERE" + strings.Repeat("y", 100_000)
	got := written([]Problem{{Position{"r.yaml", 1, 100_001}, Error, "R101", "m", ""}}, Source{Name: "r.yaml", Text: []byte(long)})
	lines := strings.Split(got, "\n")
	if len(lines[1]) > 200 || strings.Index(lines[1], "HERE") != strings.Index(lines[2], "^") {
		t.Error(got)
	}
}

func TestProblemsOfSeveralFilesKeepTheOrderOfTheFiles(t *testing.T) {
	b := Source{Name: "b.yaml", Text: []byte("version: 1\nrules: []\nx: 1\n")}
	a := Source{Name: "a.yaml", Text: []byte("version: 1\nrevision: x\ny: 1\n")}
	_, problems := Load([]Source{b, a}, bankLanguage(), Options{})
	if len(problems) != 3 || problems[1].File != "b.yaml" || problems[2].File != "a.yaml" {
		t.Errorf("got %v", problems)
	}
}

// TestEveryCodeIsDescribedAndShown holds the catalogue, the code and the golden mistakes together.
func TestEveryCodeIsDescribedAndShown(t *testing.T) {
	shown := map[string]bool{codeUnreadable: true} // by TestListFiles
	files, _ := os.ReadDir("testdata/mistakes")
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile("testdata/mistakes/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, c := range Codes() {
		if !shown[c.Code] && !strings.Contains(all.String(), "("+c.Code+")") {
			t.Errorf("no golden mistake shows %s", c.Code)
		}
		if c.Finds == "" || c.Mend == "" {
			t.Errorf("%s is not described", c.Code)
		}
	}
}

func TestNearest(t *testing.T) {
	f := func(word, want string, words ...string) {
		t.Helper()
		if got, _ := nearest(word, words); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
	f("treshold", "threshold", "threshold", "weights")
	f("cooldwon", "cooldown", "cooldown")
	f("windows", "Windows", "Linux", "Windows")
	f("max_speed", "max_speed_kmh", "max_speed_kmh", "min_distance_km")
	f("m", "", "max", "min")
	f("xyz", "", "abc", "def")
	f("so", "os", "engine", "os")
}

func TestDurations(t *testing.T) {
	f := func(s string, want int64) {
		t.Helper()
		if got, err := parseDuration(s); err != nil || got != want {
			t.Errorf("%s: %d, %v", s, got, err)
		}
	}
	f("0s", 0)
	f("250ms", 250)
	f("90s", 90_000)
	f("10m", 600_000)
	f("1h30m", 5_400_000)
	f("1.5h", 5_400_000)
	f("2d", 172_800_000)
	for _, s := range []string{"", "10", "m", "10 m", "-5m", "1h30", "5w", "1..5h", "99999999999999999999h", "1e3s", "5µs"} {
		if ms, err := parseDuration(s); err == nil {
			t.Errorf("%q gives %d", s, ms)
		}
	}
	for _, ms := range []int64{0, 1, 999, 90_000, 5_400_000, 172_800_001} {
		if back, err := parseDuration(formatDuration(ms)); err != nil || back != ms {
			t.Errorf("%d becomes %s", ms, formatDuration(ms))
		}
	}
}
