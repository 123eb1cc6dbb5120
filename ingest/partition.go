package ingest

import "github.com/sessionguard/sessionguard/detector"

// Key gives the Kafka key of an event: the user id when known; else ip:<address> for session.unknown_id; else the session id.
func Key(e *detector.Event) string {
	switch {
	case e.User.ID != "":
		return e.User.ID
	case e.Type == detector.SessionUnknownID && e.Client.IP.IsValid():
		return "ip:" + e.Client.IP.String()
	}
	return e.Session.ID
}

// Partition gives the partition of a key among n, as Kafka's Java clients choose it: murmur2 with the sign bit cleared.
func Partition(key string, n int) int {
	return int(murmur2(key)&0x7fffffff) % n
}

// murmur2 is MurmurHash2 by Austin Appleby, 32 bits, with the seed of org.apache.kafka.common.utils.Utils.
func murmur2(s string) uint32 {
	const m, r, seed = 0x5bd1e995, 24, 0x9747b28c
	h := uint32(seed) ^ uint32(len(s))
	for ; len(s) >= 4; s = s[4:] {
		k := uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
		k *= m
		k ^= k >> r
		h = h*m ^ k*m
	}
	switch len(s) {
	case 3:
		h ^= uint32(s[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(s[1]) << 8
		fallthrough
	case 1:
		h = (h ^ uint32(s[0])) * m
	}
	h = (h ^ h>>13) * m
	return h ^ h>>15
}
