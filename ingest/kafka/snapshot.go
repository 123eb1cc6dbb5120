package kafka

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/klauspost/compress/zstd"
	kafkago "github.com/segmentio/kafka-go"

	"github.com/sessionguard/sessionguard/rules"
)

// snapshotAbout is what a snapshot's header says of it.
type snapshotAbout struct {
	Format      int     `json:"format"` // 1
	Group       string  `json:"group"`
	Topic       string  `json:"topic"` // of the input
	Partition   int     `json:"partition"`
	Partitions  int     `json:"partitions"` // of the input topic: keys and state are spread by it
	Offset      int64   `json:"offset"`     // the state is as of this offset: the next to be read
	Revision    string  `json:"revision"`
	Ruleset     string  `json:"ruleset"`
	Rules       span    `json:"rules"` // where the rules' sources are, in the same partition
	GeoBuild    string  `json:"geo_build"`
	ObserveOnly bool    `json:"observe_only,omitempty"`
	BeganMS     int64   `json:"began_ms,omitempty"`
	Origins     origins `json:"origins,omitempty"` // the last taken of what the other stage told, by its partition
	TakenMS     int64   `json:"taken_ms"`          // wall clock, for people and for retention
}

// span is where a bundle stands in its log.
type span struct {
	ID        string `json:"id"`
	From      int64  `json:"from"`
	To        int64  `json:"to"`
	WrittenMS int64  `json:"written_ms"` // wall clock: rules are written again before retention takes them
}

// storedRules is a set's sources as they are kept: loading them gives the set again.
type storedRules struct {
	Revision string         `json:"revision"`
	Hash     string         `json:"hash"`
	Sources  []rules.Source `json:"sources"`
}

// snapshots writes and reads the bundles of one input partition. It is not safe for concurrent use.
type snapshots struct {
	cluster   *Cluster
	topic     string
	partition int
	source    string // names this partition to the other stage
	key       []byte
	zstd      *zstd.Encoder
}

func newSnapshots(c *Cluster, p *Partition) (*snapshots, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, fmt.Errorf("prepare compression: %w", err)
	}
	return &snapshots{cluster: c, topic: c.Topics.Snapshots, partition: p.Number, source: sourceOf(p),
		key: fmt.Appendf(nil, "%s/%s/%d", p.group.group, p.Topic, p.Number), zstd: z}, nil
}

// newID gives an id that no other checkpoint has, also of a member that believes to own the same partition.
func newID() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// write stores a bundle and waits until it is acknowledged. b.crc is set.
func (s *snapshots) write(ctx context.Context, b *bundle) (from, to int64, err error) {
	messages, err := b.messages(s.key, s.zstd)
	if err != nil {
		return 0, 0, err
	}
	// zstd is applied to the whole payload already.
	return s.cluster.append(ctx, s.topic, s.partition, kafkago.Compression(0), messages)
}

func (s *snapshots) writeRules(ctx context.Context, set *rules.Set, nowMS int64) (span, error) {
	payload, err := json.Marshal(storedRules{Revision: set.Revision, Hash: set.Hash, Sources: set.Sources})
	if err != nil {
		return span{}, fmt.Errorf("encode rules: %w", err)
	}
	about, err := json.Marshal(map[string]string{"revision": set.Revision, "ruleset": set.Hash})
	if err != nil {
		return span{}, fmt.Errorf("encode rules: %w", err)
	}
	b := &bundle{kind: kindRules, id: newID(), header: about, payload: payload}
	from, to, err := s.write(ctx, b)
	if err != nil {
		return span{}, fmt.Errorf("store rules: %w", err)
	}
	return span{ID: b.id, From: from, To: to, WrittenMS: nowMS}, nil
}

// read gets the bundle of an id that stands between two offsets, both included.
func (s *snapshots) read(ctx context.Context, kind, id string, from, to int64) (*bundle, error) {
	g := &gathering{kind: kind, id: id}
	err := s.scan(ctx, from, to+1, func(r *Record) error {
		if k, part, i := labels(r); k == kind && i == id {
			return g.add(part, r)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s %s at offsets %d to %d of partition %d of %q: %w", kind, id, from, to, s.partition, s.topic, err)
	}
	return g.open()
}

// scan calls see for each record from an offset to before another.
func (s *snapshots) scan(ctx context.Context, from, end int64, see func(*Record) error) error {
	l := &partitionLog{cluster: s.cluster, topic: s.topic, partition: s.partition}
	defer l.close()
	for from < end {
		batch, err := l.fetch(ctx, from)
		if err != nil {
			return err
		}
		for i := range batch.Records {
			if r := &batch.Records[i]; r.Offset < end {
				if err := see(r); err != nil {
					return err
				}
			}
		}
		// A log that ends before it must is not waited for: what it should hold is lost.
		if batch.Next == from && batch.End < end {
			return &GapError{Topic: s.topic, Partition: s.partition, Want: end - 1, First: 0, End: batch.End}
		}
		from = batch.Next
	}
	return nil
}

// readRules loads the rules that a snapshot names.
func (s *snapshots) readRules(ctx context.Context, at span) (storedRules, error) {
	var stored storedRules
	b, err := s.read(ctx, kindRules, at.ID, at.From, at.To)
	if err != nil {
		return stored, err
	}
	if err := json.Unmarshal(b.payload, &stored); err != nil {
		return stored, fmt.Errorf("read stored rules: %w", err)
	}
	return stored, nil
}

// newest gives the newest whole snapshot of an input partition by reading the whole log of snapshots; nil when there is
// none.
func (s *snapshots) newest(ctx context.Context, p *Partition) (*bundle, snapshotAbout, pointer, error) {
	first, end, err := s.bounds(ctx)
	if err != nil {
		return nil, snapshotAbout{}, pointer{}, err
	}
	open := map[string]*gathering{}
	var best *gathering
	err = s.scan(ctx, first, end, func(r *Record) error {
		kind, part, id := labels(r)
		if kind != kindSnapshot || string(r.Key) != string(s.key) {
			return nil
		}
		g := open[id]
		if g == nil {
			g = &gathering{kind: kind, id: id}
			open[id] = g
		}
		// A damaged or cut snapshot is not whole, so it is passed over.
		if err := g.add(part, r); err != nil {
			g.head = nil
		}
		if g.whole() {
			best = g
			delete(open, id)
		}
		return nil
	})
	if err != nil || best == nil {
		return nil, snapshotAbout{}, pointer{}, err
	}
	b, err := best.open()
	if err != nil {
		return nil, snapshotAbout{}, pointer{}, err
	}
	about, err := s.about(b, p)
	return b, about, pointer{partition: s.partition, from: best.from, to: best.to, id: b.id, crc: b.crc}, err
}

func (s *snapshots) bounds(ctx context.Context) (first, end int64, err error) {
	err = s.cluster.retry(ctx, "read bounds of "+s.topic, func(ctx context.Context) (err error) {
		first, end, err = s.cluster.bounds(ctx, s.topic, s.partition)
		return err
	})
	return first, end, err
}

// about reads a snapshot's header and checks that it is of this partition of this topic.
func (s *snapshots) about(b *bundle, p *Partition) (snapshotAbout, error) {
	var a snapshotAbout
	if err := json.Unmarshal(b.header, &a); err != nil {
		return a, fmt.Errorf("read header of snapshot %s: %w", b.id, err)
	}
	switch {
	case a.Format != 1:
		return a, fmt.Errorf("snapshot %s has format %d, this program reads 1", b.id, a.Format)
	case a.Topic != p.Topic || a.Partition != p.Number:
		return a, fmt.Errorf("snapshot %s is of partition %d of %q, not of partition %d of %q", b.id, a.Partition, a.Topic, p.Number, p.Topic)
	case a.Partitions != p.Count:
		return a, fmt.Errorf("snapshot %s was taken when %q had %d partitions, now it has %d: keys and state are spread by this number; a changed count needs a migration", b.id, p.Topic, a.Partitions, p.Count)
	}
	return a, nil
}
