package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
)

// readRules reads rules files.
func readRules(paths []string) ([]rules.Source, error) {
	var sources []rules.Source
	for _, path := range paths {
		text, err := readFile(path)
		if err != nil {
			return nil, unusable("cannot read rules: %w", err)
		}
		sources = append(sources, rules.Source{Name: path, Text: text})
	}
	return sources, nil
}

func readFile(path string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%q is a directory", path)
	}
	return os.ReadFile(path)
}

// withTests adds the *_test.yaml files that stand beside rules files.
func withTests(paths []string) []string {
	all := slices.Clone(paths)
	for _, path := range paths {
		beside, _ := filepath.Glob(filepath.Join(escapeGlob(filepath.Dir(path)), "*_test.yaml")) // the pattern is well formed
		for _, test := range beside {
			if !slices.ContainsFunc(all, func(p string) bool { return filepath.Clean(p) == filepath.Clean(test) }) {
				all = append(all, test)
			}
		}
	}
	return all
}

// escapeGlob quotes what means something in a pattern.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// usableRules loads the rules of a command that needs them to work: with errors it prints them all and gives up. Warnings are
// for check.
func usableRules(path string, stderr io.Writer) (*rules.Set, error) {
	sources, err := readRules([]string{path})
	if err != nil {
		return nil, err
	}
	set, problems := rules.Load(sources, detector.Language(), rules.Options{Today: time.Now(), ReadFile: readFile})
	if set != nil {
		return set, nil
	}
	problems = slices.DeleteFunc(problems, func(p rules.Problem) bool { return p.Severity != rules.Error })
	if err := rules.WriteText(stderr, problems, sources); err != nil {
		return nil, err
	}
	return nil, unusable("%s cannot be used: %s", path, count(uint64(len(problems)), "error"))
}
