package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/pflag"
)

// plainFlagError says of a value that a flag does not take what it does take, without the words of Go's libraries.
func plainFlagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	f := invalid.GetFlag()
	if note(f, noteSecret) != "" {
		return fmt.Errorf("--%s: the value cannot be used", f.Name)
	}
	return fmt.Errorf("--%s: %q %s", f.Name, invalid.GetValue(), faultOf(f, invalid.GetValue()))
}

// faultOf says why a flag does not take a value.
func faultOf(f *pflag.Flag, value string) string {
	switch f.Value.Type() {
	case "duration":
		if _, err := strconv.ParseFloat(value, 64); err == nil {
			return "has no unit: write " + value + "s for seconds, m for minutes, h for hours"
		}
		return "is not a duration: write it as 30s, 5m or 1h30m"
	case "bool":
		return "is neither true nor false"
	case "int":
		return "is not a whole number, or too large"
	case "uint64":
		return "is not a whole number from 0 on, or too large"
	case "float64":
		return "is not a number"
	}
	return "cannot be read as a list: separate its members by commas, without quotes"
}
