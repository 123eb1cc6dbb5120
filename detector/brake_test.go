package detector

import (
	"testing"

	"github.com/sessionguard/sessionguard/rules"
)

// The brake trips when both the count (the bank's, divided by the partitions) and the share of live sessions are exceeded within the
// window, stays on until a person lifts it, and counts by event time alone.
func TestBrakeTripsOnBothCountAndShare(t *testing.T) {
	limit := rules.Brake{PerMS: 60_000, Count: 200, Share: 0.005}
	tripsAt := func(name string, partitions, live, want int, everyMS int64) {
		t.Helper()
		var b brakeState
		for n := 1; n <= 2000; n++ {
			if b.holds(limit, partitions, live, 1_700_000_000_000+int64(n)*everyMS) {
				if n != want {
					t.Errorf("%s: tripped at answer %d, want %d", name, n, want)
				}
				return
			}
		}
		if want != 0 {
			t.Errorf("%s: never tripped, want %d", name, want)
		}
	}
	tripsAt("count decides", 1, 1000, 201, 1)
	tripsAt("share decides", 1, 100_000, 501, 1)
	tripsAt("a partition has its part of the count", 48, 100, 6, 1)
	tripsAt("slow enough for ever", 1, 1000, 0, 400)

	b := brakeState{tripped: 1}
	if !b.holds(limit, 1, 1000, 1_800_000_000_000) {
		t.Error("a tripped brake let go by itself")
	}
}
