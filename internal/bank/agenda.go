package bank

// actor is somebody or something that acts at a time of the agenda.
type actor interface {
	act(b *Bank)
}

type entry struct {
	atMS int64
	seq  uint64 // order of entry breaks ties
	who  actor
}

func (e *entry) before(o *entry) bool {
	return e.atMS < o.atMS || e.atMS == o.atMS && e.seq < o.seq
}

// agenda is a binary heap, earliest first. container/heap would box every entry.
type agenda struct {
	entries []entry
	seq     uint64
}

func (a *agenda) add(atMS int64, who actor) {
	a.seq++
	a.entries = append(a.entries, entry{atMS, a.seq, who})
	h := a.entries
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h[i].before(&h[up]) {
			return
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
}

// next removes the earliest entry; the agenda must not be empty.
func (a *agenda) next() entry {
	h := a.entries
	first := h[0]
	last := len(h) - 1
	h[0] = h[last]
	h[last] = entry{}
	h = h[:last]
	a.entries = h
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if h[child].before(&h[least]) {
				least = child
			}
		}
		if least == i {
			return first
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
