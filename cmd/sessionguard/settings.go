package main

import (
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const envPrefix = "SESSIONGUARD_"

// Annotations of a flag.
const (
	noteSecret = "secret" // a flag that is secret as a whole, or whose URL holds a password
	noteSource = "source" // where its value came from, when that is not the command line
)

// The values of noteSecret.
const (
	secretWhole = "whole"
	secretInURL = "url"
)

// markSecret says that a flag's value is never shown, and that it can stand in a file.
func markSecret(flags *pflag.FlagSet, name, kind string) {
	flags.Lookup(name).Annotations = map[string][]string{noteSecret: {kind}}
}

func note(f *pflag.Flag, key string) string {
	if v := f.Annotations[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// envName gives the environment variable of a flag.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// bindEnvironment sets the flags of cmd that were not given from the environment. A variable that no command of the program
// knows is an error, so that a typing error never becomes a default.
func bindEnvironment(root, cmd *cobra.Command, environ []string) error {
	vars := ownVariables(environ)
	known := knownVariables(root)
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if !known[name] && !injectedByKubernetes(name) {
			return unusable("%s is not a setting of sessionguard", name)
		}
	}
	var first error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if first == nil && !f.Changed {
			first = bindVariable(cmd.Flags(), f, vars)
		}
	})
	return first
}

// bindVariable sets one flag from its variable, or from the file that its ..._FILE names.
func bindVariable(flags *pflag.FlagSet, f *pflag.Flag, vars map[string]string) error {
	name := envName(f.Name)
	value, source := vars[name], "environment "+name
	if path := vars[name+"_FILE"]; path != "" && note(f, noteSecret) != "" {
		if value != "" {
			return unusable("both %s and %s_FILE are set: keep one", name, name)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return unusable("%s_FILE: cannot read the secret: %w", name, err)
		}
		if value = strings.TrimRight(string(text), "\r\n"); value == "" {
			return unusable("%s_FILE: the secret in %q is empty", name, path)
		}
		source = "file " + path
	}
	if value == "" {
		return nil
	}
	if err := flags.Set(f.Name, value); err != nil {
		if note(f, noteSecret) != "" {
			return unusable("%s: the value cannot be used", name)
		}
		return unusable("%s: %q %s", name, value, faultOf(f, value))
	}
	if f.Annotations == nil {
		f.Annotations = map[string][]string{}
	}
	f.Annotations[noteSource] = []string{source}
	return nil
}

// ownVariables gives the variables of the environment that begin with our prefix.
func ownVariables(environ []string) map[string]string {
	vars := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, envPrefix) {
			vars[name] = value
		}
	}
	return vars
}

// knownVariables gives the variables of all commands' flags: one environment serves them all.
func knownVariables(cmd *cobra.Command) map[string]bool {
	known := map[string]bool{}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		known[envName(f.Name)] = true
		if note(f, noteSecret) != "" {
			known[envName(f.Name)+"_FILE"] = true
		}
	})
	for _, sub := range cmd.Commands() {
		maps.Copy(known, knownVariables(sub))
	}
	return known
}

// injectedByKubernetes says whether a variable may come from a Kubernetes service that is called sessionguard or
// sessionguard-something (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
func injectedByKubernetes(name string) bool {
	return strings.HasSuffix(name, "_SERVICE_HOST") || strings.Contains(name, "_SERVICE_PORT") || strings.Contains(name, "_PORT")
}

// printSettings shows every setting in force and where it came from, secrets masked.
func printSettings(w io.Writer, flags *pflag.FlagSet) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Name == "print-config" {
			return
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.Name, shown(f), source(f))
	})
	return table.Flush()
}

func source(f *pflag.Flag) string {
	switch from := note(f, noteSource); {
	case from != "":
		return from
	case f.Changed:
		return "flag"
	}
	return "default"
}

// shown gives a flag's value as it may be seen.
func shown(f *pflag.Flag) string {
	value := f.Value.String()
	if list, ok := f.Value.(pflag.SliceValue); ok {
		value = strings.Join(list.GetSlice(), ",")
	}
	switch kind := note(f, noteSecret); {
	case value == "":
		return `""`
	case kind == secretWhole:
		return "******"
	case kind == secretInURL:
		return maskedURL(value)
	}
	return value
}

// maskedURL gives a URL without its password, in its user part or in its query, where drivers take one too.
func maskedURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "******"
	}
	query := u.Query()
	for key := range query {
		if strings.Contains(strings.ToLower(key), "pass") || strings.Contains(strings.ToLower(key), "secret") {
			query.Set(key, "xxxxx")
		}
	}
	u.RawQuery = query.Encode()
	return u.Redacted()
}
