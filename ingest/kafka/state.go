package kafka

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// StoredState is what a stage knew in one partition when it made its last committed checkpoint.
type StoredState struct {
	Snapshot  []byte         // for detector.Engine.Restore
	Rules     []rules.Source // by which it judged
	Partition int
}

// StateOf reads the state of the partition that a key of a group's topic belongs to, as of the group's committed offset. It joins no group and
// changes nothing. The error says what is missing: the topic, a committed checkpoint, or the snapshot that it names.
func (c *Cluster) StateOf(ctx context.Context, group, topic, key string) (StoredState, error) {
	counts, err := c.countsOf(ctx, []string{topic})
	if err != nil {
		return StoredState{}, err
	}
	s := StoredState{Partition: PartitionOf([]byte(key), counts[topic])}
	commits, err := c.commits(ctx, group, topic, counts[topic])
	if err != nil {
		return s, fmt.Errorf("ask for the offsets of group %q: %w", group, brief(err))
	}
	at := commits[s.Partition]
	if !at.ok || at.metadata == "" {
		return s, fmt.Errorf("group %q has no checkpoint of partition %d of %q", group, s.Partition, topic)
	}
	p, err := parsePointer(at.metadata)
	if err != nil {
		return s, err
	}
	return s, s.read(ctx, &snapshots{cluster: c, topic: c.Topics.Snapshots, partition: s.Partition}, p)
}

func (s *StoredState) read(ctx context.Context, from *snapshots, p pointer) error {
	b, err := from.read(ctx, kindSnapshot, p.id, p.from, p.to)
	if err != nil {
		return err
	}
	var about snapshotAbout
	if err := json.Unmarshal(b.header, &about); err != nil {
		return fmt.Errorf("read header of snapshot %s: %w", b.id, err)
	}
	stored, err := from.readRules(ctx, about.Rules)
	s.Snapshot, s.Rules = b.payload, stored.Sources
	return err
}
