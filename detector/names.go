package detector

import "strings"

// maxNames bounds the texts that the state remembers so that people can read where a session was before: cities, regions and
// the names of unusual clients. A full table gives 0, and a reason then names the country alone.
const (
	maxNames    = 1 << 16
	maxNameSize = 64
)

// names numbers texts from 1. It only grows, so a number means the same for ever.
type names struct {
	texts   []string
	numbers map[string]uint32
}

// number gives a text's number; it allocates only for a text that was never seen.
func (n *names) number(s string) uint32 {
	if s == "" {
		return 0
	}
	if i, ok := n.numbers[s]; ok {
		return i
	}
	if len(n.texts) == maxNames || len(s) > maxNameSize {
		return 0
	}
	return n.add(strings.Clone(s))
}

func (n *names) add(s string) uint32 {
	if n.numbers == nil {
		n.numbers = map[string]uint32{}
	}
	n.texts = append(n.texts, s)
	i := uint32(len(n.texts))
	n.numbers[s] = i
	return i
}

func (n *names) text(i uint32) string {
	if i == 0 {
		return ""
	}
	return n.texts[i-1]
}
