package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/bank"
	"github.com/sessionguard/sessionguard/internal/bank/internet"
	"github.com/sessionguard/sessionguard/internal/broker"
	"github.com/sessionguard/sessionguard/rules"
)

const (
	fetchName   = "fetch"
	decodeName  = "decode"
	productName = "product"
)

var contenders = []string{fetchName, decodeName, productName}

// serve is the broker's process: it prints its address and lives until its standard input ends.
func serve(o options, out io.Writer) error {
	b, err := broker.Start(broker.Config{Topics: kafka.TopicNames("").All(), Partitions: o.partitions})
	if err != nil {
		return err
	}
	defer b.Close()
	fmt.Fprintln(out, b.Addr)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func connect(o options) (*kafka.Cluster, error) {
	return kafka.Connect(kafka.Settings{Brokers: strings.Split(o.brokers, ",")}, nil)
}

// preload publishes the synthetic bank's events; it gives the bytes of the events.
func preload(ctx context.Context, o options) (bytes int, err error) {
	c, err := connect(o)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	// A year that is over: records get the time of their publishing, so that Kafka neither refuses them nor deletes them.
	span, start := 365*24*time.Hour, time.Date(2025, 1, 6, 7, 0, 0, 0, time.UTC)
	world, err := bank.New(bank.Config{Users: o.users, Seed: 1, Start: start, For: span, Attacks: bank.DefaultMix(o.users, span)})
	if err != nil {
		return 0, err
	}
	const batch = 5000
	var messages []kafka.Message
	for n := 0; n < o.events; n++ {
		p, ok := world.Next()
		if !ok {
			return 0, fmt.Errorf("the bank ended after %d events", n)
		}
		bytes += len(p.JSON)
		messages = append(messages, kafka.Message{Key: []byte(p.Key), Value: p.JSON})
		if len(messages) == batch || n == o.events-1 {
			if err := c.Publish(ctx, c.Topics.Events, messages); err != nil {
				return 0, err
			}
			messages = messages[:0]
		}
	}
	return bytes, nil
}

// contend runs one contender over the whole topic.
func contend(ctx context.Context, o options) (result, error) {
	r := result{Contender: o.contender}
	c, err := connect(o)
	if err != nil {
		return r, err
	}
	defer c.Close()
	work := map[string]func(context.Context, options, *kafka.Cluster, *result) error{fetchName: fetch, decodeName: fetch, productName: product}[o.contender]
	if work == nil {
		return r, fmt.Errorf("no contender is called %q", o.contender)
	}
	begin := time.Now()
	err = work(ctx, o, c, &r)
	r.WallS = time.Since(begin).Seconds()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return r, err
	}
	r.CPUS = seconds(u.Utime) + seconds(u.Stime)
	r.PeakMB = float64(u.Maxrss) / 1024
	if err == nil && r.Events != uint64(o.events) {
		err = fmt.Errorf("saw %d events of %d", r.Events, o.events)
	}
	return r, err
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }

func group(name string) string { return fmt.Sprintf("benchmark-%s-%d", name, os.Getpid()) }

// fetch is F0 and F1: the product's own fetch loop and, for F1, its decoder.
func fetch(ctx context.Context, o options, c *kafka.Cluster, r *result) error {
	var events atomic.Uint64
	err := c.Consume(ctx, kafka.Group{Name: group(o.contender), Topics: []string{c.Topics.Events}, UntilDone: true}, func(ctx context.Context, p *kafka.Partition) error {
		_, end, err := p.Bounds(ctx)
		if err != nil {
			return err
		}
		var decoder cloudevents.Decoder
		var event detector.Event
		for next := int64(0); next < end; {
			b, err := p.Fetch(ctx, next)
			if err != nil {
				return err
			}
			for i := range b.Records {
				if o.contender == fetchName {
					continue
				}
				if err := decoder.Decode(cloudevents.Message{Headers: b.Records[i].Headers, Value: b.Records[i].Value}, &event); err != nil {
					return err
				}
			}
			events.Add(uint64(len(b.Records)))
			next = b.Next
		}
		return nil
	})
	r.Events = events.Load()
	return err
}

// product is the detector as it runs in production, from the first record to the last checkpoint.
func product(ctx context.Context, o options, c *kafka.Cluster, r *result) error {
	set, err := shippedRules()
	if err != nil {
		return err
	}
	files, err := internet.New().WriteDatabases(o.geography)
	if err != nil {
		return err
	}
	db, err := geo.Open(geo.Files{City: files.City, ASN: files.ASN, Anonymous: files.Anonymous, ConnectionType: files.ConnectionType})
	if err != nil {
		return err
	}
	stage, err := kafka.NewStage(c, kafka.StageConfig{Group: group(o.contender), UntilIdle: true,
		Current: func() (*rules.Set, *geo.Databases) { return set, db }})
	if err != nil {
		return err
	}
	if err := stage.Run(ctx); err != nil {
		return err
	}
	for _, p := range stage.Status() {
		r.Events += p.Records
		r.Decisions += p.Decisions
	}
	return nil
}

func shippedRules() (*rules.Set, error) {
	text, err := os.ReadFile("rules.yaml")
	if err != nil {
		return nil, err
	}
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: text}}, detector.Language(), rules.Options{})
	if set == nil {
		return nil, fmt.Errorf("rules.yaml: %s", problems[0].Message)
	}
	return set, nil
}
