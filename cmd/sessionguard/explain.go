package main

import (
	"context"
	"strings"
	"time"

	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/open"
	"github.com/spf13/cobra"
)

// explainOptions are the settings of explain.
type explainOptions struct {
	rule, archive, format string
	last, until           string

	network, tenant, group string
	replay                 replayOptions // of --network with --events
	kafka                  kafka.Settings
}

func newExplain(std streams) *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain --rule ID | --network NETWORK",
		Short: "Show what is known: how good a rule is, or what a network is",
		Long: `explain --rule shows how good a rule is, from the archive: for each day (UTC) in
how many decisions it fired, and what analysts said of these decisions in
verdict.recorded events, also where they said it later. Precision is the share
of true positives among the decisions on which they were sure. A decision that
was judged twice counts by the last word.

explain --network shows what the second stage has learned of a network or a
provider: how many users it serves, near and far from where it is, from which
homes they come, since when it has no place and until when, and the ways that
unchanged clients take to it. It is read from the second stage's last checkpoint
in Kafka (--brokers), or from a replay at its end (--events).`,
		Example: `  sessionguard explain --rule fingerprint-drift --archive sqlite:data/archive.db
  sessionguard explain --rule new-country --last 30d --format json \
    --archive clickhouse://default@localhost:9000/db
  sessionguard explain --network 192.0.2.0/24 --brokers kafka:9092
  sessionguard explain --network AS64600 --events events.ndjson --trust-geo`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), std) },
	}
	f := cmd.Flags()
	f.StringVar(&o.rule, "rule", "", "the `ID` of a rule")
	f.StringVar(&o.last, "last", "7d", "how far back: a `DURATION` such as 36h or 30d")
	f.StringVar(&o.until, "until", "", "back from this `TIME`, 2026-11-22 or RFC 3339 (default now)")
	f.StringVar(&o.format, "format", formatTable, "table, or json (one object)")
	archiveFlag(f, &o.archive, "", archiveDoc)
	f.StringVar(&o.network, "network", "", "a `NETWORK`: an address, a prefix, or a provider such as AS64500")
	f.StringVar(&o.tenant, "tenant", "", "the `TENANT` in which it was learned")
	f.StringVar(&o.replay.events, "events", "", "with --network: events, one a line: a `FILE`, or - for stdin")
	f.StringVar(&o.replay.rules, "rules", "rules.yaml", "with --events: rules `FILE`")
	f.BoolVar(&o.replay.trustGeo, "trust-geo", false, "with --events: take the place that an event brings in client.geo")
	f.StringVar(&o.group, "group", "sessionguard", "with --brokers: consumer group of the first stage, `NAME`")
	o.replay.partitions = 1
	geoipFlags(f, &o.replay.geoip)
	kafkaFlags(f, &o.kafka)
	return cmd
}

func (o *explainOptions) run(ctx context.Context, std streams) error {
	if err := oneOf("format", o.format, formatTable, formatJSON); err != nil {
		return err
	}
	switch {
	case o.rule != "" && o.network != "":
		return misused("explain one thing: --rule ID or --network NETWORK")
	case o.network != "":
		return o.explainNetwork(ctx, std)
	case o.rule == "":
		return misused("say what to explain: --rule ID or --network NETWORK")
	case o.archive == "" || o.archive == open.None:
		return misused("say which archive: --archive clickhouse://... or --archive sqlite:FILE")
	}
	from, to, err := o.span(time.Now())
	if err != nil {
		return err
	}
	a, err := open.Existing(ctx, o.archive)
	if err != nil {
		return archiveError(err)
	}
	defer a.Close()
	days, err := storage.Grade(ctx, a, o.rule, from.UnixMilli(), to.UnixMilli())
	if err != nil {
		return archiveError(err)
	}
	grades := ruleGrades{rule: o.rule, from: from, to: to, days: days}
	if o.format == formatJSON {
		return grades.writeJSON(std.out)
	}
	return grades.writeTable(std.out)
}

// span gives the time that is asked about. It begins with a whole day (UTC), so that no day is shown in part but the last.
func (o *explainOptions) span(now time.Time) (from, to time.Time, err error) {
	to = now.UTC()
	if o.until != "" {
		if to, err = parseMoment(o.until); err != nil {
			return from, to, misused("--until %q is no time: write 2026-11-22 or 2026-11-22T09:30:00Z", o.until)
		}
	}
	last, err := parsePeriod(o.last)
	if err != nil || last <= 0 {
		return from, to, misused("--last %q is no duration: write 36h or 30d", o.last)
	}
	const day = 24 * time.Hour
	from = to.Add(-last)
	if whole := from.Truncate(day); last >= day && whole != from {
		from = whole.Add(day)
	}
	return from, to, nil
}

func parseMoment(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UTC(), err
}

// parsePeriod reads a duration as Go writes it, or in days: 30d.
func parsePeriod(s string) (time.Duration, error) {
	days, ok := strings.CutSuffix(s, "d")
	if !ok {
		return time.ParseDuration(s)
	}
	hours, err := time.ParseDuration(days + "h")
	return 24 * hours, err
}
