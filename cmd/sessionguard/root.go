package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// streams are the program's standard streams.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run is the whole program: main without the process, so that tests need none. It gives the exit code.
func run(ctx context.Context, args []string, std streams, environ []string) int {
	root := newRoot(std, environ)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	end := exitOf(err)
	if end.err != nil {
		fmt.Fprintf(std.err, "sessionguard: %s\n", oneLine(end.err.Error()))
	}
	if end.hint {
		fmt.Fprintf(std.err, "Try: %s --help\n", cmd.CommandPath())
	}
	return end.code
}

func newRoot(std streams, environ []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "sessionguard",
		Short: "Finds hijacked sessions while they are used",
		Long: `sessionguard finds hijacked sessions while they are used: it reads session
events from Kafka or a file, judges each by rules.yaml, and answers with
decisions and commands.

Every flag of every command can be set by an environment variable:
--geoip-city is SESSIONGUARD_GEOIP_CITY. A secret can also stand in a file:
SESSIONGUARD_SESSION_KEY_FILE. A flag wins over the environment; an empty
variable counts as not set.`,
		Example: `  sessionguard demo --for 30s
  sessionguard check rules.yaml`,
		Args:               noSuchCommand,
		RunE:               func(c *cobra.Command, _ []string) error { return c.Help() },
		SilenceErrors:      true,
		SilenceUsage:       true,
		DisableSuggestions: true, // noSuchCommand makes one line of them
		CompletionOptions:  cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return misused("%w", plainFlagError(err)) })
	root.SetUsageTemplate(strings.NewReplacer(".FlagUsages", ".FlagUsagesWrapped 80", "more information about", "more about").Replace(root.UsageTemplate()))
	root.SetHelpCommand(&cobra.Command{Hidden: true})
	root.AddCommand(newDemo(std), newRun(std), newCheck(std), newTest(std), newReplay(std), newSimulate(std),
		newControl(std), newExplain(std), newTopics(std), newMigrate(std), newVersion(std))
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		return bindEnvironment(root, cmd, environ)
	}
	return root
}

// noSuchCommand answers a word that is no subcommand, with the nearest one.
func noSuchCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	root.SuggestionsMinimumDistance = 2
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return misused("there is no command %q; did you mean %q?", args[0], near[0])
	}
	return misused("there is no command %q", args[0])
}

// group makes a command that only holds others.
func group(use, short string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: noSuchCommand, RunE: func(c *cobra.Command, _ []string) error {
		var paths []string
		for _, sub := range subs {
			paths = append(paths, sub.CommandPath())
		}
		return misused("say what to do: %s", strings.Join(paths, " or "))
	}}
	cmd.AddCommand(subs...)
	return cmd
}

// oneLine keeps an error to one line of a readable length: a library's error can repeat itself a thousand times.
func oneLine(s string) string {
	const most = 600
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}
