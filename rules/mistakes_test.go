package rules

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares what came with a file, or rewrites the file.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

// TestMistakes shows what an analyst reads for each mistake. Only commit a change of these files if you would rather read it.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.yaml")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source := Source{Name: "rules.yaml", Text: text}
		set, problems := Load([]Source{source}, bankLanguage(), Options{Today: testDay, NeedTests: true})
		if (set == nil) != HasErrors(problems) || len(problems) == 0 {
			t.Errorf("%s: a set beside an error, or neither", file)
		}
		golden(t, strings.TrimSuffix(file, ".yaml")+".golden", written(problems, source))
	}
}
