package detector

// slab holds fixed-size records without pointers in chunks that never move. A slot's number counts from 1; 0 is none.
// Records carry no Go pointers, so the garbage collector never scans them.
type slab[T any] struct {
	chunks []*[chunkSize]T
	used   uint32   // slots ever handed out
	free   []uint32 // slots handed back, last in first out
}

const chunkSize = 1024

func (s *slab[T]) at(slot uint32) *T {
	i := slot - 1
	return &s.chunks[i/chunkSize][i%chunkSize]
}

// take gives a zeroed slot.
func (s *slab[T]) take() uint32 {
	if n := len(s.free); n > 0 {
		slot := s.free[n-1]
		s.free = s.free[:n-1]
		return slot
	}
	if int(s.used) == len(s.chunks)*chunkSize {
		s.chunks = append(s.chunks, new([chunkSize]T))
	}
	s.used++
	return s.used
}

// give takes a slot back and zeroes it; 0 is ignored.
func (s *slab[T]) give(slot uint32) {
	if slot == 0 {
		return
	}
	var zero T
	*s.at(slot) = zero
	s.free = append(s.free, slot)
}

// next moves a hand to the slot behind it, and to the first one behind the last, and gives the record there, which may be a free one; nil when
// there is none at all. Sweeps and evictions go round so: what they look at depends on the events alone, not on the order of a map.
func (s *slab[T]) next(hand *uint32) *T {
	if s.used == 0 {
		return nil
	}
	*hand = *hand%s.used + 1
	return s.at(*hand)
}

// victim gives the slot that is to make room: of the next few under the hand that are taken, the one that is worth least.
func (s *slab[T]) victim(hand *uint32, taken func(*T) bool, lessWorth func(a, b *T) bool) (slot uint32) {
	for tries := 0; tries < 16 || slot == 0; tries++ {
		if x := s.next(hand); taken(x) && (slot == 0 || lessWorth(x, s.at(slot))) {
			slot = *hand
		}
	}
	return slot
}

// indexOf finds the records by their keys; the zero key is that of a free slot.
func indexOf[T any, K comparable](s *slab[T], keyOf func(*T) K) map[K]uint32 {
	var none K
	at := make(map[K]uint32, s.live())
	for slot := uint32(1); slot <= s.used; slot++ {
		if k := keyOf(s.at(slot)); k != none {
			at[k] = slot
		}
	}
	return at
}

func (s *slab[T]) live() int { return int(s.used) - len(s.free) }
