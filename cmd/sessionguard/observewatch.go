package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sessionguard/sessionguard/ingest/kafka"
)

// observeWatch knows whether the second stage works, in whichever process: it sees what its consumer group commits. The first stage goes
// on without it, and people must be told what is then not seen.
type observeWatch struct {
	group string

	mu      sync.Mutex
	waiting int64
	at      int64     // what is committed
	since   time.Time // when at last grew, or something began to wait
}

const (
	observeEvery = 10 * time.Second
	// observeQuiet is how long the second stage may commit nothing while observations wait: a dozen checkpoints, or two of a big state.
	observeQuiet = 2 * time.Minute
)

// watchObserve asks Kafka until ctx ends. What Kafka does not answer is no news of the second stage.
func (s *service) watchObserve(ctx context.Context) {
	every(ctx, observeEvery, func() {
		if w, err := s.cluster.Waiting(ctx, s.observing.group, s.cluster.Topics.Observations); err == nil {
			s.observing.saw(w, time.Now())
		}
	})
}

func (o *observeWatch) saw(w kafka.Waiting, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting == 0 || w.Records == 0 || w.Committed != o.at {
		o.since = now
	}
	o.waiting, o.at = w.Records, w.Committed
}

// degraded says that the second stage stands still; "" when it does not.
func (o *observeWatch) degraded(now time.Time) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting == 0 || now.Sub(o.since) < observeQuiet {
		return ""
	}
	return fmt.Sprintf("the second stage (--roles observe, group %s) stands still: what shows only across users is not seen; observations wait and are judged when it is back", o.group)
}

func (o *observeWatch) behind() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.waiting
}
