package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/bank"
	"github.com/sessionguard/sessionguard/internal/bank/internet"
	"github.com/spf13/cobra"
)

// simulateOptions are the settings of simulate.
type simulateOptions struct {
	bank.Config
	attacks  string
	format   string
	geoipDir string
	labels   string
	publish  bool
	shared   string
	speed    float64
	kafka    kafka.Settings
}

func newSimulate(std streams) *cobra.Command {
	o := simulateOptions{Config: bank.Config{Geo: true, Labels: true}}
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Write the events of a synthetic bank, with labelled attacks",
		Long: `simulate writes the session events of a synthetic bank, one CloudEvent a line;
the same seed gives the same bytes. Attacks are labelled in the extension
attributes label, attack and attackid, which the detector does not read. With
--labels the events carry no label: the truth about the n-th event is the n-th
line of that file, for replay --labels.

With --publish the events go to Kafka instead, as time passes: --speed 60
plays an hour in a minute. With --geoip-dir the bank's internet is written as
MaxMind-format databases, and nothing else is done.`,
		Example: `  sessionguard simulate --users 200 --for 2h --seed 7 >events.ndjson
  sessionguard simulate --attacks cookie-theft-abroad=3 --for 1h |
    sessionguard replay --events - --trust-geo
  sessionguard simulate --publish --brokers 127.0.0.1:9092 --speed 60`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), std) },
	}
	f := cmd.Flags()
	f.IntVar(&o.Users, "users", 2000, "customers")
	f.DurationVar(&o.For, "for", 24*time.Hour, "event time until the end")
	f.StringVar(&o.attacks, "attacks", "default", "none, default, all=N, or `KIND=N,...`")
	f.DurationVar(&o.AttacksAfter, "attacks-after", 0, "event time before the first attack, to learn what is normal")
	f.StringVar(&o.shared, "shared-networks", "", "`PERCENT` of the customers behind gateways, company VPNs, CGNAT, relays, offices, dual stack; the others behind none")
	f.DurationVar(&o.DeployEvery, "deploy-every", 0, "event time between deploys after which apps show session ids that nobody knows; 0: none")
	f.Uint64Var(&o.Seed, "seed", 1, "of all randomness")
	f.StringVar(&o.format, "format", formatNDJSON, "ndjson is the only one")
	f.StringVar(&o.labels, "labels", "", "write the truth about each event into this `FILE`, one line an event, and not into the events")
	f.StringVar(&o.geoipDir, "geoip-dir", "", "write the bank's internet as .mmdb files into this `FOLDER`, and nothing else")
	f.BoolVar(&o.publish, "publish", false, "publish to Kafka as time passes, from now on")
	f.Float64Var(&o.speed, "speed", 1, "event time over wall time, with --publish")
	kafkaFlags(f, &o.kafka)
	return cmd
}

func (o *simulateOptions) run(ctx context.Context, std streams) error {
	if err := oneOf("format", o.format, formatNDJSON); err != nil {
		return err
	}
	switch {
	case o.Users < 1:
		return misused("--users %d: a bank has at least one customer", o.Users)
	case o.For <= 0:
		return misused("--for %s: write how long, as 2h", o.For)
	case o.AttacksAfter < 0 || o.AttacksAfter >= o.For:
		return misused("--attacks-after %s: it is 0 or more, and less than --for %s", o.AttacksAfter, o.For)
	case o.geoipDir != "":
		return o.writeDatabases(std)
	}
	var err error
	if o.SharedNetworks, err = parsePercent(o.shared); err != nil {
		return misused("--shared-networks: %w", err)
	}
	if o.Attacks, err = bank.ParseMix(o.attacks, o.Users, o.For); err != nil {
		return misused("--attacks: %w", err)
	}
	o.Labels = o.labels == ""
	if o.publish {
		return o.publishAll(ctx, std)
	}
	world, err := bank.New(o.Config)
	if err != nil {
		return misused("%w", err)
	}
	return o.writeAll(ctx, world, std.out)
}

// parsePercent reads "50%" as 0.5, and "" as 0.
func parsePercent(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	number, isPercent := strings.CutSuffix(text, "%")
	percent, err := strconv.ParseFloat(number, 64)
	if err != nil || !isPercent || !(percent > 0 && percent <= 100) {
		return 0, fmt.Errorf("read %q: want a number over 0 up to 100 and a percent sign, as 50%%", text)
	}
	return percent / 100, nil
}

// writeAll writes the world's events and labels. The labels are always ahead, so that whoever reads the events from a pipe finds
// theirs in the file.
func (o *simulateOptions) writeAll(ctx context.Context, world *bank.Bank, stdout io.Writer) error {
	labels, err := createLabels(o.labels)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(stdout, 1<<20)
	for ctx.Err() == nil {
		p, more := world.Next()
		if !more {
			break
		}
		if err = labels.write(&p); err != nil {
			break
		}
		if out.Available() <= len(p.JSON) {
			err = labels.flush()
		}
		if err != nil {
			break
		}
		if _, err = out.Write(append(p.JSON, '\n')); err != nil {
			break
		}
	}
	return errors.Join(err, labels.close(), out.Flush())
}

func (o *simulateOptions) writeDatabases(std streams) error {
	if err := os.MkdirAll(o.geoipDir, 0o755); err != nil {
		return unusable("%w", err)
	}
	files, err := internet.New().WriteDatabases(o.geoipDir)
	if err != nil {
		return unusable("%w", err)
	}
	_, err = fmt.Fprintf(std.out, "%s\n%s\n%s\n%s\n", files.City, files.ASN, files.Anonymous, files.ConnectionType)
	return err
}
