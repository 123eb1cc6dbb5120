package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/rules"
	"github.com/spf13/cobra"
)

// replayOptions are the settings of replay.
type replayOptions struct {
	rules, against, events string
	labels                 string
	format                 string
	trustGeo, coverage     bool
	partitions             int
	after                  time.Duration
	geoip                  geo.Files
}

func newReplay(std streams) *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay --rules FILE --events FILE|-",
		Short: "Run the engine over recorded events, as fast as it can",
		Long: `replay runs the engines of the service over recorded events (one CloudEvent a
line, "-" is stdin), with event time as the clock, and prints the decisions in
the order of the events. Both stages run: a decision that comes from what was
counted over users stands right after those of the event that completed it;
verdicts that a recording holds are left out. What cannot be an event is
reported on stderr as FILE:LINE: reason: detail, and the run goes on; blank
lines are left out.

With --against the same events are judged by a second rules file too, and what
is printed is the difference: decisions that are new under --rules, lost, or
changed; those whose score alone differs are told apart. With --coverage it is
what the publishing team sends: how often each field is there, and which rules
can therefore not fire. With --labels, a file of the truth about each event as
simulate writes it, it is a scoreboard: by kind of attack what was answered and
after how many requests of the thief, and what honest customers had to bear.
These are a table, unless --format says otherwise.`,
		Example: `  sessionguard replay --rules rules.yaml --events events.ndjson --trust-geo
  sessionguard simulate --users 100 --for 2h |
    sessionguard replay --events - --trust-geo --format table
  sessionguard replay --rules new.yaml --against rules.yaml \
    --events events.ndjson --geoip-city GeoLite2-City.mmdb
  sessionguard simulate --users 5000 --for 72h --labels truth.ndjson |
    sessionguard replay --events - --labels truth.ndjson --trust-geo \
      --partitions 48`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (o.coverage || o.against != "" || o.labels != "") && !cmd.Flags().Changed("format") {
				o.format = formatTable
			}
			return o.run(cmd.Context(), std)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.rules, "rules", "rules.yaml", "rules `FILE`")
	f.StringVar(&o.against, "against", "", "print the difference to the decisions of this rules `FILE`")
	f.StringVar(&o.events, "events", "", "events, one a line: a `FILE`, or - for stdin")
	f.StringVar(&o.labels, "labels", "", "print a scoreboard: the truth about the events, one label a line, is in this `FILE`")
	f.BoolVar(&o.trustGeo, "trust-geo", false, "take the place that an event brings in client.geo")
	f.BoolVar(&o.coverage, "coverage", false, "print which fields are sent, and which rules miss one")
	f.DurationVar(&o.after, "after", 0, "with --labels: event time before an honest session counts, in which the detector learns")
	f.IntVar(&o.partitions, "partitions", 1, "deal the events to `N` engines by key, as Kafka would")
	f.StringVar(&o.format, "format", formatNDJSON, "ndjson (one decision a line) or table (default with --against, --coverage and --labels)")
	geoipFlags(f, &o.geoip)
	return cmd
}

func (o *replayOptions) run(ctx context.Context, std streams) error {
	if err := oneOf("format", o.format, formatNDJSON, formatTable); err != nil {
		return err
	}
	switch {
	case o.events == "":
		return misused("say which events: --events FILE, or --events - for stdin")
	case o.partitions < 1 || o.partitions > 1024:
		return misused("--partitions %d is outside 1 to 1024", o.partitions)
	case o.against != "" && o.coverage:
		return misused("--against and --coverage exclude each other")
	case o.after < 0 || o.after > 0 && o.labels == "":
		return misused("--after %s: it is 0 or more, and goes with --labels", o.after)
	case o.labels != "" && (o.against != "" || o.coverage):
		return misused("--labels excludes --against and --coverage")
	}
	r, err := o.open(std)
	if err != nil {
		return err
	}
	in, err := openEvents(o.events, std.in)
	if err != nil {
		return err
	}
	defer in.Close()
	out := bufio.NewWriterSize(std.out, 1<<20)
	if o.against != "" && o.format == formatTable {
		err = o.replayDifference(ctx, r, in, out)
	} else {
		err = o.replayDecisions(ctx, r, in, out)
	}
	return errors.Join(err, out.Flush())
}

func (o *replayOptions) replayDecisions(ctx context.Context, r *replay, in io.Reader, out *bufio.Writer) error {
	if err := r.replay(ctx, in, out); err != nil {
		return err
	}
	return o.finish(r, out)
}

// replayDifference keeps the rows until it knows the counts that stand before them.
func (o *replayOptions) replayDifference(ctx context.Context, r *replay, in io.Reader, out *bufio.Writer) error {
	var kept bytes.Buffer
	rows := bufio.NewWriter(&kept)
	if err := r.replay(ctx, in, rows); err != nil {
		return err
	}
	_ = rows.Flush()                                // to memory
	_, _ = out.WriteString(r.difference.headline()) // a failed write comes again from Flush
	_, _ = out.Write(kept.Bytes())
	return o.finish(r, out)
}

// open loads the rules and databases and makes the engines.
func (o *replayOptions) open(std streams) (*replay, error) {
	sets := make([]*rules.Set, 0, 2)
	for _, path := range []string{o.rules, o.against} {
		if path == "" {
			continue
		}
		set, err := usableRules(path, std.err)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	db, err := openGeo(o.geoip)
	if err != nil {
		return nil, err
	}
	return o.assemble(std, sets, db), nil
}

// openEvents opens a file of events; "-" is stdin.
func openEvents(path string, stdin io.Reader) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(stdin), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, unusable("cannot read events: %w", err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, unusable("cannot read events: %q is a directory", path)
	}
	return f, nil
}

func eventsName(path string) string {
	if path == "-" {
		return "stdin"
	}
	return path
}

// finish writes what can only be known at the end.
func (o *replayOptions) finish(r *replay, out io.Writer) error {
	r.tally.summary(r.stderr, r.observations())
	r.tally.notEvaluated(r.stderr, r.name)
	if n := r.readers.droppedGeo(); n > 0 {
		fmt.Fprintf(r.stderr, "replay: %s brought a place of their own, which was not used: --trust-geo takes it\n", count(n, "event"))
	}
	if n := r.wrongTypes(); n > 0 {
		fmt.Fprintf(r.stderr, "replay: %s of a wrong JSON type counted as absent: --coverage names them\n", count(n, "optional field"))
	}
	switch {
	case r.scoring != nil:
		return r.scoring.finish(out, o.format)
	case o.against != "":
		return r.difference.finish(out, o.format)
	case o.coverage:
		return r.covered().finish(out, r.set, o.format)
	}
	return nil
}

// covered adds to the coverage what readers and engines counted.
func (r *replay) covered() *coverage {
	for i := range r.readers.each {
		r.coverage.addFields(&r.readers.each[i].coverage.counts)
	}
	for _, g := range r.house.First {
		stats := g.Stats()
		r.coverage.addRules(&stats)
	}
	return r.coverage
}

// observations counts what the second stage was shown.
func (r *replay) observations() (n uint64) {
	for _, g := range r.house.Second {
		for _, of := range g.Stats().Fates {
			n += of
		}
	}
	return n
}

// wrongTypes counts the optional fields that came with a wrong JSON type.
func (r *replay) wrongTypes() (n uint64) {
	for _, g := range r.house.First {
		n += g.Stats().Dropped
	}
	return n
}
