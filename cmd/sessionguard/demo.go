package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/bank"
	"github.com/sessionguard/sessionguard/internal/broker"
	"github.com/spf13/cobra"
)

// demoOptions are the settings of demo.
type demoOptions struct {
	wall    time.Duration
	seed    uint64
	listen  string
	rules   string
	archive string
	format  string
}

func newDemo(std streams) *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch stolen sessions of a synthetic bank being caught",
		Long: `demo runs the whole service in one process on embedded parts: a Kafka broker
on loopback, a SQLite archive, the HTTP interface, and a synthetic bank whose
customers are attacked. It prints each decision as it is made, but for clear
answers to sensitive actions (--format ndjson has them too), and at the end
what was caught. It needs no network and leaves nothing behind. Ctrl-C ends it
early, with the table.`,
		Example: `  sessionguard demo --for 30s
  sessionguard demo --for 5m --seed 7 --format ndjson | tail -n 1`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), std) },
	}
	f := cmd.Flags()
	f.DurationVar(&o.wall, "for", 30*time.Second, "how long the bank is open")
	f.Uint64Var(&o.seed, "seed", 1, "of all randomness")
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "HTTP `ADDR`: a page of decisions, /healthz, /readyz, /metrics, /api/decisions")
	f.StringVar(&o.rules, "rules", "rules.yaml", "rules `FILE`; watched, adopted at the next checkpoint when valid")
	archiveFlag(f, &o.archive, "", archiveDoc+" (default SQLite in a temporary folder)")
	f.StringVar(&o.format, "format", formatText, "text, or ndjson (the last line is the summary)")
	return cmd
}

func (o *demoOptions) run(ctx context.Context, std streams) error {
	if err := oneOf("format", o.format, formatText, formatNDJSON); err != nil {
		return err
	}
	if o.wall < time.Second {
		return misused("--for is at least 1s")
	}
	folder, err := os.MkdirTemp("", "sessionguard-demo-")
	if err != nil {
		return unusable("%w", err)
	}
	defer os.RemoveAll(folder)
	b, err := broker.Start(broker.Config{Topics: kafka.TopicNames("").All(), Partitions: embeddedPartitions})
	if err != nil {
		return unusable("%w", err)
	}
	defer b.Close()
	cfg, speed := bank.Demo(o.wall, o.seed)
	world, err := bank.New(cfg)
	if err != nil {
		return unusable("%w", err)
	}
	s, err := o.service(ctx, std, folder, b.Addr, world)
	if err != nil {
		return err
	}
	defer s.close()
	fmt.Fprintf(std.err, "demo: %d customers on the synthetic %s UTC, %.1f h in %s\n",
		cfg.Users, cfg.Start.UTC().Format("Monday 2006-01-02 from 15:04"), cfg.For.Hours(), o.wall)
	fmt.Fprintf(std.err, "demo: http://%s shows decisions, health and metrics\ndemo: Kafka is at %s\n", s.http.addr(), b.Addr)
	return newShow(o, std, s, newPlayer(world, cfg.Start, speed)).run(ctx)
}

// service wires the service as run --embedded does, over the bank's internet.
func (o *demoOptions) service(ctx context.Context, std streams, folder, brokerAddr string, world *bank.Bank) (*service, error) {
	log := slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	set, err := usableRules(o.rules, std.err)
	if err != nil {
		return nil, err
	}
	files, err := world.Internet().WriteDatabases(folder)
	if err != nil {
		return nil, unusable("%w", err)
	}
	db, err := openGeo(geo.Files(files))
	if err != nil {
		return nil, err
	}
	run := runOptions{
		kafka: kafka.Settings{Brokers: []string{brokerAddr}}, group: "sessionguard", roles: allRoles, listen: o.listen,
		archive: o.archive, sessionKey: hex.EncodeToString(randomBytes(32)),
		sessionTimeout: 10 * time.Second, checkpointInterval: 2 * time.Second, bootstrap: string(kafka.BootstrapNone),
	}
	if run.archive == "" {
		run.archive = "sqlite:" + filepath.Join(folder, "archive.db")
	}
	return newService(ctx, &run, log, newRulesWatch(o.rules, set, log), newGeoWatch(db, log))
}
