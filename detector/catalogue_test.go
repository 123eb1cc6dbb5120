package detector_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
)

// What an ordinary event costs with the three rules that the product is named for, and with all that ship: it does not grow with their number.
func BenchmarkCatalogue(b *testing.B) {
	b.Run("three", func(b *testing.B) {
		observeOrdinary(b, onlyRules(b, "impossible-travel", "fingerprint-drift", "concurrent-ips"))
	})
	b.Run("all", func(b *testing.B) { observeOrdinary(b, loadShipped(b)) })
}

// The reason for it: an ordinary event wakes no detector, whatever their number.
func TestOrdinaryEventWakesNoDetector(t *testing.T) {
	g, e := detector.New(detector.Config{Rules: loadShipped(t)}), ordinary(t)
	for n := range 100 {
		e.ID = strconv.Itoa(n)
		e.TimeMS += 10_000
		if g.Observe(e); n > 0 && g.Woken() {
			t.Fatalf("event %d woke a detector", n+1)
		}
	}
}

// observeOrdinary shows one session's requests, a minute apart, of all of which nothing is to be said.
func observeOrdinary(b *testing.B, set *rules.Set) {
	g, e := detector.New(detector.Config{Rules: set}), ordinary(b)
	ids := make([]string, 1<<10)
	for i := range ids {
		ids[i] = "event-" + strconv.Itoa(i)
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		e.ID = ids[n%len(ids)]
		e.TimeMS += 60_000
		if out := g.Observe(e); len(out.Decisions) > 0 {
			b.Fatalf("not ordinary: %+v", out.Decisions[0])
		}
	}
	b.ReportMetric(float64(len(set.Rules)), "rules")
}

// onlyRules loads the shipped file with some of its rules alone.
func onlyRules(t testing.TB, ids ...string) *rules.Set {
	t.Helper()
	text, err := os.ReadFile("../rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const begin = "\n  - id: "
	parts := strings.Split(string(text), begin)
	kept := parts[:1]
	for _, part := range parts[1:] {
		if id, _, _ := strings.Cut(part, "\n"); slices.Contains(ids, id) {
			kept = append(kept, part)
		}
	}
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: []byte(strings.Join(kept, begin))}}, detector.Language(), rules.Options{})
	if set == nil || len(set.Rules) != len(ids) {
		t.Fatalf("not the rules %v: %v", ids, problems)
	}
	return set
}
