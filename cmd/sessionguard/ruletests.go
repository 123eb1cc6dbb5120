package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/rules"
)

// testFaults says how the tests of a rules file fall short: how many fail, and how many enforced rules have none, each with the
// first one. `check` and `test` refuse such a file; the service takes it all the same and says so.
func testFaults(path string, set *rules.Set) []string {
	tested, sources := set, set.Sources
	if beside, err := readRules(withTests([]string{path})[1:]); err == nil {
		all := slices.Concat(set.Sources, beside)
		if with, _ := loadLive(all, false); with != nil { // else they are tests of another file
			tested, sources = with, all
		}
	}
	var faults []string
	if what := failingTests(detector.RunTests(tested, enrich.New(nil, true).Enrich)); what != "" {
		faults = append(faults, what)
	}
	if _, problems := loadLive(sources, true); rules.HasErrors(problems) {
		faults = append(faults, untestedRules(problems))
	}
	return faults
}

func loadLive(sources []rules.Source, needTests bool) (*rules.Set, []rules.Problem) {
	return rules.Load(sources, detector.Language(), rules.Options{Today: time.Now(), NeedTests: needTests, ReadFile: readFile})
}

// failingTests counts the tests that fail, and gives the first one; "" for none.
func failingTests(results []detector.TestResult) string {
	i := slices.IndexFunc(results, func(r detector.TestResult) bool { return len(r.Failures) > 0 })
	if i < 0 {
		return ""
	}
	first := results[i].Failures[0]
	return fmt.Sprintf("the rules are taken although tests of theirs fail (%d of %d), the first at %s: %s: %s", failed(results),
		len(results), first.Pos, caseName(&results[i]), failureText(first))
}

// untestedRules counts the rules that lack tests by the errors that a set without other errors has.
func untestedRules(problems []rules.Problem) string {
	lack := slices.DeleteFunc(problems, func(p rules.Problem) bool { return p.Severity != rules.Error })
	return fmt.Sprintf("the rules are taken although enforced ones lack tests (%d), the first at %s: %s", len(lack), lack[0].Position, lack[0].Message)
}
