package detector_test

import (
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/bank"
)

// benchmarkPartitions are few, for the small bank of the benchmark: what a partition makes once, its tables, would outweigh what an event costs.
const benchmarkPartitions = 4

// chain is what run does of both stages, without Kafka: it decodes and judges the events, encodes what one stage tells the other, and decodes
// and judges that.
type chain struct {
	reader, hearer ingest.Worker
	first, second  []*detector.Engine
	verdicts       []verdictText
	text           []byte
	records        int
}

type verdictText struct {
	key  string // "": for all partitions
	json []byte
}

func newChain(b *testing.B, mute bool) *chain {
	c := &chain{reader: ingest.Worker{Enricher: enrich.New(nil, true)}, hearer: ingest.Worker{Enricher: enrich.New(nil, true)}}
	cfg := detector.Config{Rules: loadShipped(b), GeoBuild: "benchmark", Partitions: benchmarkPartitions}
	for len(c.first) < benchmarkPartitions {
		g := detector.New(cfg)
		if mute {
			detector.Mute(g)
		}
		c.first = append(c.first, g)
	}
	for cfg.Stage = detector.SecondStage; len(c.second) < benchmarkPartitions; {
		c.second = append(c.second, detector.New(cfg))
	}
	return c
}

// see takes a customer's event, and all that it brings.
func (c *chain) see(b *testing.B, p *bank.Published, line int64) {
	at := detector.Record{Offset: line, TimeMS: p.TimeMS, Key: p.Key}
	out := c.on(c.first, p.Key).Observe(read(b, &c.reader, p.JSON, at))
	c.verdicts = c.verdicts[:0]
	for i := range out.Observations {
		key := out.Observations[i].Record.Key
		c.text = cloudevents.AppendEvent(c.text[:0], &out.Observations[i])
		for _, v := range c.on(c.second, key).Observe(read(b, &c.hearer, c.text, at)).Observations {
			c.verdicts = append(c.verdicts, verdictText{v.Record.Key, cloudevents.AppendEvent(nil, &v)})
		}
	}
	c.records += len(out.Observations)
	for _, v := range c.verdicts {
		to := c.first
		if v.key != "" {
			to = []*detector.Engine{c.on(c.first, v.key)}
		}
		for _, g := range to {
			g.Observe(read(b, &c.hearer, v.json, at))
			c.records++
		}
	}
}

func (c *chain) on(engines []*detector.Engine, key string) *detector.Engine {
	return engines[kafka.PartitionOf([]byte(key), len(engines))]
}

func read(b *testing.B, w *ingest.Worker, json []byte, at detector.Record) *detector.Event {
	e, err := w.Read(cloudevents.Message{Value: json}, at)
	if err != nil {
		b.Fatalf("%v: %s", err, json)
	}
	return e
}

// spans are the times that a week's events took, by stretches of stretchEvents: of each the fastest of several rounds, so that what else the
// machine does, and the garbage collector, is left out. What was allocated is counted apart.
type spans struct {
	fastest []time.Duration
	bytes   uint64
	records int
}

const stretchEvents = 2000

func (s *spans) note(stretch int, took time.Duration) {
	if stretch == len(s.fastest) {
		s.fastest = append(s.fastest, took)
	}
	s.fastest[stretch] = min(s.fastest[stretch], took)
}

func (s *spans) total() (sum time.Duration) {
	for _, took := range s.fastest {
		sum += took
	}
	return sum
}

// playStretch shows a chain some events.
func (c *chain) playStretch(b *testing.B, events []bank.Published, s *spans, nth int) {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	allocated, records, before := memory.TotalAlloc, c.records, processorTime(b)
	for i := range events {
		c.see(b, &events[i], int64(nth*stretchEvents+i))
	}
	s.note(nth, processorTime(b)-before)
	runtime.ReadMemStats(&memory)
	s.bytes, s.records = s.bytes+memory.TotalAlloc-allocated, s.records+c.records-records
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// twoWeeks are the events of the synthetic bank, week by week.
func twoWeeks(b *testing.B, shared float64) (weeks [2][]bank.Published) {
	const week = 7 * 24 * time.Hour
	world, err := bank.New(bank.Config{Users: 500, Seed: 430, For: 2 * week, Geo: true, SharedNetworks: shared})
	if err != nil {
		b.Fatal(err)
	}
	for p, ok := world.Next(); ok; p, ok = world.Next() {
		at := 0
		if p.TimeMS >= bank.DefaultStart.Add(week).UnixMilli() {
			at = 1
		}
		weeks[at] = append(weeks[at], p)
	}
	return weeks
}

// BenchmarkSecondStage gives what both stages cost more than the first alone that tells nothing, in processor time over two weeks of the synthetic
// bank, and in records. The two take turns on every stretch of events:
//
//	go test ./detector -run '^$' -bench SecondStage -benchtime 8x
func BenchmarkSecondStage(b *testing.B) {
	for name, shared := range map[string]float64{"default": 0, "shared": 0.5} {
		b.Run(name, func(b *testing.B) {
			weeks := twoWeeks(b, shared)
			var with, without [2]spans
			for round := 0; b.Loop(); round++ {
				both, alone := newChain(b, false), newChain(b, true)
				for i := range weeks {
					nth := 0
					for events := range slices.Chunk(weeks[i], stretchEvents) {
						turns := []func(){
							func() { both.playStretch(b, events, &with[i], nth) },
							func() { alone.playStretch(b, events, &without[i], nth) },
						}
						turns[(round+nth)%2]()
						turns[1-(round+nth)%2]()
						nth++
					}
				}
			}
			for i, week := range []string{"week1", "week2"} {
				x, y := &with[i], &without[i]
				b.ReportMetric(100*(float64(x.total())/float64(y.total())-1), week+"-%cpu")
				b.ReportMetric(100*(float64(x.bytes)/float64(y.bytes)-1), week+"-%allocated")
				b.ReportMetric(100*float64(x.records)/float64(b.N*len(weeks[i])), week+"-%records")
				b.ReportMetric(float64(y.total().Nanoseconds())/float64(len(weeks[i])), week+"-ns/event")
			}
		})
	}
}
