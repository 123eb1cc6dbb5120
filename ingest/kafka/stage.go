package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/rules"
)

// Bootstrap says what to do with a committed offset that has no snapshot.
type Bootstrap string

// The choices of --bootstrap.
const (
	// BootstrapNone refuses the partition.
	BootstrapNone Bootstrap = "none"
	// BootstrapCold goes on from the offset with an empty state.
	BootstrapCold Bootstrap = "cold"
	// BootstrapManifest looks for the newest whole snapshot and goes on from that one's offset.
	BootstrapManifest Bootstrap = "manifest"
)

// StageConfig is what a Stage needs. Group, Current and Engine.HashKey are required. Engine.Stage says which of the two stages it is; each
// has a group of its own.
type StageConfig struct {
	Group              string
	SessionTimeout     time.Duration   // of the group; 0: 10 s
	CheckpointInterval time.Duration   // 0: 10 s
	SnapshotRetention  time.Duration   // of session.snapshots; 0: 14 days
	Bootstrap          Bootstrap       // "": BootstrapNone
	UntilIdle          bool            // stop when every partition was read to the end that it had at the start
	TrustGeo           bool            // take the place that an event brings
	Engine             detector.Config // Rules, GeoBuild and Partitions are set for each partition
	// Current gives the rules and the geography that are offered now; each may be nil. It is called at every checkpoint, by
	// several goroutines.
	Current func() (*rules.Set, *geo.Databases)
	// KeptGeo, if not nil, gives an older build of geography by its name, or nil.
	KeptGeo func(build string) *geo.Databases
	Build   string       // of this program, written on dead letters
	Log     *slog.Logger // nil: silence
}

// Stage is one of the two stages of detection at Kafka. The first owns partitions of session.events, judges their events, publishes the
// outcomes, and writes what only becomes visible across users into session.observations. The second owns partitions of those, judges
// them in the same way, and writes its verdicts back into session.events.
// Status, Stuck, Assigned and Refusing may be called at any time by any goroutine; Run by one at a time.
type Stage struct {
	cluster *Cluster
	cfg     StageConfig
	// judges makes a partition's judge.
	judges func(set *rules.Set, db *geo.Databases, partitions int) judge

	mu     sync.Mutex
	status map[int]*status
	ends   map[int]int64         // with UntilIdle: where each partition ended when this process first owned it
	loaded map[string]*rules.Set // stored rules by hash, so that 48 partitions compile them once
	said   map[string]bool       // warnings given
	fenced uint64
	joined bool // the group, at present
	owns   int  // partitions that it gave to this member
}

// judge is what a partition's events are shown to: decoder, enrichment and engine as one.
type judge interface {
	Process(m cloudevents.Message, at detector.Record) (*detector.Event, detector.Outcome, error)
	Adopt(set *rules.Set, db *geo.Databases)
	ObserveOnly(on bool)
	Snapshot(w io.Writer) error
	Restore(r io.Reader) error
	Stats() detector.Stats
}

// NewStage checks the configuration; it contacts nothing.
func NewStage(c *Cluster, cfg StageConfig) (*Stage, error) {
	if cfg.CheckpointInterval == 0 {
		cfg.CheckpointInterval = 10 * time.Second
	}
	if cfg.SnapshotRetention == 0 {
		cfg.SnapshotRetention = 14 * 24 * time.Hour
	}
	if cfg.Bootstrap == "" {
		cfg.Bootstrap = BootstrapNone
	}
	if !slices.Contains([]Bootstrap{BootstrapNone, BootstrapCold, BootstrapManifest}, cfg.Bootstrap) {
		return nil, fmt.Errorf("bootstrap %q is unknown: choose none, cold or manifest", cfg.Bootstrap)
	}
	if cfg.Group == "" || cfg.Current == nil {
		return nil, errors.New("a stage needs a consumer group and rules")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Engine.Stage == detector.SecondStage {
		cfg.Log = cfg.Log.With("stage", "observe")
		// The place is what the first stage saw: no geography is asked, and no change of one is a change here.
		current := cfg.Current
		cfg.Current = func() (*rules.Set, *geo.Databases) { set, _ := current(); return set, nil }
	}
	s := &Stage{cluster: c, cfg: cfg, status: map[int]*status{}, ends: map[int]int64{}, loaded: map[string]*rules.Set{}, said: map[string]bool{}}
	s.judges = s.liveJudge
	return s, nil
}

// Run judges events until ctx ends, and then publishes, makes a last checkpoint and leaves the group. With UntilIdle it
// returns by itself; another call then goes on to the end of that time. A Kafka that is away is waited for. The error is about topics
// that are missing or have different partition counts, or, with UntilIdle, says which partitions stopped; ctx's end is no error.
func (s *Stage) Run(ctx context.Context) error {
	s.mu.Lock()
	clear(s.ends)
	s.mu.Unlock()
	if err := s.verify(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	return s.cluster.Consume(ctx, Group{Name: s.cfg.Group, Topics: []string{s.input()},
		SessionTimeout: s.cfg.SessionTimeout, UntilDone: s.cfg.UntilIdle, Stopped: s.stopped, Joined: s.join, Left: s.leave}, s.own)
}

// input is the topic that this stage reads.
func (s *Stage) input() string {
	if s.cfg.Engine.Stage == detector.SecondStage {
		return s.cluster.Topics.Observations
	}
	return s.cluster.Topics.Events
}

func (s *Stage) join(partitions int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joined, s.owns = true, partitions
}

func (s *Stage) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joined, s.owns = false, 0
}

// Assigned gives how many partitions the group gave to this member, which may be none, and whether it is in the group now: it is
// not before it joined, nor while the group divides its partitions anew.
func (s *Stage) Assigned() (partitions int, joined bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owns, s.joined
}

// Refusing gives the partitions in which rules of a newer revision than that of set are in force, so that they do not take it; see
// supersedes.
func (s *Stage) Refusing(set *rules.Set) []PartitionStatus {
	return slices.DeleteFunc(s.Status(), func(p PartitionStatus) bool {
		return p.Ruleset == "" || p.Ruleset == set.Hash || compareRevisions(set.Revision, p.Revision) >= 0
	})
}

// verify checks that what is joined by key has one partition count.
func (s *Stage) verify(ctx context.Context) error {
	t := s.cluster.Topics
	counts, err := s.cluster.countsOf(ctx, []string{t.Events, t.Commands, t.Decisions, t.DeadLetter, t.Observations, t.Snapshots})
	if err != nil {
		return err
	}
	for _, topic := range []string{t.Commands, t.Decisions, t.Snapshots, t.DeadLetter, t.Observations} {
		if counts[topic] != counts[t.Events] {
			return fmt.Errorf("topic %q has %d partitions and %q has %d: they are joined by key and need the same number", topic, counts[topic], t.Events, counts[t.Events])
		}
	}
	return nil
}

// own is one partition's life while this member owns it.
func (s *Stage) own(ctx context.Context, p *Partition) error {
	o, err := s.newOwner(p)
	if err != nil {
		return err
	}
	defer s.forget(p.Number, o.status)
	// What was fetched is published and saved after ctx ended: the group waits.
	grace, cancel := graceful(ctx)
	defer cancel()
	err = o.run(ctx, grace)
	if errors.Is(err, ErrFenced) {
		s.mu.Lock()
		s.fenced++
		s.mu.Unlock()
	}
	if ctx.Err() == nil {
		o.status.ended(err)
	} else if err != nil && !errors.Is(err, context.Canceled) {
		s.cfg.Log.Warn("last checkpoint failed; the next owner judges again from the one before", "partition", p.Number, "error", err.Error())
	}
	return err
}

// finishTimeout is what a partition has for its last publishing and checkpoint; the group waits for rebalanceTimeout.
const finishTimeout = rebalanceTimeout * 3 / 4

// graceful gives a context that ends finishTimeout after ctx.
func graceful(ctx context.Context) (context.Context, context.CancelFunc) {
	grace, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(finishTimeout, cancel)
		context.AfterFunc(grace, func() { timer.Stop() })
	})
	return grace, func() { stop(); cancel() }
}

// stopped keeps a stopped partition visible.
func (s *Stage) stopped(topic string, partition int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.status[partition]
	if st == nil {
		st = &status{s: PartitionStatus{Topic: topic, Partition: partition}}
		s.status[partition] = st
	}
	st.ended(err)
}

// end gives where a partition ended when this process first owned it.
func (s *Stage) end(partition int, end int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.ends[partition]; !known {
		s.ends[partition] = end
	}
	return s.ends[partition]
}
