package main

import (
	"context"
	"errors"
	"time"

	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/bank"
)

// publishEvery is how often what is due is published; a batch has one timestamp's tolerance then.
const publishEvery = 20 * time.Millisecond

// player plays a world's time against the wall's: speed seconds of the world in a second.
type player struct {
	world *bank.Bank
	start time.Time // of the world
	speed float64
	next  bank.Published
	over  bool
}

func newPlayer(world *bank.Bank, start time.Time, speed float64) *player {
	p := &player{world: world, start: start, speed: speed}
	p.advance()
	return p
}

func (p *player) advance() {
	next, more := p.world.Next()
	p.next, p.over = next, !more
}

// due gives the events whose time has come when played is the wall time since the beginning.
func (p *player) due(played time.Duration) []bank.Published {
	until := p.start.UnixMilli() + int64(float64(played.Milliseconds())*p.speed)
	var list []bank.Published
	for !p.over && p.next.TimeMS <= until {
		list = append(list, p.next)
		p.advance()
	}
	return list
}

// messages gives events their Kafka records. A record has its event's time, so that a world that runs faster than the wall's
// clock is not taken for one with a wrong clock.
func messages(events []bank.Published) []kafka.Message {
	list := make([]kafka.Message, len(events))
	for i := range events {
		list[i] = kafka.Message{Key: []byte(events[i].Key), Value: events[i].JSON, TimeMS: events[i].TimeMS}
	}
	return list
}

// publishAll publishes the synthetic bank's events from now on.
func (o *simulateOptions) publishAll(ctx context.Context, std streams) error {
	if o.speed <= 0 {
		return misused("--speed is above 0")
	}
	cluster, err := reachKafka(ctx, o.kafka)
	if err != nil {
		return err
	}
	defer cluster.Close()
	// A fast world ends now: Kafka refuses records from the future.
	length := float64(o.For) * (1/o.speed - 1)
	o.Start = time.Now().UTC().Add(time.Duration(min(length, 0))).Truncate(time.Second)
	o.Geo = false // the detector looks addresses up
	world, err := bank.New(o.Config)
	if err != nil {
		return misused("%w", err)
	}
	labels, err := createLabels(o.labels)
	if err != nil {
		return err
	}
	p, began := newPlayer(world, o.Start, o.speed), time.Now()
	tick := time.NewTicker(publishEvery)
	defer tick.Stop()
	for !p.over {
		select {
		case <-ctx.Done():
			return labels.close()
		case <-tick.C:
			due := p.due(time.Since(began))
			if err := labels.writeAll(due); err != nil {
				return err
			}
			if err := cluster.Publish(ctx, cluster.Topics.Events, messages(due)); err != nil && ctx.Err() == nil {
				return errors.Join(unreachable("%w", err), labels.close())
			}
		}
	}
	return labels.close()
}
