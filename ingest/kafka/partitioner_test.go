package kafka

import (
	"fmt"
	"testing"

	kafkago "github.com/segmentio/kafka-go"
)

// The vectors of Kafka's own UtilsTest.testMurmur2.
func TestMurmur2(t *testing.T) {
	for key, want := range map[string]int32{
		"21":                         -973932308,
		"foobar":                     -790332482,
		"a-little-bit-long-string":   -985981536,
		"a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		if got := int32(murmur2([]byte(key))); got != want {
			t.Errorf("murmur2(%q) = %d, want %d", key, got, want)
		}
	}
}

func TestPartitionOfAgreesWithKafkaGo(t *testing.T) {
	all := make([]int, 48)
	for i := range all {
		all[i] = i
	}
	used := map[int]bool{}
	for i := range 1000 {
		key := fmt.Appendf(nil, "u-%d", i)
		got := PartitionOf(key, len(all))
		if want := (kafkago.Murmur2Balancer{}).Balance(kafkago.Message{Key: key}, all...); got != want {
			t.Errorf("PartitionOf(%q, 48) = %d, want %d", key, got, want)
		}
		used[got] = true
	}
	if len(used) != len(all) {
		t.Errorf("1000 keys use %d of 48 partitions", len(used))
	}
}
