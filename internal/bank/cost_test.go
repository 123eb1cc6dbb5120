package bank

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
)

// Larger worlds, for the figures in docs/learning.md.
var (
	costUsers = flag.Int("cost-users", 300, "customers of the world on which it is measured what the second stage costs")
	costWeeks = flag.Int("cost-weeks", 2, "its weeks")
	costSeed  = flag.Uint64("cost-seed", 430, "its seed")
)

// bill is what the two stages wrote for each other in a week.
type bill struct {
	events, records int
	by              map[string]int
}

// charge counts what an event brought: each record once for each partition that it is written to.
func (b *bill) charge(e *detector.Event, out *detector.Outcome) {
	if e.Type == detector.ObservationVerdict {
		b.add("verdict of "+cmp.Or(e.Observation.Rule, word(detector.Knowledge, e.Observation.Knows), "a question"), 1)
		return
	}
	b.events++
	for i := range out.Observations {
		b.add(subject(&out.Observations[i].Observation), 1)
	}
}

func (b *bill) add(what string, n int) {
	if b.by == nil {
		b.by = map[string]int{}
	}
	b.by[what] += n
	b.records += n
}

func (b *bill) percent() float64 { return 100 * float64(b.records) / float64(b.events) }

// subject says what an observation is about.
func subject(o *detector.Observation) string {
	kind, _, _ := strings.Cut(o.Key, ":")
	if kind == "ip" || kind == "asn" {
		return kind + " " + cmp.Or(o.Sight, word(detector.Paths, o.Path), o.Of)
	}
	return kind
}

// word is that of a closed list that a number stands for; "" for none.
func word(list []string, n detector.Enum) string {
	if n == 0 {
		return ""
	}
	return list[n-1]
}

func (b *bill) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%d records on %d events, %.2f %%", b.records, b.events, b.percent())
	for _, what := range slices.SortedFunc(maps.Keys(b.by), func(x, y string) int { return cmp.Or(b.by[y]-b.by[x], strings.Compare(x, y)) }) {
		fmt.Fprintf(&s, "\n  %-32s %7d  %.3f %%", what, b.by[what], 100*float64(b.by[what])/float64(b.events))
	}
	return s.String()
}

// TestSecondStageCostsLessThanFivePercent counts the records that the stages write for each other over 48 partitions, in the default population
// and in one of which half lives behind shared networks.
func TestSecondStageCostsLessThanFivePercent(t *testing.T) {
	for _, shared := range []float64{0, 0.5} {
		weeks := make([]bill, *costWeeks)
		w := newWatcher(t)
		cfg := Config{Users: *costUsers, Seed: *costSeed, For: time.Duration(*costWeeks) * 7 * 24 * time.Hour, SharedNetworks: shared}
		play(t, cfg, func(b *Bank, p *Published) {
			week := &weeks[min(int((b.nowMS-DefaultStart.UnixMilli())/(7*24*3600_000)), len(weeks)-1)]
			w.house.Observe(w.read(t, p), func(e *detector.Event, out detector.Outcome) { week.charge(e, &out) })
		})
		for i := range weeks {
			t.Logf("shared networks %.0f %%, week %d: %s", 100*shared, i+1, &weeks[i])
			if i > 0 && weeks[i].percent() >= 5 {
				t.Errorf("week %d: %.2f %% more records", i+1, weeks[i].percent())
			}
		}
	}
}
