package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/open"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// archiveFlag is the setting of every command that uses an archive.
func archiveFlag(f *pflag.FlagSet, url *string, preset, doc string) {
	f.StringVar(url, "archive", preset, doc)
	markSecret(f, "archive", secretInURL)
}

const archiveDoc = "`URL`: none, sqlite:FILE, or clickhouse://user:pass@host:9000/db"

func newMigrate(std streams) *cobra.Command {
	return group("migrate", "Show, or make, the schema of the archive",
		newMigrateCommand("check", "Show which migrations are pending", `check changes nothing. It prints the statements that apply would run and exits
1 when there are any, 3 when the archive does not answer.`, func(ctx context.Context, url string) error { return migrateCheck(ctx, url, std) }),
		newMigrateCommand("apply", "Run the pending migrations", `apply runs what is pending, in order. It may be run again after any failure.`,
			func(ctx context.Context, url string) error { return migrateApply(ctx, url, std) }))
}

func newMigrateCommand(name, short, long string, run func(context.Context, string) error) *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use: name, Short: short, Long: long,
		Example: "  sessionguard migrate " + name + " --archive clickhouse://default@localhost:9000/db",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if url == "" || url == open.None {
				return misused("say which archive: --archive clickhouse://... or --archive sqlite:FILE")
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), reachTimeout)
			defer cancel()
			return run(ctx, url)
		},
	}
	archiveFlag(cmd.Flags(), &url, "", archiveDoc)
	return cmd
}

func migrateCheck(ctx context.Context, url string, std streams) error {
	schema, err := open.Look(ctx, url)
	if err != nil {
		return archiveError(err)
	}
	defer schema.Close()
	pending, err := storage.Pending(ctx, schema)
	if err != nil {
		return archiveError(err)
	}
	if len(pending) == 0 {
		_, err := fmt.Fprintln(std.out, "ok: the schema is as needed")
		return err
	}
	for _, m := range pending {
		fmt.Fprintf(std.out, "-- pending: %s\n%s;\n\n", m.Name, m.SQL)
	}
	return wrong()
}

func migrateApply(ctx context.Context, url string, std streams) error {
	schema, err := open.Schemas(ctx, url)
	if err != nil {
		return archiveError(err)
	}
	defer schema.Close()
	if err := storage.Migrate(ctx, schema, func(m storage.Migration) { fmt.Fprintf(std.out, "applied: %s\n", m.Name) }); err != nil {
		return archiveError(err)
	}
	_, err = fmt.Fprintln(std.out, "ok: the schema is as needed")
	return err
}

// archiveError gives an error of the archive its exit code.
func archiveError(err error) error {
	if errors.Is(err, storage.ErrUnreachable) || errors.Is(err, context.DeadlineExceeded) {
		return unreachable("%w", err)
	}
	return unusable("%w", err)
}
