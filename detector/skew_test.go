package detector_test

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
)

// Partitions do not keep step: in a backfill, or after an outage, what one of them saw is told minutes before or after what another saw at the same
// time. Guesses that are spread over a network and over partitions are found in whatever order the partitions tell.
func TestPropertyGuessesOfPartitionsOutOfStep(t *testing.T) {
	set := loadAcrossUsers(t)
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		partitions := rapid.IntRange(2, 12).Draw(t, "partitions")
		minutes := rapid.Int64Range(1, 12).Draw(t, "minutes")
		told := make([][]detector.Event, partitions)
		first := make([]*detector.Engine, partitions)
		for i := range first {
			first[i] = detector.New(detector.Config{Rules: set, Partitions: partitions})
		}
		at := make([]int64, rapid.IntRange(1, 120).Draw(t, "guesses"))
		for i := range at {
			at[i] = rapid.Int64Range(0, minutes*60_000).Draw(t, "at")
		}
		slices.Sort(at)
		for i, ms := range at {
			e := unknownID(fmt.Sprint("guess-", i), ms, fmt.Sprint("203.0.113.", i%250))
			e.ID, e.Source, e.TypeName, e.Record = fmt.Sprint("e", i), "/test", e.Type.String(), detector.Record{Offset: int64(i)}
			p := rapid.IntRange(0, partitions-1).Draw(t, "partition")
			told[p] = append(told[p], first[p].Observe(&e).Observations...)
		}
		apart := slices.Concat(told...)
		inStep := slices.Clone(apart)
		slices.SortStableFunc(inStep, func(a, b detector.Event) int { return cmp.Compare(a.TimeMS, b.TimeMS) })
		want, got := named(set, inStep), named(set, apart)
		if want != got {
			t.Fatalf("in step %s, apart %s", want, got)
		}
		if want.IsValid() {
			found++
		}
	})
	if found == 0 {
		t.Error("nothing was found in any order: the test shows nothing")
	}
}

// named is the network that a second stage names; the zero Prefix for none.
func named(set *rules.Set, told []detector.Event) (network netip.Prefix) {
	g := detector.New(detector.Config{Rules: set, Stage: detector.SecondStage})
	for _, e := range told {
		for _, v := range g.Observe(&e).Observations {
			network = netip.MustParsePrefix(v.Observation.Network)
		}
	}
	return network
}
