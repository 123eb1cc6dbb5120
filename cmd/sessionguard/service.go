package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/rules"
	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/open"
)

// service is the parts of one process of run, or of demo, wired together.
type service struct {
	roles       []string
	observeOnly bool
	untilIdle   bool
	brokers     []string
	archiveURL  string // without its password
	log         *slog.Logger
	rules       *rulesWatch
	geo         *geoWatch
	cluster     *kafka.Cluster
	stages      []stage       // those that the roles name
	observing   *observeWatch // nil without the role detect
	archiver    *archiver     // nil without the role archive, or without an archive
	archive     storage.Archive
	pseudonym   *storage.Pseudonymizer
	recent      *recent
	blocklist   *blocklist
	http        *httpServer // nil without the role console

	told map[string]string // degradations whose beginning was logged, by key
}

// newService wires the parts. It contacts nothing but the address to listen on and a SQLite file.
func newService(ctx context.Context, o *runOptions, log *slog.Logger, r *rulesWatch, g *geoWatch) (*service, error) {
	s := &service{roles: o.roles, observeOnly: o.observeOnly, untilIdle: o.untilIdle,
		brokers: o.kafka.Brokers, archiveURL: maskedURL(o.archive), log: log, rules: r, geo: g, recent: &recent{}, blocklist: &blocklist{}}
	var err error
	if s.cluster, err = connectKafka(o.kafka, log); err != nil {
		return nil, err
	}
	key := []byte(o.sessionKey)
	if len(key) == 0 {
		key = randomBytes(32) // nothing is kept: pseudonyms need to be the same only while this process lives
	}
	if s.pseudonym, err = storage.NewPseudonymizer(key); err != nil {
		return nil, unusable("%w", err)
	}
	if err = s.newStages(o); err != nil {
		return nil, err
	}
	if slices.Contains(o.roles, roleDetect) && !o.untilIdle {
		s.observing = &observeWatch{group: observeGroup(o.group)}
	}
	if len(s.stages) > 0 {
		r.refused = func(set *rules.Set) bool { return len(s.stages[0].Refusing(set)) > 0 }
	}
	if slices.Contains(o.roles, roleArchive) && o.archive != open.None {
		if err := s.openArchive(ctx, o); err != nil {
			return nil, err
		}
	}
	if slices.Contains(o.roles, roleConsole) {
		if s.http, err = listenHTTP(o.listen, interior{recent: s.recent, blocklist: s.blocklist, registry: s.registry(), ready: s.readiness}); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

// openArchive opens the archive. The embedded one gets its schema at once; a server's is the business of migrate.
func (s *service) openArchive(ctx context.Context, o *runOptions) error {
	var err error
	if s.archive, err = open.Archive(ctx, o.archive); err != nil {
		return unusable("%w", err)
	}
	s.archiver = &archiver{cluster: s.cluster, group: o.group + "-archive", archive: s.archive, pseudonym: s.pseudonym, bootstrap: kafka.Bootstrap(o.bootstrap),
		geo: s.geo, untilIdle: o.untilIdle, log: s.log}
	return nil
}

func (s *service) close() {
	if s.archive != nil {
		_ = s.archive.Close() // every block was acknowledged before its offset was committed
	}
	s.cluster.Close()
}

// run works until ctx ends, or under --until-idle until all is done. What only shows the work ends after the work.
func (s *service) run(ctx context.Context) error {
	shown, hide := context.WithCancel(context.Background())
	var display sync.WaitGroup
	s.announce()
	s.display(shown, &display)
	err := s.work(ctx)
	hide()
	display.Wait()
	s.log.Info("stopped")
	return err
}

func (s *service) announce() {
	set := s.rules.current.Load()
	s.log.Info("sessionguard starts", "version", version, "commit", commit(), "roles", s.roles, "brokers", s.brokers,
		"archive", s.archiveURL, "rules_file", s.rules.path, "file_revision", set.Revision, "file_ruleset", set.Hash,
		"geo", geoBuild(s.geo.get()), "observe_only", s.observeOnly)
	s.tellDegraded()
	if s.http != nil {
		s.log.Info("HTTP listens", "address", "http://"+s.http.addr())
	}
}

// display starts what shows the work: HTTP, the tail of decisions, and the watches of files.
func (s *service) display(ctx context.Context, wg *sync.WaitGroup) {
	asked := notifyAsked()
	wg.Go(func() { s.answerAsked(ctx, asked) })
	wg.Go(func() { every(ctx, time.Second, s.tellDegraded) })
	wg.Go(func() { s.rules.run(ctx) })
	wg.Go(func() { s.geo.run(ctx) })
	if s.observing != nil {
		wg.Go(func() { s.watchObserve(ctx) })
	}
	if s.http != nil {
		wg.Go(func() { s.http.serve(ctx, s.log) })
		wg.Go(func() { s.tailDecisions(ctx) })
	}
}

// work runs the stages and the archiver until ctx ends. Under --until-idle the archiver follows the stages, so that it finds
// everything that they published.
func (s *service) work(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wg sync.WaitGroup
	detected := make(chan struct{})
	wg.Go(func() {
		defer close(detected)
		s.runStages(ctx, stop)
	})
	wg.Go(func() {
		if s.untilIdle {
			<-detected
		}
		s.part(ctx, stop, "archive", s.archiveAll)
	})
	if len(s.stages) == 0 && s.archiver == nil {
		<-ctx.Done() // the console alone
	}
	wg.Wait()
	var end *exit
	if errors.As(context.Cause(ctx), &end) {
		return end
	}
	return nil
}

// part runs one part; its error ends the others.
func (s *service) part(ctx context.Context, stop context.CancelCauseFunc, name string, run func(context.Context) error) {
	if err := run(ctx); err != nil && ctx.Err() == nil {
		s.log.Error("part failed", "part", name, "error", oneLine(err.Error()))
		stop(&exit{code: codeUnusable, err: fmt.Errorf("%s: %w", name, err)})
	}
}

func (s *service) archiveAll(ctx context.Context) error {
	if s.archiver == nil {
		return nil
	}
	return s.archiver.run(ctx)
}

// tailDecisions keeps the recent decisions and the networks to block, whichever process decided, with session ids masked: from as long ago as a network
// stays on the feed, so that a restart lifts no block.
func (s *service) tailDecisions(ctx context.Context) {
	topic := s.cluster.Topics.Decisions
	err := s.cluster.TailSince(ctx, topic, time.Now().Add(-blockFor), func(partition int, r *kafka.Record) error {
		record := archiveRecord(topic, partition, r)
		row, err := storage.NewDecisionRow(&record, s.pseudonym)
		if err != nil {
			return nil // the archive keeps the place of what is no decision
		}
		s.recent.add([]byte(row.Raw))
		s.blocklist.take([]byte(row.Raw))
		return nil
	})
	if ctx.Err() == nil {
		s.log.Error("recent decisions are not shown", "error", oneLine(err.Error()))
	}
}

// registry makes the metrics of this process.
func (s *service) registry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &metrics{service: s})
	return r
}
