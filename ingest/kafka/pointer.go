package kafka

import (
	"fmt"
	"strconv"
	"strings"
)

// pointer is what a checkpoint writes beside its offset: where the state as of that offset is. Offset and pointer are one
// record of Kafka's, so they cannot diverge.
type pointer struct {
	partition int    // of the snapshots topic
	from, to  int64  // offsets there: the snapshot's first record and its last
	id        string // of the checkpoint; other records may stand in between
	crc       uint32 // of the compressed state
	epoch     string // names the rules and the geography, for people
	// final says that the owner stopped here: nothing behind this offset was judged. The next owner takes the mark away
	// before it judges an event.
	final bool
}

// String gives the form that is committed: "1|partition|from|to|id|crc|epoch", and "|final" behind it.
func (p pointer) String() string {
	s := fmt.Sprintf("1|%d|%d|%d|%s|%08x|%s", p.partition, p.from, p.to, p.id, p.crc, p.epoch)
	if p.final {
		s += "|final"
	}
	return s
}

// parsePointer reads what String wrote.
func parsePointer(s string) (pointer, error) {
	text, final := strings.CutSuffix(s, "|final")
	f := strings.Split(text, "|")
	if len(f) != 7 || f[0] != "1" {
		return pointer{}, fmt.Errorf("read snapshot pointer %.80q: not of the form 1|partition|from|to|id|crc|epoch", s)
	}
	var faults [4]error
	p := pointer{final: final}
	var crc uint64
	p.partition, faults[0] = strconv.Atoi(f[1])
	p.from, faults[1] = strconv.ParseInt(f[2], 10, 64)
	p.to, faults[2] = strconv.ParseInt(f[3], 10, 64)
	crc, faults[3] = strconv.ParseUint(f[5], 16, 32)
	for _, err := range faults {
		if err != nil {
			return pointer{}, fmt.Errorf("read snapshot pointer %.80q: %w", s, err)
		}
	}
	p.id, p.crc, p.epoch = f[4], uint32(crc), f[6]
	if p.partition < 0 || p.from < 0 || p.to < p.from || p.id == "" {
		return pointer{}, fmt.Errorf("read snapshot pointer %.80q: out of range", s)
	}
	return p, nil
}
