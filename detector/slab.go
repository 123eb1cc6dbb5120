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

func (s *slab[T]) live() int { return int(s.used) - len(s.free) }
