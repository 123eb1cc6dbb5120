// Command benchmark measures what the product costs over what no stateful detector can beat: fetching the records from Kafka and
// decoding them. Every contender runs in a process of its own, in interleaved rounds over the same preloaded topic, and the table
// quotes minimum and median; compare ratios of one run, not seconds of two.
//
//	go run ./internal/benchmark --events 500000 --rounds 3
//	go run ./internal/benchmark --brokers 127.0.0.1:9092      (a real Kafka with the topics made)
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// options are what a run and its child processes are told.
type options struct {
	events, users, partitions, rounds int
	brokers, contender, geography     string
	serve, asJSON                     bool
}

func main() {
	var o options
	flag.IntVar(&o.events, "events", 500_000, "events in the topic")
	flag.IntVar(&o.users, "users", 20_000, "customers of the synthetic bank that sends them")
	flag.IntVar(&o.partitions, "partitions", 4, "partitions of the topic")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds; each runs every contender once")
	flag.StringVar(&o.brokers, "brokers", "", "a Kafka whose topics are made and empty; \"\": an in-process broker in a process of its own")
	flag.BoolVar(&o.asJSON, "json", false, "print every run as a line of JSON")
	flag.StringVar(&o.contender, "contender", "", "internal: run as this contender")
	flag.StringVar(&o.geography, "geography", "", "internal: folder of the databases")
	flag.BoolVar(&o.serve, "serve", false, "internal: run as the broker")
	flag.Parse()
	if err := run(context.Background(), o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out io.Writer) error {
	switch {
	case o.serve:
		return serve(o, out)
	case o.contender != "":
		r, err := contend(ctx, o)
		return errors.Join(err, json.NewEncoder(out).Encode(r))
	}
	return compare(ctx, o, out)
}

// result is one run of one contender.
type result struct {
	Contender string  `json:"contender"`
	Events    uint64  `json:"events"`
	Decisions uint64  `json:"decisions"`
	WallS     float64 `json:"wall_s"`
	CPUS      float64 `json:"cpu_s"` // user and system time of the contender's process
	PeakMB    float64 `json:"peak_mb"`
}

func (r *result) perSecond() float64 { return float64(r.Events) / r.WallS }
func (r *result) microsCPU() float64 { return r.CPUS * 1e6 / float64(r.Events) }

func compare(ctx context.Context, o options, out io.Writer) error {
	dir, err := os.MkdirTemp("", "sessionguard-benchmark")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o.geography = dir
	stop := func() {}
	if o.brokers == "" {
		if o.brokers, stop, err = startBroker(o); err != nil {
			return err
		}
	}
	defer stop()
	size, err := preload(ctx, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d events of %d bytes on average, lz4, %d partitions\n", o.events, size/o.events, o.partitions)
	results := map[string][]result{}
	for round := range o.rounds {
		for _, name := range contenders {
			r, err := child(o, name)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			results[name] = append(results[name], r)
			fmt.Fprintf(os.Stderr, "round %d: %-8s %8.0f events/s %6.2f µs CPU an event\n", round+1, name, r.perSecond(), r.microsCPU())
			if o.asJSON {
				if err := json.NewEncoder(out).Encode(r); err != nil {
					return err
				}
			}
		}
	}
	if o.asJSON {
		return nil
	}
	return table(out, results)
}

// startBroker runs the in-process broker in a child, so that its work is not counted as a contender's.
func startBroker(o options) (addr string, stop func(), err error) {
	cmd := exec.Command(os.Args[0], "--serve", "--partitions", fmt.Sprint(o.partitions))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe() // the child ends when this closes, also when we are killed
	if err != nil {
		return "", nil, err
	}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	if _, err := fmt.Fscanln(pipe, &addr); err != nil {
		return "", nil, fmt.Errorf("read the broker's address: %w", err)
	}
	return addr, func() { in.Close(); _ = cmd.Wait() }, nil
}

func child(o options, name string) (r result, err error) {
	cmd := exec.Command(os.Args[0], "--contender", name, "--brokers", o.brokers, "--geography", o.geography, "--events", fmt.Sprint(o.events),
		"--partitions", fmt.Sprint(o.partitions))
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(text, &r)
}

func table(out io.Writer, results map[string][]result) error {
	floor := median(results[decodeName], (*result).perSecond)
	floorCPU := median(results[decodeName], (*result).microsCPU)
	var b strings.Builder
	fmt.Fprintf(&b, "%-9s %12s %12s %9s %9s %9s %9s %9s %10s\n", "contender", "events/s", "best", "of F1", "µs CPU", "best", "of F1", "peak MB", "decisions")
	for _, name := range contenders {
		rs := results[name]
		rate, cpu := median(rs, (*result).perSecond), median(rs, (*result).microsCPU)
		best := slices.MaxFunc(rs, func(a, b result) int { return int(a.perSecond() - b.perSecond()) })
		least := slices.MinFunc(rs, func(a, b result) int { return int(1000 * (a.microsCPU() - b.microsCPU())) })
		fmt.Fprintf(&b, "%-9s %12.0f %12.0f %8.2fx %9.2f %9.2f %8.2fx %9.0f %10d\n", name, rate, best.perSecond(), rate/floor, cpu, least.microsCPU(), cpu/floorCPU,
			median(rs, func(r *result) float64 { return r.PeakMB }), rs[0].Decisions)
	}
	fmt.Fprintf(&b, "\nfetch: records fetched and dropped (F0). decode: fetched and decoded by the product's decoder (F1). product: the detector as in\nproduction, every shipped rule, geography and user agents, publishing and checkpoints. Medians of %d rounds, %s.\n", len(results[decodeName]), time.Now().Format(time.DateOnly))
	_, err := io.WriteString(out, b.String())
	return err
}

func median(rs []result, of func(*result) float64) float64 {
	values := make([]float64, len(rs))
	for i := range rs {
		values[i] = of(&rs[i])
	}
	slices.Sort(values)
	return values[len(values)/2]
}
