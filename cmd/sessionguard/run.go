package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/broker"
	"github.com/sessionguard/sessionguard/storage/open"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The roles of a process.
const (
	roleDetect  = "detect"
	roleObserve = "observe"
	roleArchive = "archive"
	roleConsole = "console"
)

var allRoles = []string{roleDetect, roleObserve, roleArchive, roleConsole}

// embeddedPartitions is how many partitions the topics of the embedded broker have.
const embeddedPartitions = 3

// runOptions are the settings of run.
type runOptions struct {
	kafka              kafka.Settings
	group              string
	rules              string
	geoip              geo.Files
	archive            string
	sessionKey         string
	roles              []string
	observeOnly        bool
	sessionTimeout     time.Duration
	checkpointInterval time.Duration
	bootstrap          string
	listen             string
	embedded           bool
	otherBrokers       bool // --embedded, although --brokers names others
	data               string
	embeddedListen     string
	untilIdle          bool
	logFormat          string
	printConfig        bool
}

func newRun(std streams) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the service: Kafka in, Kafka out, archive beside",
		Long: `run judges the events of session.events, publishes decisions and commands, and
archives both. It writes its log to stderr. SIGTERM and Ctrl-C: it finishes
what was fetched, publishes, makes a checkpoint, leaves the group and exits 0.
SIGUSR1: it logs where each partition stands, with the age of its checkpoint.

Roles can be split over processes: detect (the first stage: events by user),
observe (the second: what only shows across users, by network, session id and
token; its verdicts come back as events), archive, and console (health, metrics,
recent decisions as a page and as JSON).

With --embedded there is a Kafka broker on loopback inside the process, with
its data under --data, and a SQLite archive: for evaluation and development,
with any Kafka client as publisher.`,
		Example: `  sessionguard run --brokers kafka:9092 \
    --archive clickhouse://default@clickhouse:9000/sessionguard
  sessionguard run --embedded --data ./data
  sessionguard run --print-config`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.resolve(cmd.Flags())
			if o.printConfig {
				return o.print(std, cmd.Flags())
			}
			return o.run(cmd.Context(), std)
		},
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *runOptions) flags(f *pflag.FlagSet) {
	kafkaFlags(f, &o.kafka)
	geoipFlags(f, &o.geoip)
	archiveFlag(f, &o.archive, "", archiveDoc+" (default none; with --embedded SQLite under --data)")
	logFlag(f, &o.logFormat)
	f.StringVar(&o.group, "group", "sessionguard", "consumer group of the first stage; the others' are `NAME`-observe and NAME-archive")
	f.StringVar(&o.rules, "rules", "rules.yaml", "rules `FILE`; watched, adopted at the next checkpoint when valid")
	f.StringVar(&o.sessionKey, "session-key", "", "secret that makes pseudonyms of session and token ids; required with an archive")
	markSecret(f, "session-key", secretWhole)
	f.StringSliceVar(&o.roles, "roles", allRoles, "which parts run in this process")
	f.BoolVar(&o.observeOnly, "observe-only", false, "every decision is shadow and no command is sent")
	f.DurationVar(&o.sessionTimeout, "session-timeout", 10*time.Second, "after which a silent member of the group loses its partitions")
	f.DurationVar(&o.checkpointInterval, "checkpoint-interval", 10*time.Second, "how often state and offsets are saved")
	f.StringVar(&o.bootstrap, "bootstrap", string(kafka.BootstrapNone), "an offset without a snapshot: none (refuse), cold, or manifest")
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "HTTP `ADDR`: a page of decisions, /healthz, /readyz, /metrics, /api/decisions")
	f.BoolVar(&o.embedded, "embedded", false, "run a Kafka broker and a SQLite archive in this process")
	f.StringVar(&o.data, "data", "data", "`DIR` of the embedded broker and archive")
	f.StringVar(&o.embeddedListen, "embedded-listen", "127.0.0.1:9092", "loopback `ADDR` of the embedded broker")
	f.BoolVar(&o.untilIdle, "until-idle", false, "stop when all is judged that there was at the start, and what it caused; one member only")
	f.BoolVar(&o.printConfig, "print-config", false, "print the settings in force, secrets masked, and contact nothing")
}

// resolve fills in the defaults that depend on other settings.
func (o *runOptions) resolve(f *pflag.FlagSet) {
	if o.archive == "" {
		o.archive = open.None
		if o.embedded {
			o.archive = "sqlite:" + filepath.Join(o.data, "archive.db")
		}
	}
	if o.embedded {
		o.otherBrokers = f.Changed("brokers")
		o.kafka.Brokers = []string{o.embeddedListen}
	}
}

// check gives every fault of the settings, not only the first.
func (o *runOptions) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if len(o.kafka.Brokers) == 0 {
		fault("say where Kafka is with --brokers HOST:PORT,..., or use --embedded")
	}
	if o.otherBrokers {
		fault("--embedded brings its own broker, and --brokers (or SESSIONGUARD_BROKERS) names others: leave one of them out")
	}
	for _, role := range o.roles {
		if !slices.Contains(allRoles, role) {
			fault("--roles: %q is not one of %s", role, strings.Join(allRoles, ", "))
		}
	}
	if len(o.roles) == 0 {
		fault("--roles names no role")
	}
	if err := open.Check(o.archive); err != nil {
		fault("--archive: %w", err)
	}
	if !o.embedded && o.archive != open.None && o.sessionKey == "" {
		fault("--session-key is required with an archive: session ids are kept as its pseudonyms only")
	}
	if !slices.Contains([]string{"none", "cold", "manifest"}, o.bootstrap) {
		fault("--bootstrap %q is not one of none, cold, manifest", o.bootstrap)
	}
	if o.sessionTimeout < time.Second || o.checkpointInterval < 100*time.Millisecond {
		fault("--session-timeout is at least 1s, --checkpoint-interval at least 100ms")
	}
	return errors.Join(faults...)
}

// print shows the settings. A setting that run would refuse is told on stderr, and is no error here.
func (o *runOptions) print(std streams, f *pflag.FlagSet) error {
	_ = f.Lookup("archive").Value.Set(o.archive) // a string takes every value
	if err := printSettings(std.out, f); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		fmt.Fprintf(std.err, "sessionguard: run would refuse these settings: %s\n", oneLine(err.Error()))
	}
	return nil
}

func (o *runOptions) run(ctx context.Context, std streams) error {
	if err := o.check(); err != nil {
		return misused("%w", err)
	}
	log, err := newLogger(std.err, o.logFormat)
	if err != nil {
		return err
	}
	set, err := usableRules(o.rules, std.err)
	if err != nil {
		return err
	}
	db, err := openGeo(o.geoip)
	if err != nil {
		return err
	}
	if o.embedded {
		stop, err := o.startEmbedded()
		if err != nil {
			return err
		}
		defer stop()
	}
	s, err := newService(ctx, o, log, newRulesWatch(o.rules, set, log), newGeoWatch(db, log))
	if err != nil && ctx.Err() != nil { // stopped while it started: nothing was left undone
		log.Info("stopped")
		return nil
	}
	if err != nil {
		return err
	}
	defer s.close()
	return s.run(ctx)
}

// startEmbedded starts the broker in this process and finds, or makes, the session key beside its data.
func (o *runOptions) startEmbedded() (stop func(), err error) {
	folder, err := takeFolder(o.data)
	if err != nil {
		return nil, err
	}
	b, err := o.startBroker(folder)
	if err != nil {
		folder.release()
		return nil, err
	}
	o.kafka.Brokers = []string{b.Addr} // a free port is known only now
	return func() { b.Close(); folder.release() }, nil
}

func (o *runOptions) startBroker(folder *dataFolder) (*broker.Broker, error) {
	if o.sessionKey == "" {
		var err error
		if o.sessionKey, err = folder.sessionKey(); err != nil {
			return nil, unusable("keep a session key: %w", err)
		}
	}
	b, err := broker.Start(broker.Config{Listen: o.embeddedListen, Dir: filepath.Join(o.data, "kafka"),
		Topics: kafka.TopicNames(o.kafka.TopicPrefix).All(), Partitions: embeddedPartitions})
	if err != nil {
		return nil, listenError(err, o.embeddedListen, "embedded-listen")
	}
	return b, nil
}
