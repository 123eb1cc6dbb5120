package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/sessionguard/sessionguard/examples/authservice/authservice"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/bank"
	"github.com/sessionguard/sessionguard/storage"
)

// The waits of the demo.
const (
	joinTimeout  = 15 * time.Second // until the detector owns its partitions
	drainTimeout = 10 * time.Second // until what was published is judged and shown
)

// show plays the bank against the service and prints what comes.
type show struct {
	service *service
	player  *player
	out     io.Writer
	format  string
	colour  bool

	mu        sync.Mutex // guards all below, and the world behind player
	score     *bank.Score
	journeys  *journeys
	obeyed    map[string]bool // commands, by id
	published int64           // records, acknowledgements included
	seen      uint64          // decisions
	quiet     uint64          // of these, not printed: clear answers
}

func newShow(o *demoOptions, std streams, s *service, p *player) *show {
	return &show{service: s, player: p, out: std.out, format: o.format,
		colour: isTerminal(std.out) && os.Getenv("NO_COLOR") == "",
		score:  bank.NewScore(), journeys: newJourneys(s.geo.get()), obeyed: map[string]bool{}}
}

// run plays until the world is over or ctx ends, waits for what is under way, stops the service and prints the table.
func (s *show) run(ctx context.Context) error {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var wg sync.WaitGroup
	var failed error
	wg.Go(func() {
		defer stop() // a service that fails ends the show
		failed = s.service.run(serving)
	})
	topics := s.service.cluster.Topics
	wg.Go(func() { s.tail(serving, topics.Decisions, s.decided) })
	wg.Go(func() { s.tail(serving, topics.Commands, s.obey(serving)) })

	err := s.play(ctx, serving)
	s.wait(serving, drainTimeout, s.drained)
	stop()
	wg.Wait()
	if err := errors.Join(failed, err); err != nil {
		return err
	}
	return s.finish()
}

// tail shows each record of a topic to see until ctx ends.
func (s *show) tail(ctx context.Context, topic string, see func(int, *kafka.Record) error) {
	if err := s.service.cluster.Tail(ctx, topic, false, nil, see); err != nil && ctx.Err() == nil {
		s.service.log.Error("the demo cannot read a topic", "topic", topic, "error", oneLine(err.Error()))
	}
}

// play publishes the world's events as their time comes.
func (s *show) play(ctx, serving context.Context) error {
	s.wait(serving, joinTimeout, func() bool { return len(s.service.partitions()) == len(s.service.stages)*embeddedPartitions })
	began := time.Now()
	tick := time.NewTicker(publishEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-serving.Done():
			return nil
		case <-tick.C:
			events, over := s.due(time.Since(began))
			if err := s.publish(serving, messages(events)); err != nil && serving.Err() == nil {
				return unusable("publish the bank's events: %w", err)
			}
			if over {
				return nil
			}
		}
	}
}

// due takes the events whose time has come from the world, and counts them.
func (s *show) due(played time.Duration) (events []bank.Published, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	events = s.player.due(played)
	for i := range events {
		s.score.Event(&events[i])
		s.journeys.add(events[i].JSON)
	}
	return events, s.player.over
}

func (s *show) publish(ctx context.Context, list []kafka.Message) error {
	s.mu.Lock()
	s.published += int64(len(list))
	s.mu.Unlock()
	return s.service.cluster.Publish(ctx, s.service.cluster.Topics.Events, list)
}

// decided scores and prints a decision.
func (s *show) decided(partition int, r *kafka.Record) error {
	var d decisionLine
	if err := json.Unmarshal(r.Value, &d); err != nil {
		return fmt.Errorf("read a decision: %w", err)
	}
	record := archiveRecord(s.service.cluster.Topics.Decisions, partition, r)
	row, err := storage.NewDecisionRow(&record, s.service.pseudonym)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen++
	s.score.Answer(d.answer(row.TimeMS))
	switch {
	case s.format == formatNDJSON:
		_, err = fmt.Fprintln(s.out, row.Raw)
	case len(d.Rules) == 0 && d.Action == "none":
		s.quiet++
	default:
		_, err = io.WriteString(s.out, d.text(row.Session, s.journeys.of(d.EventID), s.colour, columnsOf(s.out)))
	}
	return err
}

// obey lets the bank's apps obey a command, once, and acknowledges it. The bank is the auth service: it knows its sessions, and
// its time is the events', which runs faster than the wall's.
func (s *show) obey(ctx context.Context) func(int, *kafka.Record) error {
	return func(_ int, r *kafka.Record) error {
		var c authservice.Command
		if err := json.Unmarshal(r.Value, &c); err != nil {
			return fmt.Errorf("read a command: %w", err)
		}
		if !s.first(c.Data.ID) {
			return nil
		}
		at := c.Data.IssuedFor.EventTime
		s.mu.Lock()
		result := s.player.world.Obey(c.Data.Action, c.Data.SessionID, c.Data.UserID, at.UnixMilli())
		s.mu.Unlock()
		ack := authservice.Acknowledgement(&c, authservice.Result(result), at)
		ack.TimeMS = at.UnixMilli()
		return s.publish(ctx, []kafka.Message{ack})
	}
}

// first says whether a command comes for the first time.
func (s *show) first(command string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.obeyed[command]
	s.obeyed[command] = true
	return !before
}

// drained says whether everything that was published, by the bank or by one stage for the other, is judged, and everything that was decided
// is shown.
func (s *show) drained() bool {
	judged, told := map[string]int64{}, map[string]int64{}
	var decided uint64
	partitions := s.service.partitions()
	for i := range partitions {
		p := &partitions[i]
		role := s.service.roleOf(p)
		judged[role] += p.Next
		told[role] += int64(p.Observations)
		decided += p.Decisions
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return judged[roleDetect] >= s.published+told[roleObserve] && judged[roleObserve] >= told[roleDetect] && s.seen >= decided
}

// wait waits until a condition holds, for so long and not longer.
func (s *show) wait(ctx context.Context, limit time.Duration, holds func() bool) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	every(ctx, publishEvery, func() {
		if holds() {
			cancel()
		}
	})
}

// finish prints the score.
func (s *show) finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.format == formatNDJSON {
		return json.NewEncoder(s.out).Encode(map[string]bank.Summary{"summary": s.score.Summary()})
	}
	fmt.Fprintf(s.out, "\n%s; %d clear answers to sensitive actions are not shown\n\n", count(s.seen, "decision"), s.quiet)
	return s.score.WriteTable(s.out)
}
