package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/rules"
	"github.com/spf13/cobra"
)

func newTest(std streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "test FILE...",
		Short: "Run the tests written in rules files and beside them",
		Long: `test runs the tests that stand in rules files, and in the *_test.yaml files
beside them, through the engine of the service. It prints one line for each
failing case and a line of totals. A failing case, and an error in a file,
exit 1.`,
		Example: `  sessionguard test rules.yaml
  sessionguard test --format junit rules.yaml >report.xml`,
		Args: someFiles,
		RunE: func(_ *cobra.Command, files []string) error { return test(std, format, files) },
	}
	cmd.Flags().StringVar(&format, "format", formatText, "text, json or junit")
	return cmd
}

func test(std streams, format string, files []string) error {
	if err := oneOf("format", format, formatText, formatJSON, formatJUnit); err != nil {
		return err
	}
	sources, set, problems, err := loadWithTests(files)
	if err != nil {
		return err
	}
	if set == nil {
		if err := rules.WriteText(std.err, problems, sources); err != nil {
			return err
		}
		return wrong()
	}
	results := detector.RunTests(set, enrich.New(nil, true).Enrich)
	if err := writeResults(std.out, format, results); err != nil {
		return err
	}
	if failed(results) > 0 {
		return wrong()
	}
	return nil
}

func failed(results []detector.TestResult) int {
	n := 0
	for i := range results {
		if len(results[i].Failures) > 0 {
			n++
		}
	}
	return n
}

func writeResults(w io.Writer, format string, results []detector.TestResult) error {
	switch format {
	case formatJSON:
		return writeResultsJSON(w, results)
	case formatJUnit:
		return writeResultsJUnit(w, results)
	}
	for i := range results {
		for _, f := range results[i].Failures {
			fmt.Fprintf(w, "%s: FAIL %s: %s\n", f.Pos, caseName(&results[i]), failureText(f))
		}
	}
	bad := failed(results)
	_, err := fmt.Fprintf(w, "%s: %d passed, %d failed\n", count(uint64(len(results)), "test"), len(results)-bad, bad)
	return err
}

// caseName names a test with its rule.
func caseName(r *detector.TestResult) string {
	name := r.Test.Name
	if r.Test.Rule != "" {
		name = r.Test.Rule + " / " + name
	}
	if r.Segment != "" {
		name += " (segment " + r.Segment + ")"
	}
	return name
}

func failureText(f detector.TestFailure) string {
	text := fmt.Sprintf("expected: %s; got: %s", f.Want, f.Got)
	if f.Event > 0 {
		text = fmt.Sprintf("event %d: %s", f.Event, text)
	}
	return text
}

func writeResultsJSON(w io.Writer, results []detector.TestResult) error {
	type failure struct {
		File     string `json:"file"`
		Line     int    `json:"line"`
		Column   int    `json:"column"`
		Rule     string `json:"rule"`
		Test     string `json:"test"`
		Segment  string `json:"segment,omitempty"`
		Event    int    `json:"event"`
		Expected string `json:"expected"`
		Got      string `json:"got"`
	}
	failures := []failure{}
	for i := range results {
		r := &results[i]
		for _, f := range r.Failures {
			failures = append(failures, failure{f.Pos.File, f.Pos.Line, f.Pos.Column, r.Test.Rule, r.Test.Name, r.Segment, f.Event, f.Want, f.Got})
		}
	}
	bad := failed(results)
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(map[string]any{"tests": len(results), "passed": len(results) - bad, "failed": bad, "failures": failures})
}

// writeResultsJUnit writes the JUnit XML that CI systems read.
func writeResultsJUnit(w io.Writer, results []detector.TestResult) error {
	type failure struct {
		Message string `xml:"message,attr"`
	}
	type testcase struct {
		Class    string    `xml:"classname,attr"`
		Name     string    `xml:"name,attr"`
		File     string    `xml:"file,attr"`
		Line     int       `xml:"line,attr"`
		Failures []failure `xml:"failure"`
	}
	type testsuite struct {
		XMLName  xml.Name   `xml:"testsuite"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	suite := testsuite{Name: "sessionguard rules", Tests: len(results), Failures: failed(results)}
	for i := range results {
		r := &results[i]
		c := testcase{Class: r.Test.Rule, Name: caseName(r), File: r.Test.Pos.File, Line: r.Test.Pos.Line}
		for _, f := range r.Failures {
			c.Failures = append(c.Failures, failure{fmt.Sprintf("%s: %s", f.Pos, failureText(f))})
		}
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	if err := out.Encode(suite); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
