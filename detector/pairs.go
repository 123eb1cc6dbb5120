package detector

import (
	"encoding/binary"
	"math/bits"

	"github.com/dchest/siphash"
)

// pairSet is a few pairs of the same part of a table: of each the upper 48 bits of its hash, and the day on which it was told. Such a table
// remembers within fixed bounds what was told already. What it forgets is told once more, which does no harm.
type pairSet struct{ of [8]uint64 }

const (
	pairDayBits = 16
	firstSets   = 1 << 4
	maxToldSets = 1 << 18 // two million pairs, 16 MB: of 200,000 users what they show in two weeks
	// toldForDays is how long what was told need not be told again: what counts it counts by such periods, and a network that hears nothing is
	// known for longer (nodeSilentMS). Most of what is told in an ordinary week is where users begin their sessions, and that recurs.
	toldForDays = 14
)

// tellOnce says whether a pair was not told within two weeks, and notes that it is now. The table grows when a set is full of what is still
// fresh; at its largest the oldest of the set gives way.
func tellOnce(t *slab[pairSet], maxSets uint32, hash uint64, now int64) bool {
	today := uint64(day(now))
	if p := findPair(t, hash); p != nil {
		fresh := today < toldUntil(*p)
		if !fresh {
			*p = hash>>pairDayBits<<pairDayBits | today
		}
		return !fresh
	}
	for t.used < firstSets {
		t.take()
	}
	for {
		set := t.at(setOf(t, hash))
		oldest := &set.of[0]
		for i := range set.of {
			if toldUntil(set.of[i]) < toldUntil(*oldest) {
				oldest = &set.of[i]
			}
		}
		if today >= toldUntil(*oldest) || t.used >= maxSets {
			*oldest = hash>>pairDayBits<<pairDayBits | today
			return true
		}
		growPairs(t)
	}
}

// wasTold says whether a pair was told within two weeks.
func wasTold(t *slab[pairSet], hash uint64, now int64) bool {
	p := findPair(t, hash)
	return p != nil && uint64(day(now)) < toldUntil(*p)
}

func findPair(t *slab[pairSet], hash uint64) *uint64 {
	if t.used == 0 {
		return nil
	}
	set := t.at(setOf(t, hash))
	for i := range set.of {
		if set.of[i] != 0 && set.of[i]>>pairDayBits == hash>>pairDayBits {
			return &set.of[i]
		}
	}
	return nil
}

// toldUntil is the day from which a pair is told again; that of a free place is long past.
func toldUntil(p uint64) uint64 {
	if p == 0 {
		return 0
	}
	return uint64(uint16(p)) + toldForDays
}

// setOf gives the slot of a pair's set: by the upper bits of its hash, so that a set parts in two when the table doubles.
func setOf(t *slab[pairSet], hash uint64) uint32 {
	return uint32(hash>>(64-bits.Len32(t.used-1))) + 1
}

func growPairs(t *slab[pairSet]) {
	var larger slab[pairSet]
	for range 2 * t.used {
		larger.take()
	}
	for slot := uint32(1); slot <= t.used; slot++ {
		for _, p := range t.at(slot).of {
			if p != 0 {
				set := larger.at(setOf(&larger, p))
				for i := range set.of {
					if set.of[i] == 0 {
						set.of[i] = p
						break
					}
				}
			}
		}
	}
	*t = larger
}

// soundPairs says whether a table from a snapshot is one.
func soundPairs(t *slab[pairSet], maxSets uint32) bool {
	return len(t.free) == 0 && t.used <= maxSets && (t.used == 0 || t.used >= firstSets && t.used&(t.used-1) == 0)
}

// pair hashes who was seen on a network: a user or a session, and a client where it matters which.
func (h *hasher) pair(sight byte, who key, on *network, client uint32) uint64 {
	b := append(h.buf[:0], pairKey, sight, byte(on.flags&networkV6))
	b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, who.hi), who.lo)
	b = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(b, on.prefix), client)
	h.buf = b
	return siphash.Hash(h.k0, h.k1, b)
}
