package main

import (
	"io"
	"log/slog"

	"github.com/spf13/pflag"
)

const formatLogfmt = "logfmt"

func logFlag(f *pflag.FlagSet, format *string) {
	f.StringVar(format, "log-format", formatLogfmt, "logfmt or json")
}

// newLogger makes the log of a service: one line an entry.
func newLogger(w io.Writer, format string) (*slog.Logger, error) {
	if err := oneOf("log-format", format, formatLogfmt, formatJSON); err != nil {
		return nil, err
	}
	if format == formatJSON {
		return slog.New(slog.NewJSONHandler(w, nil)), nil
	}
	return slog.New(slog.NewTextHandler(w, nil)), nil
}
