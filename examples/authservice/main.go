// Command authservice is an example of an auth service that obeys sessionguard's commands.
//
//	go run ./examples/authservice --brokers 127.0.0.1:9092
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/sessionguard/sessionguard/examples/authservice/authservice"
	"github.com/sessionguard/sessionguard/ingest/kafka"
)

func main() {
	brokers := flag.String("brokers", "127.0.0.1:9092", "Kafka, as host:port,...")
	prefix := flag.String("topic-prefix", "", "put before every topic's name")
	group := flag.String("group", "example-authservice", "consumer group")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, strings.Split(*brokers, ","), *prefix, *group); err != nil {
		fmt.Fprintln(os.Stderr, "authservice:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, brokers []string, prefix, group string) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	cluster, err := kafka.Connect(kafka.Settings{Brokers: brokers, TopicPrefix: prefix, ClientID: "example-authservice"}, log)
	if err != nil {
		return err
	}
	defer cluster.Close()
	// Only the action and the answer are shown: session ids are secrets outside Kafka.
	return authservice.Run(ctx, cluster, group, authservice.NewTable(), func(c *authservice.Command, result authservice.Result) {
		fmt.Printf("%s\t%s\t%s\n", c.Data.ID, c.Data.Action, result)
	})
}
