package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// Group says how to join a consumer group.
type Group struct {
	Name           string
	Topics         []string
	SessionTimeout time.Duration // after which a silent member loses its partitions; 0: 10 s
	UntilDone      bool          // every owner ends by itself: return also when all partitions stopped
	// Stopped, if not nil, is told of each partition that stopped with an error. It is called by the goroutine that
	// owned the partition.
	Stopped func(topic string, partition int, err error)
	// Joined and Left, if not nil, are told when this member got its share of the partitions, which may be none, and when
	// it gave them back. They are called in turns, by one goroutine at a time.
	Joined func(partitions int)
	Left   func()
}

// place names a partition of a topic.
type place struct {
	topic     string
	partition int
}

// Consume joins a group and calls own for each partition that this member owns, each in its own goroutine, until ctx
// ends. What own returns decides what follows:
//   - after its ctx ended, anything: the partition was taken away, or the program stops. own may still commit: the other
//     members wait for it, up to the rebalance timeout;
//   - nil: the partition is finished. When all partitions of the topics are, Consume leaves the group and returns;
//   - ErrFenced: this member joins the group again, and state is restored from what others committed;
//   - another error: the partition stops for as long as this call runs; the others go on.
//
// A broker that is away is waited for. When Consume returns because all is done, the error says which partitions stopped;
// when ctx ended it is nil.
func (c *Cluster) Consume(ctx context.Context, g Group, own func(context.Context, *Partition) error) error {
	counts, err := c.countsOf(ctx, g.Topics)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	group, err := kafkago.NewConsumerGroup(c.groupConfig(g))
	if err != nil {
		return fmt.Errorf("join consumer group %q: %w", g.Name, err)
	}
	defer group.Close() // leaves the group
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := &member{cluster: c, group: g, counts: counts, own: own, cancel: cancel, finished: map[place]bool{}, stopped: map[place]error{}}
	m.run(ctx, group)
	return m.result
}

// quietTime is how long joining may fail before people are told.
const quietTime = 5 * time.Second

// rebalanceTimeout is how long the group waits for a member's last checkpoint.
const rebalanceTimeout = 20 * time.Second

func (c *Cluster) groupConfig(g Group) kafkago.ConsumerGroupConfig {
	if g.SessionTimeout == 0 {
		g.SessionTimeout = 10 * time.Second
	}
	return kafkago.ConsumerGroupConfig{
		ID: g.Name, Brokers: c.brokers, Dialer: c.dialer, Topics: g.Topics,
		SessionTimeout:    g.SessionTimeout,
		HeartbeatInterval: g.SessionTimeout / 5,
		RebalanceTimeout:  rebalanceTimeout,
		JoinGroupBackoff:  500 * time.Millisecond, // the default of 5 s is dead time
		StartOffset:       kafkago.FirstOffset,
		// A changed partition count must be a planned migration: keys and state are spread by it.
		WatchPartitionChanges: false,
	}
}

// member is this process in a group, over its generations.
type member struct {
	cluster *Cluster
	group   Group
	counts  map[string]int
	own     func(context.Context, *Partition) error
	cancel  context.CancelFunc // ends Consume

	mu       sync.Mutex
	finished map[place]bool
	stopped  map[place]error
	result   error // set before cancel
}

// run goes from generation to generation. It returns when ctx has ended and every owner has returned; until then the
// heartbeats go on, so that the last checkpoints are accepted.
func (m *member) run(ctx context.Context, group *kafkago.ConsumerGroup) {
	var owners sync.WaitGroup
	defer owners.Wait()
	var failing time.Time // since when the group cannot be joined
	said := false
	for {
		gen, err := group.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			m.cluster.log.Debug("consumer group is not ready", "group", m.group.Name, "error", brief(err).Error())
			if failing.IsZero() {
				failing = time.Now()
			}
			// A fresh broker has no coordinator until it made its offsets topic, and then loads it: that is everyday.
			if !said && time.Since(failing) > quietTime {
				said = true
				m.cluster.log.Warn("consumer group cannot be joined; trying on", "group", m.group.Name, "error", brief(err).Error())
			}
			continue
		}
		if failing = (time.Time{}); said {
			said = false
			m.cluster.log.Info("consumer group joined again", "group", m.group.Name)
		}
		owners.Add(1)
		gen.Start(func(genCtx context.Context) {
			defer owners.Done()
			m.generation(ctx, genCtx, gen)
		})
	}
}

// generation owns the partitions of one assignment. When it returns, kafka-go joins the group anew.
func (m *member) generation(ctx, genCtx context.Context, gen *kafkago.Generation) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(genCtx, cancel)()
	parts, err := m.assigned(ctx, gen)
	if err != nil {
		return
	}
	m.logAssignment(gen)
	if m.group.Joined != nil {
		m.group.Joined(shareOf(gen))
		defer m.group.Left()
	}
	var owners sync.WaitGroup
	for _, p := range parts {
		owners.Go(func() {
			defer p.log.close()
			err := m.own(ctx, p)
			p.log.close()
			m.ended(ctx, p, err, cancel)
		})
	}
	owners.Wait()
	if m.conclude(gen) {
		m.cancel()
	}
	<-ctx.Done()
}

// shareOf counts the partitions of one assignment.
func shareOf(gen *kafkago.Generation) int {
	n := 0
	for _, parts := range gen.Assignments {
		n += len(parts)
	}
	return n
}

func (m *member) logAssignment(gen *kafkago.Generation) {
	for topic, parts := range gen.Assignments {
		numbers := make([]int, len(parts))
		for i, p := range parts {
			numbers[i] = p.ID
		}
		slices.Sort(numbers)
		m.cluster.log.Info("partitions owned", "group", m.group.Name, "topic", topic, "generation", gen.ID, "partitions", numbers)
	}
}

// ended notes how the ownership of a partition ended.
func (m *member) ended(ctx context.Context, p *Partition, err error, leave context.CancelFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := place{p.Topic, p.Number}
	switch {
	case errors.Is(err, ErrFenced):
		m.cluster.log.Warn("fenced; joining the group again", "topic", p.Topic, "partition", p.Number)
		leave()
	case err == nil && ctx.Err() == nil:
		m.finished[at] = true
	case err != nil && ctx.Err() == nil:
		m.stopped[at] = err
		m.cluster.log.Error("partition stopped", "topic", p.Topic, "partition", p.Number, "error", err.Error())
		if m.group.Stopped != nil {
			m.group.Stopped(p.Topic, p.Number, err)
		}
	}
}

// conclude says whether all is done, and sets the result. It is called when every owner of a generation returned.
func (m *member) conclude(gen *kafkago.Generation) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.finished) == 0 && !m.group.UntilDone {
		return false
	}
	total, mine := 0, 0
	for _, t := range m.group.Topics {
		total += m.counts[t]
		mine += len(gen.Assignments[t])
	}
	if len(m.finished)+len(m.stopped) < total {
		if mine < total {
			m.result = fmt.Errorf("read to the end as a member of group %q: another member owns %d of %d partitions; this needs to be the only member", m.group.Name, total-mine, total)
		}
		return mine < total
	}
	m.result = m.faults()
	return true
}

func (m *member) faults() error {
	var faults []error
	for at, err := range m.stopped {
		faults = append(faults, fmt.Errorf("partition %d of %q stopped: %w", at.partition, at.topic, err))
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(faults...)
}

// assigned prepares the partitions of a generation, but for those that finished or stopped before.
func (m *member) assigned(ctx context.Context, gen *kafkago.Generation) ([]*Partition, error) {
	var parts []*Partition
	for topic, assignments := range gen.Assignments {
		var commits []commit
		err := m.cluster.retry(ctx, "read offsets of group "+gen.GroupID, func(ctx context.Context) (err error) {
			commits, err = m.cluster.commits(ctx, gen.GroupID, topic, m.counts[topic])
			return err
		})
		if err != nil {
			return nil, err
		}
		isNew := !slices.ContainsFunc(commits, func(c commit) bool { return c.ok })
		for _, a := range assignments {
			if m.over(place{topic, a.ID}) || a.ID >= len(commits) {
				continue
			}
			parts = append(parts, &Partition{Topic: topic, Number: a.ID, Count: m.counts[topic], GroupIsNew: isNew,
				log:       partitionLog{cluster: m.cluster, topic: topic, partition: a.ID},
				group:     membership{gen.GroupID, gen.MemberID, int(gen.ID)},
				committed: commits[a.ID]})
		}
	}
	return parts, nil
}

func (m *member) over(at place) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.finished[at] || m.stopped[at] != nil
}
