package kafka

import "testing"

// What every partition must know has a key for each that murmur2 places there: nothing is misrouted.
func TestKeysOnEach(t *testing.T) {
	for _, n := range []int{1, 3, 48, 500} {
		for p, key := range keysOnEach("control", n) {
			if got := PartitionOf(key, n); got != p {
				t.Errorf("of %d partitions, key %q of partition %d goes to %d", n, key, p, got)
			}
		}
	}
}
