package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/rules"
)

// stuckAfter is how long a partition may stand still before the process gives its partitions up by ending.
const stuckAfter = time.Minute

// stage is one of the two stages of detection, where this process has its role.
type stage struct {
	role string // roleDetect or roleObserve
	*kafka.Stage
}

// newStages makes the stages that the roles name, the first stage first.
func (s *service) newStages(o *runOptions) error {
	for _, role := range []string{roleDetect, roleObserve} {
		if !slices.Contains(o.roles, role) {
			continue
		}
		made, err := kafka.NewStage(s.cluster, s.stageConfig(o, role))
		if err != nil {
			return unusable("%w", err)
		}
		s.stages = append(s.stages, stage{role, made})
	}
	return nil
}

func (s *service) stageConfig(o *runOptions, role string) kafka.StageConfig {
	cfg := kafka.StageConfig{
		Group: o.group, SessionTimeout: o.sessionTimeout, CheckpointInterval: o.checkpointInterval,
		Bootstrap: kafka.Bootstrap(o.bootstrap), UntilIdle: o.untilIdle,
		Engine:  detector.Config{HashKey: stateKey(o.group, o.kafka.TopicPrefix), ObserveOnly: o.observeOnly},
		Current: func() (*rules.Set, *geo.Databases) { return s.rules.current.Load().Set, s.geo.get() },
		Build:   version + " " + commit(), Log: s.log,
	}
	if role == roleObserve {
		cfg.Group, cfg.Engine.Stage = observeGroup(o.group), detector.SecondStage
	}
	return cfg
}

// observeGroup names the consumer group of the second stage.
func observeGroup(group string) string { return group + "-observe" }

// stateKey gives the key of the hashes by which the engine knows sessions and users. It must be the same for every member of
// the group and over restarts, and must outlive a change of --session-key: else every baseline would silently be lost.
func stateKey(group, prefix string) [2]uint64 {
	sum := sha256.Sum256([]byte("sessionguard state " + prefix + "\x00" + group))
	return [2]uint64{binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])}
}

// runStages runs the stages side by side until ctx ends; under --until-idle in turns, until all is judged.
func (s *service) runStages(ctx context.Context, stop context.CancelCauseFunc) {
	if s.untilIdle {
		for _, st := range s.turns() {
			s.part(ctx, stop, st.role, st.run)
		}
		return
	}
	var wg sync.WaitGroup
	for _, st := range s.stages {
		wg.Go(func() { s.part(ctx, stop, st.role, st.run) })
	}
	wg.Wait()
}

// turns gives the order in which the stages come to an end: what the second made of the first's observations comes back to the first, and
// there it ends, because verdicts cause no observations.
func (s *service) turns() []stage {
	if len(s.stages) < 2 {
		return s.stages
	}
	return []stage{s.stages[0], s.stages[1], s.stages[0]}
}

// run runs a stage until ctx ends or, under --until-idle, all is judged. A wedged owner ends it with an error.
func (st stage) run(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var wedged error
	var watchdog sync.WaitGroup
	watchdog.Go(func() {
		every(ctx, 5*time.Second, func() {
			if stuck := st.Stuck(stuckAfter); len(stuck) > 0 {
				wedged = fmt.Errorf("partitions %v stand still although records wait", stuck)
				stop()
			}
		})
	})
	err := st.Run(ctx)
	stop()
	watchdog.Wait()
	return errors.Join(err, wedged)
}

// partitions gives every partition that the stages of this process own, or that stopped here, those of the first stage first.
func (s *service) partitions() []kafka.PartitionStatus {
	var list []kafka.PartitionStatus
	for _, st := range s.stages {
		list = append(list, st.Status()...)
	}
	return list
}

// roleOf gives the role under which this process judges a partition.
func (s *service) roleOf(p *kafka.PartitionStatus) string {
	if p.Topic == s.cluster.Topics.Observations {
		return roleObserve
	}
	return roleDetect
}
