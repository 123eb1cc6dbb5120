package main

import (
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/kafka"
)

// Single events come late every day; one in a thousand is said.
func TestTooLateIsSaidFromOneInAThousand(t *testing.T) {
	f := func(want uint64, late ...uint64) {
		t.Helper()
		var partitions []kafka.PartitionStatus
		for _, n := range late {
			var p kafka.PartitionStatus
			p.Engine.Fates[detector.TooLate], p.Engine.Fates[detector.Evaluated] = n, 1000-n
			partitions = append(partitions, p)
		}
		if got := tooLate(partitions); got != want {
			t.Errorf("%v of 1,000 each: %d, want %d", late, got, want)
		}
	}
	f(0)
	f(0, 0)
	f(1, 1)
	f(0, 1, 0)
	f(2, 2, 0)
}
