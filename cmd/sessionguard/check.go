package main

import (
	"fmt"
	"io"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
	"github.com/spf13/cobra"
)

func newCheck(std streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Check rules files: every error and warning",
		Long: `check reads rules files as one set, with the lists that they name and the
*_test.yaml files beside them, and reports every error and warning as
FILE:LINE:COL: error: message (code). Warnings alone exit 0, errors exit 1. An
enforced rule without a firing and a silent test is an error.`,
		Example: `  sessionguard check rules.yaml
  sessionguard check --format json rules.yaml | jq -r '.[].message'`,
		Args: someFiles,
		RunE: func(_ *cobra.Command, files []string) error { return check(std, format, files) },
	}
	cmd.Flags().StringVar(&format, "format", formatText, "text, or json (one array)")
	return cmd
}

func someFiles(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return misused("say which rules files: %s FILE...", cmd.CommandPath())
	}
	return nil
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return misused("%s takes no arguments: what is %q?", cmd.Name(), args[0])
	}
	return nil
}

func check(std streams, format string, files []string) error {
	if err := oneOf("format", format, formatText, formatJSON); err != nil {
		return err
	}
	sources, set, problems, err := loadWithTests(files)
	if err != nil {
		return err
	}
	if err := writeProblems(std.out, format, problems, sources); err != nil {
		return err
	}
	if set == nil {
		return wrong()
	}
	if format == formatText {
		_, err = fmt.Fprintf(std.out, "ok: %s, %s, %s\n", count(uint64(len(set.Rules)), "rule"), count(uint64(len(set.Tests)), "test"), severities(problems))
	}
	return err
}

// loadWithTests loads rules files and the tests beside them as check and test want them: tests are demanded.
func loadWithTests(files []string) ([]rules.Source, *rules.Set, []rules.Problem, error) {
	sources, err := readRules(withTests(files))
	if err != nil {
		return nil, nil, nil, err
	}
	set, problems := rules.Load(sources, detector.Language(), rules.Options{Today: time.Now(), NeedTests: true, ReadFile: readFile})
	return sources, set, problems, nil
}

func writeProblems(w io.Writer, format string, problems []rules.Problem, sources []rules.Source) error {
	if format == formatJSON {
		return rules.WriteJSON(w, problems)
	}
	return rules.WriteText(w, problems, sources)
}

// severities counts problems in words.
func severities(problems []rules.Problem) string {
	var warnings uint64
	for i := range problems {
		if problems[i].Severity == rules.Warning {
			warnings++
		}
	}
	if errors := uint64(len(problems)) - warnings; errors > 0 {
		return count(errors, "error") + ", " + count(warnings, "warning")
	}
	return count(warnings, "warning")
}
