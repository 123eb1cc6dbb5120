package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// answerAsked logs a line for each partition whenever the process gets SIGUSR1, until ctx ends. It takes asked's signals.
func (s *service) answerAsked(ctx context.Context, asked chan os.Signal) {
	defer signal.Stop(asked)
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
			s.logPartitions()
		}
	}
}

// notifyAsked begins to take SIGUSR1, which would end the program otherwise.
func notifyAsked() chan os.Signal {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	return asked
}

// logPartitions logs where each partition of this process stands.
func (s *service) logPartitions() {
	partitions := s.partitions()
	if len(partitions) == 0 {
		s.log.Info("no partition is owned")
	}
	for i := range partitions {
		p := &partitions[i]
		age := "none yet"
		if !p.CheckpointAt.IsZero() {
			age = time.Since(p.CheckpointAt).Round(time.Millisecond).String()
		}
		s.log.Info("partition", "partition", p.Partition, "state", p.State, "lag", max(0, p.End-p.Next), "checkpoint_age", age,
			"revision", p.Revision, "ruleset", p.Ruleset, "topic", p.Topic)
	}
}
