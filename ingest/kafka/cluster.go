package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync/atomic"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// Cluster is a configured connection to Kafka: connections are made when needed and kept in a pool. It is safe for
// concurrent use.
type Cluster struct {
	Topics Topics // names, prefix included

	client    *kafkago.Client
	transport *kafkago.Transport
	dialer    *kafkago.Dialer
	brokers   []string
	log       *slog.Logger
	away      atomic.Int32 // requests that Kafka does not answer now
	told      atomic.Bool  // people were told so
}

// Connect prepares a Cluster and contacts nothing: an error is about the settings or the files that they name. log gets
// one line when Kafka goes away and one when it is back; nil is silence.
func Connect(s Settings, log *slog.Logger) (*Cluster, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	encryption, err := s.TLS.config()
	if err != nil {
		return nil, err
	}
	login, err := s.SASL.mechanism()
	if err != nil {
		return nil, err
	}
	if s.ClientID == "" {
		s.ClientID = "sessionguard"
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	dial := &net.Dialer{Timeout: 3 * time.Second, KeepAlive: 30 * time.Second}
	topics := TopicNames(s.TopicPrefix)
	transport := &kafkago.Transport{
		Dial:        dial.DialContext,
		DialTimeout: 5 * time.Second,
		// kafka-go refreshes what it knows of leaders only when this runs out, never on an error.
		MetadataTTL:    time.Second,
		MetadataTopics: topics.All(), // else it asks for every topic of the cluster
		ClientID:       s.ClientID,
		TLS:            encryption,
		SASL:           login,
	}
	return &Cluster{
		Topics:    topics,
		client:    &kafkago.Client{Addr: kafkago.TCP(s.Brokers...), Transport: transport},
		transport: transport,
		dialer: &kafkago.Dialer{ClientID: s.ClientID, Timeout: 5 * time.Second, DialFunc: dial.DialContext,
			TLS: encryption, SASLMechanism: login},
		brokers: s.Brokers,
		log:     log,
	}, nil
}

// Close closes the idle connections.
func (c *Cluster) Close() { c.transport.CloseIdleConnections() }

// Away says whether Kafka leaves a request of ours without an answer now; it is tried again.
func (c *Cluster) Away() bool { return c.away.Load() > 0 }

// Reach asks Kafka once what it knows of our topics, and gives its error: refused, unknown host, failed login.
func (c *Cluster) Reach(ctx context.Context) error {
	_, err := c.partitionCounts(ctx)
	return err
}

// partitionCounts gives the number of partitions of each of our topics that exists.
func (c *Cluster) partitionCounts(ctx context.Context) (map[string]int, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	answer, err := c.client.Metadata(ctx, &kafkago.MetadataRequest{Topics: c.Topics.All()})
	if err != nil {
		return nil, fmt.Errorf("ask Kafka at %q for its topics: %w", c.brokers, brief(err))
	}
	counts := map[string]int{}
	for _, t := range answer.Topics {
		switch {
		case t.Error == nil:
			counts[t.Name] = len(t.Partitions)
		case !errors.Is(t.Error, kafkago.UnknownTopicOrPartition):
			return nil, fmt.Errorf("ask Kafka for topic %q: %w", t.Name, brief(t.Error))
		}
	}
	return counts, nil
}

// newsTime is how long a new topic may take to be known here: brokers hear of it one after the other, and kafka-go asks
// them every second.
const newsTime = 3 * time.Second

// madeTime is how long brokers may take to lead hundreds of new partitions.
const madeTime = 30 * time.Second

// countsOf gives the partition counts of topics. It waits for a broker that is away; a topic that is missing for newsTime
// is an error.
func (c *Cluster) countsOf(ctx context.Context, topics []string) (map[string]int, error) {
	return c.countsWithin(ctx, newsTime, topics)
}

func (c *Cluster) countsWithin(ctx context.Context, limit time.Duration, topics []string) (map[string]int, error) {
	for deadline := time.Now().Add(limit); ; {
		var counts map[string]int
		err := c.retry(ctx, "find topics", func(ctx context.Context) (err error) {
			counts, err = c.partitionCounts(ctx)
			return err
		})
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(topics, func(t string) bool { return counts[t] == 0 })
		if i < 0 {
			return counts, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("topic %q is missing; `sessionguard topics apply` makes it", topics[i])
		}
		if !sleep(ctx, 100*time.Millisecond) {
			return nil, ctx.Err()
		}
	}
}
