package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Whoever is on call looks for the metrics that the pages name: each is one that the service has.
func TestDocumentedMetricsExist(t *testing.T) {
	exist := map[string]bool{}
	for _, file := range []string{"metrics.go", "loopmetrics.go"} {
		text := fileText(t, file)
		for _, m := range regexp.MustCompile(`"(sessionguard_[a-z_]+[a-z])"`).FindAllStringSubmatch(text, -1) {
			exist[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`partitionMetric\("([a-z_]+)"`).FindAllStringSubmatch(text, -1) {
			exist["sessionguard_"+m[1]], exist["sessionguard_observe_"+m[1]] = true, true
		}
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, page := range append(pages, "../../README.md") {
		for _, name := range regexp.MustCompile(`\bsessionguard_[a-z_]+\b`).FindAllString(fileText(t, page), -1) {
			named++
			if !exist[name] && !strings.HasSuffix(name, "_") { // a prefix stands for many
				t.Errorf("%s names the metric %q, which there is not", filepath.Base(page), name)
			}
		}
	}
	if named == 0 {
		t.Error("no page names a metric: the test looks for the wrong names")
	}
}

// A page that nothing leads to is not found: README.md leads to all of them.
func TestREADMELeadsToEveryPage(t *testing.T) {
	readme := fileText(t, "../../README.md")
	pages, err := os.ReadDir("../../docs")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if !strings.Contains(readme, "](docs/"+page.Name()) {
			t.Errorf("README.md does not lead to docs/%s", page.Name())
		}
	}
}
