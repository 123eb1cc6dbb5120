package kafka

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sessionguard/sessionguard/detector"
)

// State is what a partition is doing.
type State string

// The states of a partition.
const (
	Restoring State = "restoring"
	Running   State = "running"
	Finished  State = "finished" // read to its end, under UntilIdle
	Stopped   State = "stopped"  // loudly: Reason says why, and a person must act
)

// PartitionStatus is what can be seen of a partition that this member owns, or that stopped here.
type PartitionStatus struct {
	Topic     string
	Partition int
	State     State
	Reason    string // of Stopped
	Gap       bool   // it stopped because input is missing

	Next       int64   // the offset that is judged next
	End        int64   // the log's end as of the last fetch
	LagSeconds float64 // age of the last record judged, while there are more; else 0

	Records      uint64 // judged
	Replayed     uint64 // of these, such as an earlier owner may have judged too
	DeadLetters  uint64
	Again        uint64 // of the records, those that the other stage wrote once more after a crash: passed over
	Misrouted    uint64 // murmur2 of the key gives another partition
	Decisions    uint64
	Commands     uint64
	Observations uint64 // records for the other stage: observations, or verdicts

	Checkpoints       uint64
	CheckpointAt      time.Time // when the state of the last one was committed, here or by the owner before; zero: none yet
	Covered           int64     // the offset that it covers: a crash judges again from here
	CheckpointBytes   int       // uncompressed state
	CheckpointSeconds float64
	RestoreSeconds    float64
	Ruleset, Revision string // in force
	GeoBuild          string
	Progress          time.Time // when the owner last came round
	Engine            detector.Stats
}

// Caught says whether a partition is restored and judged what was there at its last fetch, give or take a second.
func (p PartitionStatus) Caught() bool {
	return p.State == Finished || p.State == Running && (p.Next >= p.End || p.LagSeconds < 1)
}

// status is a PartitionStatus that its owner writes and others read.
type status struct {
	mu         sync.Mutex
	s          PartitionStatus
	lastTimeMS int64
}

func (s *status) change(f func(*PartitionStatus)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.s.Progress = time.Now()
	f(&s.s)
}

func (s *status) ended(err error) {
	s.change(func(p *PartitionStatus) {
		switch {
		case err == nil:
			p.State = Finished
		case !errors.Is(err, ErrFenced):
			p.State, p.Reason = Stopped, err.Error()
			_, p.Gap = asGap(err)
		}
	})
}

func (s *status) read(now time.Time) PartitionStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.s
	if p.Next < p.End && s.lastTimeMS > 0 {
		p.LagSeconds = max(0, now.Sub(time.UnixMilli(s.lastTimeMS)).Seconds())
	}
	return p
}

// Status gives every partition that this member owns or that stopped here, by number.
func (s *Stage) Status() []PartitionStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	list := make([]PartitionStatus, 0, len(s.status))
	for _, st := range s.status {
		list = append(list, st.read(now))
	}
	slices.SortFunc(list, func(a, b PartitionStatus) int { return a.Partition - b.Partition })
	return list
}

// FencedCommits counts the commits that the group refused because it had moved on.
func (s *Stage) FencedCommits() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fenced
}

// Stuck gives the partitions whose owner did not come round for longer than limit although records wait: kafka-go's
// heartbeats go on whatever the owner does, so a wedged one would hold its partition for ever. Exit when there is one. An
// owner that waits for Kafka to answer is not stuck.
func (s *Stage) Stuck(limit time.Duration) []int {
	var stuck []int
	if s.cluster.Away() {
		return nil
	}
	for _, p := range s.Status() {
		if p.State == Running && p.Next < p.End && time.Since(p.Progress) > limit {
			stuck = append(stuck, p.Partition)
		}
	}
	return stuck
}

// forget drops the status of a partition that was taken away; one that finished or stopped stays visible.
func (s *Stage) forget(partition int, st *status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state := st.read(time.Now()).State; s.status[partition] == st && (state == Running || state == Restoring) {
		delete(s.status, partition)
	}
}
