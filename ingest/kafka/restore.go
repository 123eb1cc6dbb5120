package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/rules"
)

// restore brings the partition's state to where it was when its offset was committed, or says why it cannot.
func (o *owner) restore(ctx context.Context) error {
	started := time.Now()
	first, end, err := o.part.Bounds(ctx)
	if err != nil {
		return err
	}
	if err := o.start(ctx, first, end); err != nil {
		return err
	}
	o.end = o.stage.end(o.part.Number, end)
	// Staggered, so that partitions do not make their checkpoints all at once.
	o.due = time.Now().Add(o.stage.cfg.CheckpointInterval * time.Duration(o.part.Number+1) / time.Duration(o.part.Count))
	o.status.change(func(s *PartitionStatus) {
		s.Covered, s.CheckpointAt = o.saved, o.savedAt
		s.State, s.Next, s.End, s.RestoreSeconds = Running, o.next, end, time.Since(started).Seconds()
		s.Ruleset, s.Revision, s.GeoBuild = o.set.Hash, o.set.Revision, buildOf(o.geo)
	})
	o.stage.cfg.Log.Info("partition restored", "partition", o.part.Number, "offset", o.next, "end", end, "revision", o.set.Revision,
		"geo_build", buildOf(o.geo), "seconds", time.Since(started).Seconds())
	return nil
}

// start decides where the state comes from.
func (o *owner) start(ctx context.Context, first, end int64) error {
	offset, metadata, committed := o.part.Committed()
	if !committed {
		return o.fromNothing(ctx, first, end)
	}
	if metadata != "" {
		at, err := parsePointer(metadata)
		if err == nil {
			err = o.fromPointer(ctx, at, offset, end)
		}
		switch {
		case err == nil:
			return o.bridge(ctx, first, end)
		case ctx.Err() != nil:
			return err
		case o.stage.cfg.Bootstrap == BootstrapNone:
			return fmt.Errorf("%w; start with --bootstrap manifest to go back to the newest stored snapshot, or with --bootstrap cold to go on from offset %d with an empty state", err, offset)
		}
		o.stage.cfg.Log.Warn("snapshot cannot be read", "partition", o.part.Number, "bootstrap", string(o.stage.cfg.Bootstrap), "error", err.Error())
	}
	switch o.stage.cfg.Bootstrap {
	case BootstrapCold:
		o.stage.cfg.Log.Warn("offset without a snapshot: going on with an empty state", "partition", o.part.Number, "offset", offset)
		return o.cold(ctx, max(offset, first))
	case BootstrapManifest:
		found, err := o.fromManifest(ctx, end)
		if err == nil && !found {
			err = o.noSnapshot()
		}
		if err != nil {
			return err
		}
		return o.bridge(ctx, first, end)
	}
	return fmt.Errorf("offset %d of group %q for partition %d of %q has no snapshot beside it, so the state as of that offset is unknown (was the offset reset by hand?): "+
		"start with --bootstrap manifest to go back to the newest stored snapshot, or with --bootstrap cold to go on from this offset with an empty state",
		offset, o.part.group.group, o.part.Number, o.part.Topic)
}

// bridge goes on behind a gap between the restored state and what the log still holds, if a person said so: --bootstrap cold. Without, the
// next fetch stops the partition.
func (o *owner) bridge(ctx context.Context, first, end int64) error {
	if o.next >= first && o.next <= end || o.stage.cfg.Bootstrap != BootstrapCold {
		return nil
	}
	o.stage.cfg.Log.Warn("input is gone: going on behind the gap with an empty state", "partition", o.part.Number, "offset", o.next, "first", first, "end", end)
	return o.cold(ctx, min(max(o.next, first), end))
}

// fromNothing starts a partition of which the group has no offset: at its first record, unless what came before that is
// gone although the group was here.
func (o *owner) fromNothing(ctx context.Context, first, end int64) error {
	lost := first > 0 && !o.part.GroupIsNew
	switch bootstrap := o.stage.cfg.Bootstrap; {
	case bootstrap == BootstrapManifest:
		found, err := o.fromManifest(ctx, end)
		if err != nil || found {
			return err
		}
		if lost {
			return o.noSnapshot()
		}
	case lost && bootstrap == BootstrapNone:
		return fmt.Errorf("group %q has no offset for partition %d of %q, and its first %d records are gone: what they taught is lost; "+
			"start with --bootstrap manifest to look for a snapshot, or with --bootstrap cold to go on from offset %d with an empty state",
			o.part.group.group, o.part.Number, o.part.Topic, first, first)
	}
	if first > 0 {
		o.stage.cfg.Log.Warn("no offset is committed: starting at the first record with an empty state", "partition", o.part.Number, "offset", first)
	}
	return o.cold(ctx, first)
}

// cold begins with an empty state at an offset, and makes the first checkpoint at once: from then on this start is known.
func (o *owner) cold(ctx context.Context, offset int64) error {
	set, db := o.stage.cfg.Current()
	if set == nil {
		return errNoRules
	}
	o.use(set, db)
	o.next, o.adoptFrom = offset, offset
	o.began, o.taken = time.Now().UnixMilli(), origins{}
	if err := o.begin(ctx, false); err != nil {
		return err
	}
	return o.collect(true)
}

// use makes the judge.
func (o *owner) use(set *rules.Set, db *geo.Databases) {
	o.set, o.geo = set, db
	o.judge = o.stage.judges(set, db, o.part.Count)
	o.observeOnly(o.stage.cfg.Engine.ObserveOnly)
}

// observeOnly says whether answers are given. Like rules it changes at a checkpoint: what an earlier owner answered is judged again as it
// was answered.
func (o *owner) observeOnly(on bool) {
	o.silent = on
	o.judge.ObserveOnly(on)
}

func (o *owner) fromPointer(ctx context.Context, at pointer, offset, end int64) error {
	if at.partition != o.part.Number {
		return fmt.Errorf("the snapshot of partition %d is said to be in partition %d of %q: the topics were moved", o.part.Number, at.partition, o.store.topic)
	}
	b, err := o.store.read(ctx, kindSnapshot, at.id, at.from, at.to)
	if err != nil {
		return err
	}
	about, err := o.store.about(b, o.part)
	if err != nil {
		return err
	}
	if b.crc != at.crc || about.Offset != offset {
		return fmt.Errorf("snapshot %s is of offset %d with checksum %08x, the group's offset is %d with checksum %08x: they do not belong together", b.id, about.Offset, b.crc, offset, at.crc)
	}
	return o.fromSnapshot(ctx, b, about, at, end)
}

// fromManifest goes back to the newest whole snapshot, when there is one.
func (o *owner) fromManifest(ctx context.Context, end int64) (found bool, err error) {
	b, about, at, err := o.store.newest(ctx, o.part)
	if err != nil || b == nil {
		return false, err
	}
	o.stage.cfg.Log.Warn("going back to the newest stored snapshot", "partition", o.part.Number, "offset", about.Offset, "snapshot", at.id)
	return true, o.fromSnapshot(ctx, b, about, at, end)
}

func (o *owner) noSnapshot() error {
	return fmt.Errorf("partition %d of %q holds no whole snapshot of partition %d of %q: start with --bootstrap cold to begin with an empty state",
		o.part.Number, o.store.topic, o.part.Number, o.part.Topic)
}

func (o *owner) fromSnapshot(ctx context.Context, b *bundle, about snapshotAbout, at pointer, end int64) error {
	set, err := o.storedSet(ctx, about)
	if err != nil {
		return err
	}
	o.use(set, o.storedGeo(about.GeoBuild))
	o.observeOnly(about.ObserveOnly)
	if err := o.judge.Restore(bytes.NewReader(b.payload)); err != nil {
		return fmt.Errorf("restore snapshot %s: %w", b.id, err)
	}
	o.next, o.saved, o.savedAt, o.last = about.Offset, about.Offset, time.UnixMilli(about.TakenMS), at
	o.rulesAt, o.rulesHash = about.Rules, about.Ruleset
	o.began, o.taken = about.BeganMS, origins{}
	maps.Copy(o.taken, about.Origins)
	if !at.final {
		// The owner before may have crashed, after it judged up to the log's end and published: what is judged again must
		// meet the rules of then.
		o.replayEnd, o.adoptFrom = end, end
		return nil
	}
	o.replayEnd, o.adoptFrom = o.next, o.next
	if o.adopt() {
		if err := o.begin(ctx, false); err != nil {
			return err
		}
		return o.collect(true)
	}
	o.last.final = false
	return o.part.Commit(ctx, o.saved, o.last.String())
}

// storedSet compiles the rules that were in force. Should this program no longer read them, the offered ones take their
// place, loudly.
func (o *owner) storedSet(ctx context.Context, about snapshotAbout) (*rules.Set, error) {
	offered, _ := o.stage.cfg.Current()
	if offered != nil && offered.Hash == about.Ruleset {
		return offered, nil
	}
	if set := o.stage.loadedSet(about.Ruleset); set != nil {
		return set, nil
	}
	stored, err := o.store.readRules(ctx, about.Rules)
	if err != nil {
		return nil, err
	}
	set, problems := rules.Load(stored.Sources, detector.Language(), rules.Options{})
	if set != nil {
		o.stage.keepSet(about.Ruleset, set)
		return set, nil
	}
	why := "no set came of them"
	if len(problems) > 0 {
		why = problems[0].Message
	}
	if offered == nil {
		return nil, fmt.Errorf("load the stored rules of revision %q: %s; and no other rules are offered: mend the rules file and start again", stored.Revision, why)
	}
	o.stage.cfg.Log.Error("stored rules cannot be loaded; going on with the offered ones", "partition", o.part.Number,
		"stored_revision", stored.Revision, "offered_revision", offered.Revision, "problem", why)
	return offered, nil
}

// storedGeo finds the build that was in force; else the offered one takes its place, and every decision names it.
func (o *owner) storedGeo(build string) *geo.Databases {
	_, offered := o.stage.cfg.Current()
	if buildOf(offered) == build {
		return offered
	}
	if o.stage.cfg.KeptGeo != nil {
		if kept := o.stage.cfg.KeptGeo(build); kept != nil {
			return kept
		}
	}
	o.stage.cfg.Log.Warn("the geography of the last checkpoint is not here; going on with another", "partition", o.part.Number,
		"stored_build", build, "offered_build", buildOf(offered))
	return offered
}

func (s *Stage) loadedSet(hash string) *rules.Set {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loaded[hash]
}

func (s *Stage) keepSet(hash string, set *rules.Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded[hash] = set
}

var errNoRules = errors.New("there are no valid rules, and none are stored for this partition: mend the rules file and start again")
