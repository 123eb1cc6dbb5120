package main

import (
	"context"
	"fmt"

	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/spf13/cobra"
)

// topicsOptions are the settings of topics.
type topicsOptions struct {
	kafka kafka.Settings
	plan  kafka.Plan
}

func newTopics(std streams) *cobra.Command {
	return group("topics", "Show, or make, the Kafka topics that are needed",
		newTopicsCommand("check", "Show how the topics differ from what is needed", `check changes nothing. It prints one line for each difference and exits 1 when
there is one, 3 when Kafka does not answer.`,
			func(ctx context.Context, o *topicsOptions) error { return o.check(ctx, std) }),
		newTopicsCommand("apply", "Make the missing topics and mend settings", `apply makes missing topics and mends settings. It never deletes a topic and
never changes a number of partitions: what is left for a person is printed,
with exit code 1.`,
			func(ctx context.Context, o *topicsOptions) error { return o.apply(ctx, std) }))
}

func newTopicsCommand(name, short, long string, run func(context.Context, *topicsOptions) error) *cobra.Command {
	o := &topicsOptions{}
	cmd := &cobra.Command{
		Use: name, Short: short, Long: long,
		Example: "  sessionguard topics " + name + " --brokers kafka:9092 --replication-factor 3",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.plan.Partitions < 1 || o.plan.ReplicationFactor < 1 {
				return misused("--partitions and --replication-factor are at least 1")
			}
			return run(cmd.Context(), o)
		},
	}
	kafkaFlags(cmd.Flags(), &o.kafka)
	cmd.Flags().IntVar(&o.plan.Partitions, "partitions", 48, "partitions of each topic: chosen once, keys and state are spread by it")
	cmd.Flags().IntVar(&o.plan.ReplicationFactor, "replication-factor", 3, "replicas of each partition")
	return cmd
}

func (o *topicsOptions) check(ctx context.Context, std streams) error {
	cluster, err := reachKafka(ctx, o.kafka)
	if err != nil {
		return err
	}
	defer cluster.Close()
	found, err := cluster.CheckTopics(ctx, o.plan)
	if err != nil {
		return unreachable("%w", err)
	}
	if len(found) == 0 {
		_, err := fmt.Fprintln(std.out, "ok: the topics are as needed")
		return err
	}
	for _, d := range found {
		fmt.Fprintf(std.out, "%s %s\n", d.Topic, d.What)
	}
	return wrong()
}

func (o *topicsOptions) apply(ctx context.Context, std streams) error {
	cluster, err := reachKafka(ctx, o.kafka)
	if err != nil {
		return err
	}
	defer cluster.Close()
	done, left, err := cluster.ApplyTopics(ctx, o.plan)
	for _, d := range done {
		fmt.Fprintln(std.out, d.Done)
	}
	for _, d := range left {
		fmt.Fprintf(std.out, "left: %s %s\n", d.Topic, d.What)
	}
	switch {
	case kafka.Refused(err):
		return unusable("%w", err)
	case err != nil:
		return unreachable("%w", err)
	case len(left) > 0:
		return wrong()
	}
	_, err = fmt.Fprintln(std.out, "ok: the topics are as needed")
	return err
}
