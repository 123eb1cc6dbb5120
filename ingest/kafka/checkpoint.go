package kafka

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"
)

// checkpoints is where an owner stands with its checkpoints.
type checkpoints struct {
	due       time.Time // of the next one
	saving    *saving   // under way, nil when none is
	saved     int64     // the offset of the last committed one
	savedAt   time.Time // when its state was taken
	last      pointer   // to it
	rulesAt   span      // where the rules in force were last stored
	rulesHash string    // which ones
	adoptFrom int64     // rules are not changed before this offset
	buffer    bytes.Buffer
}

// saving is a checkpoint on its way: the state is taken, the rest goes on beside the next batches. Its results may be
// read when done is closed.
type saving struct {
	offset  int64
	started time.Time
	took    time.Duration // of the owner's time
	bytes   int
	cancel  context.CancelFunc
	done    chan struct{}
	pointer pointer
	rulesAt span
	err     error
}

// barrier is called between batches, when all outcomes are acknowledged: it ends and begins checkpoints, and changes
// rules. It does not wait for a checkpoint, unless rules change.
func (o *owner) barrier(ctx context.Context) error {
	if err := o.collect(false); err != nil {
		return err
	}
	if o.saving != nil || time.Now().Before(o.due) && !o.changesMode() {
		return nil
	}
	if err := o.sameCount(ctx); err != nil {
		return err
	}
	adopted := o.adopt()
	if !adopted && o.savedHere() {
		o.due = time.Now().Add(o.stage.cfg.CheckpointInterval)
		return nil
	}
	if err := o.begin(ctx, false); err != nil || !adopted {
		return err
	}
	// No event may be judged by new rules before the change is committed: after a crash it would be judged by the old
	// ones, and another decision would carry the same id.
	return o.collect(true)
}

// sameCount stops a partition whose topic got more partitions: keys went elsewhere, and nobody reads the new ones.
func (o *owner) sameCount(ctx context.Context) error {
	counts, err := o.stage.cluster.countsOf(ctx, []string{o.part.Topic})
	if err != nil || counts[o.part.Topic] == o.part.Count {
		return err
	}
	return fmt.Errorf("%q has %d partitions now, and state was made for %d: keys went to other partitions, and the new ones are not read; "+
		"move the events to a topic of a fixed number of partitions", o.part.Topic, counts[o.part.Topic], o.part.Count)
}

// changesMode says whether observe-only is to be switched at once: a person asked for it in need.
func (o *owner) changesMode() bool {
	return o.silent != o.stage.cfg.Engine.ObserveOnly && o.next >= o.adoptFrom
}

// savedHere says whether the last checkpoint still is the state, and will be kept long enough.
func (o *owner) savedHere() bool {
	return o.next == o.saved && time.Since(o.savedAt) < o.stage.cfg.SnapshotRetention/4
}

// final makes the last checkpoint of this owner.
func (o *owner) final(ctx context.Context) error {
	if err := o.collect(true); err != nil {
		return err
	}
	if o.savedHere() {
		o.last.final = true
		return o.part.Commit(ctx, o.saved, o.last.String())
	}
	if err := o.begin(ctx, true); err != nil {
		return err
	}
	return o.collect(true)
}

// begin takes the state and sends it on its way.
func (o *owner) begin(ctx context.Context, final bool) error {
	started := time.Now()
	o.buffer.Reset()
	if err := o.judge.Snapshot(&o.buffer); err != nil {
		return fmt.Errorf("take snapshot at offset %d: %w", o.next, err)
	}
	about := snapshotAbout{Format: 1, Group: o.part.group.group, Topic: o.part.Topic, Partition: o.part.Number, Partitions: o.part.Count,
		Offset: o.next, Revision: o.set.Revision, Ruleset: o.set.Hash, GeoBuild: buildOf(o.geo), ObserveOnly: o.silent,
		BeganMS: o.began, Origins: maps.Clone(o.taken), TakenMS: started.UnixMilli()}
	if o.rulesHash == o.set.Hash && started.Sub(time.UnixMilli(o.rulesAt.WrittenMS)) < o.stage.cfg.SnapshotRetention/4 {
		about.Rules = o.rulesAt
	}
	ctx, cancel := context.WithCancel(ctx)
	v := &saving{offset: o.next, started: started, bytes: o.buffer.Len(), cancel: cancel, done: make(chan struct{}), took: time.Since(started)}
	o.saving = v
	set := o.set
	go func() {
		defer close(v.done)
		defer cancel()
		if about.Rules.ID == "" {
			about.Rules, v.err = o.store.writeRules(ctx, set, started.UnixMilli())
		}
		v.rulesAt = about.Rules
		if v.err == nil {
			v.pointer, v.err = o.save(ctx, about, final)
		}
	}()
	return nil
}

// save writes the snapshot and then commits its offset.
func (o *owner) save(ctx context.Context, about snapshotAbout, final bool) (pointer, error) {
	header, err := json.Marshal(about)
	if err != nil {
		return pointer{}, fmt.Errorf("encode snapshot header: %w", err)
	}
	b := &bundle{kind: kindSnapshot, id: newID(), header: header, payload: o.buffer.Bytes()}
	from, to, err := o.store.write(ctx, b)
	if err != nil {
		return pointer{}, fmt.Errorf("store snapshot at offset %d: %w", about.Offset, err)
	}
	p := pointer{partition: o.part.Number, from: from, to: to, id: b.id, crc: b.crc, epoch: epoch(about.Ruleset, about.GeoBuild), final: final}
	return p, o.part.Commit(ctx, about.Offset, p.String())
}

// collect takes the result of a checkpoint under way; with wait it waits for it.
func (o *owner) collect(wait bool) error {
	v := o.saving
	if v == nil {
		return nil
	}
	if !wait {
		select {
		case <-v.done:
		default:
			return nil
		}
	}
	<-v.done
	o.saving = nil
	if v.err != nil {
		return v.err
	}
	now := time.Now()
	o.saved, o.savedAt, o.last, o.rulesAt, o.rulesHash = v.offset, v.started, v.pointer, v.rulesAt, o.set.Hash
	// Snapshots stay under 2 % of the owner's time, however big the state is.
	o.due = v.started.Add(max(o.stage.cfg.CheckpointInterval, 50*v.took))
	o.status.change(func(s *PartitionStatus) {
		s.Checkpoints++
		s.Covered = v.offset
		s.CheckpointAt, s.CheckpointBytes, s.CheckpointSeconds = now, v.bytes, now.Sub(v.started).Seconds()
		s.Ruleset, s.Revision, s.GeoBuild = o.set.Hash, o.set.Revision, buildOf(o.geo)
	})
	o.stage.cfg.Log.Debug("checkpoint", "partition", o.part.Number, "offset", v.offset, "bytes", v.bytes, "seconds", now.Sub(v.started).Seconds())
	return nil
}

// abandon ends a checkpoint under way and waits for it.
func (o *owner) abandon() {
	if o.saving != nil {
		o.saving.cancel()
		<-o.saving.done
	}
}

// epoch names rules and geography in a committed offset's metadata, short and without the metadata's separator.
func epoch(ruleset, geoBuild string) string {
	const prefix = len("sha256:") + 12
	if len(ruleset) > prefix {
		ruleset = ruleset[:prefix]
	}
	return strings.ReplaceAll(ruleset+"/"+geoBuild, "|", "_")
}
