package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// Plan is what the topics should be like.
type Plan struct {
	Partitions        int // of every topic; chosen once: keys and state are spread by it
	ReplicationFactor int
}

// Difference is one way in which Kafka is not as planned.
type Difference struct {
	Topic string
	What  string // a sentence for people
	Done  string // what ApplyTopics says when it mended it
	// Mendable says whether ApplyTopics mends it: it makes topics and changes settings; it never deletes a topic and never
	// changes a partition count, because that would tear keys from their state.
	Mendable bool

	change []setting
	create bool
}

// CheckTopics compares Kafka with the plan.
func (c *Cluster) CheckTopics(ctx context.Context, plan Plan) ([]Difference, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	answer, err := c.client.Metadata(ctx, &kafkago.MetadataRequest{Topics: c.Topics.All()})
	if err != nil {
		return nil, fmt.Errorf("ask Kafka at %q for its topics: %w", c.brokers, brief(err))
	}
	var found []Difference
	var there []string
	for _, t := range answer.Topics {
		switch {
		case errors.Is(t.Error, kafkago.UnknownTopicOrPartition):
			found = append(found, c.missing(t.Name, plan))
			continue
		case t.Error != nil:
			return nil, fmt.Errorf("ask Kafka for topic %q: %w", t.Name, brief(t.Error))
		}
		there = append(there, t.Name)
		found = append(found, shapeDifferences(t, plan)...)
	}
	settings, err := c.settingDifferences(ctx, there, plan)
	return append(found, settings...), err
}

// ApplyTopics makes what is missing and gives what it did and what is left for a person.
func (c *Cluster) ApplyTopics(ctx context.Context, plan Plan) (done, left []Difference, err error) {
	found, err := c.CheckTopics(ctx, plan)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range found {
		switch {
		case !d.Mendable:
			left = append(left, d)
			continue
		case d.create:
			err = c.create(ctx, d, plan)
		default:
			err = c.alter(ctx, d)
		}
		if err != nil {
			return done, left, fmt.Errorf("mend topic %q: %w", d.Topic, brief(err))
		}
		done = append(done, d)
	}
	// The answer to a creation comes before every broker knows of it.
	if _, err = c.countsWithin(ctx, madeTime, c.Topics.All()); err != nil {
		err = fmt.Errorf("find the topics that were made: %w", err)
	}
	return done, left, err
}

func (c *Cluster) missing(topic string, plan Plan) Difference {
	settings := c.planned(topic, plan)
	texts := make([]string, len(settings))
	for i, s := range settings {
		texts[i] = s.name + "=" + s.value
	}
	shape := fmt.Sprintf("%d partitions, replication factor %d, %s", plan.Partitions, plan.ReplicationFactor, strings.Join(texts, " "))
	return Difference{
		Topic: topic, Mendable: true, create: true, change: settings, What: "is missing: " + shape, Done: "made: " + topic + ": " + shape,
	}
}

func shapeDifferences(t kafkago.Topic, plan Plan) []Difference {
	var found []Difference
	if n := len(t.Partitions); n != plan.Partitions {
		found = append(found, Difference{Topic: t.Name, What: fmt.Sprintf(
			"has %d partitions, planned are %d: keys and state are spread by this number, so it cannot be changed in place; name the number that exists, or move to a new topic", n, plan.Partitions)})
	}
	if n := len(t.Partitions[0].Replicas); n != plan.ReplicationFactor {
		found = append(found, Difference{Topic: t.Name, What: fmt.Sprintf(
			"has replication factor %d, planned is %d: reassign it with Kafka's own tools", n, plan.ReplicationFactor)})
	}
	return found
}

// planned gives a topic's settings under the plan.
func (c *Cluster) planned(topic string, plan Plan) []setting {
	settings := c.Topics.settingsOf()[topic]
	if plan.ReplicationFactor >= 3 {
		// With acks=all, one replica may be lost without losing an acknowledged record.
		settings = append(settings, setting{"min.insync.replicas", "2"})
	}
	return settings
}

func (c *Cluster) settingDifferences(ctx context.Context, topics []string, plan Plan) ([]Difference, error) {
	if len(topics) == 0 {
		return nil, nil
	}
	ask := &kafkago.DescribeConfigsRequest{}
	for _, t := range topics {
		ask.Resources = append(ask.Resources, kafkago.DescribeConfigRequestResource{ResourceType: kafkago.ResourceTypeTopic, ResourceName: t})
	}
	answer, err := c.client.DescribeConfigs(ctx, ask)
	if err != nil {
		return nil, fmt.Errorf("ask Kafka for topic settings: %w", brief(err))
	}
	var found []Difference
	for _, r := range answer.Resources {
		if r.Error != nil {
			return nil, fmt.Errorf("ask Kafka for the settings of topic %q: %w", r.ResourceName, brief(r.Error))
		}
		is := map[string]string{}
		for _, e := range r.ConfigEntries {
			is[e.ConfigName] = e.ConfigValue
		}
		for _, s := range c.planned(r.ResourceName, plan) {
			if is[s.name] != s.value && !keepsMore(s, is[s.name]) {
				found = append(found, Difference{Topic: r.ResourceName, Mendable: true, change: []setting{s},
					What: fmt.Sprintf("has %s=%s, planned is %s", s.name, is[s.name], s.value),
					Done: fmt.Sprintf("changed: %s: %s from %s to %s", r.ResourceName, s.name, is[s.name], s.value)})
			}
		}
	}
	return found, nil
}

// keepsMore says whether a topic keeps its records for longer, or more of them, than is planned: a bank may, and nothing is deleted by us.
func keepsMore(planned setting, is string) bool {
	if planned.name != "retention.ms" && planned.name != "retention.bytes" {
		return false
	}
	want, err1 := strconv.ParseInt(planned.value, 10, 64)
	have, err2 := strconv.ParseInt(is, 10, 64)
	return err1 == nil && err2 == nil && (have == -1 || have > want)
}

func (c *Cluster) create(ctx context.Context, d Difference, plan Plan) error {
	topic := kafkago.TopicConfig{Topic: d.Topic, NumPartitions: plan.Partitions, ReplicationFactor: plan.ReplicationFactor}
	for _, s := range d.change {
		topic.ConfigEntries = append(topic.ConfigEntries, kafkago.ConfigEntry{ConfigName: s.name, ConfigValue: s.value})
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	answer, err := c.client.CreateTopics(ctx, &kafkago.CreateTopicsRequest{Topics: []kafkago.TopicConfig{topic}})
	if err == nil {
		err = answer.Errors[d.Topic]
	}
	if errors.Is(err, kafkago.TopicAlreadyExists) {
		return nil // another apply at the same time
	}
	return err
}

func (c *Cluster) alter(ctx context.Context, d Difference) error {
	resource := kafkago.IncrementalAlterConfigsRequestResource{ResourceType: kafkago.ResourceTypeTopic, ResourceName: d.Topic}
	for _, s := range d.change {
		resource.Configs = append(resource.Configs, kafkago.IncrementalAlterConfigsRequestConfig{
			Name: s.name, Value: s.value, ConfigOperation: kafkago.ConfigOperationSet})
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	answer, err := c.client.IncrementalAlterConfigs(ctx, &kafkago.IncrementalAlterConfigsRequest{
		Resources: []kafkago.IncrementalAlterConfigsRequestResource{resource}})
	if err != nil {
		return err
	}
	for _, r := range answer.Resources {
		if r.Error != nil {
			return r.Error
		}
	}
	return nil
}
