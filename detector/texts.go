package detector

// textStore keeps the few texts that must be named again later, where a keyed hash does not do: whose session or token family it is, so that a
// verdict reaches its partition and a command its session. A text lies in parts of one size, so that texts that come and go leave no holes.
type textStore struct{ parts slab[textPart] }

// textPart is a piece of a text, and how much of it is left from here on.
type textPart struct {
	next  uint32 // slot of the part that follows; 0: this is the last
	left  uint16 // bytes, those of this part included
	bytes [58]byte
}

// What is kept: longer texts, and those that come when the store is full (128 MiB), are not.
const (
	maxTextSize  = 1 << 10
	maxTextParts = 1 << 21
)

// put keeps a text and gives its number, 0 where it is not kept: the empty one, one over 1 KiB, and any when the store is full.
func (t *textStore) put(s string) uint32 {
	n := (len(s) + len(textPart{}.bytes) - 1) / len(textPart{}.bytes)
	if s == "" || len(s) > maxTextSize || t.parts.live()+n > maxTextParts {
		return 0
	}
	var next uint32
	for ; n > 0; n-- { // from the end, so that each part knows the one that follows
		piece := s[(n-1)*len(textPart{}.bytes):]
		slot := t.parts.take()
		p := t.parts.at(slot)
		p.next, p.left = next, uint16(len(piece))
		copy(p.bytes[:], piece)
		next = slot
	}
	return next
}

// get gives the text of a number, "" of 0.
func (t *textStore) get(slot uint32) string {
	if slot == 0 {
		return ""
	}
	buf := make([]byte, 0, t.parts.at(slot).left)
	for ; slot != 0; slot = t.parts.at(slot).next {
		p := t.parts.at(slot)
		buf = append(buf, p.bytes[:min(int(p.left), len(p.bytes))]...)
	}
	return string(buf)
}

// drop forgets a text; 0 is ignored. Its number may be another text's then.
func (t *textStore) drop(slot uint32) {
	for slot != 0 {
		next := t.parts.at(slot).next
		t.parts.give(slot)
		slot = next
	}
}

// sound says whether every text of a snapshot ends: each part leads to one that is there, and that has as much less left as this one holds.
func (t *textStore) sound() bool {
	for slot := uint32(1); slot <= t.parts.used; slot++ {
		p := t.parts.at(slot)
		more := int(p.left) - len(p.bytes)
		switch {
		case p.left > maxTextSize, p.next > t.parts.used, (p.next != 0) != (more > 0):
			return false
		case p.next != 0 && int(t.parts.at(p.next).left) != more:
			return false
		}
	}
	return true
}
