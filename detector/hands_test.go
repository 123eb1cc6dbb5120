package detector

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// sighting is a hand at a time.
type sighting struct {
	at   int64
	hand uint8
}

// order gives the hands in the order in which they took the session, and whether the visits lie as they must.
func (h *hands) order(t *rapid.T) (order []uint8) {
	var last int64
	for i, v := range h.visits {
		if v.hand == 0 {
			if i+1 < maxVisits && h.visits[i+1].hand != 0 {
				t.Fatalf("a gap in %v", h.visits)
			}
			continue
		}
		if v.from > v.to || v.from < last || v.sightings == 0 {
			t.Fatalf("visits out of order: %v", h.visits)
		}
		if last = v.to; len(order) == 0 || order[len(order)-1] != v.hand {
			order = append(order, v.hand)
		}
	}
	return order
}

// drawSightings draws sightings in any order, no two in one moment: of such the order is not known.
func drawSightings(t *rapid.T) []sighting {
	return rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) sighting {
		return sighting{rapid.Int64Range(1, 60).Draw(t, "at"), uint8(rapid.IntRange(1, 3).Draw(t, "hand"))}
	}), 1, 40, func(s sighting) int64 { return s.at }).Draw(t, "sightings")
}

// In whatever order sightings come, no more changes of hands are seen than there were; in their order, the last ones all are.
func TestHandsNeverSeeMoreChangesThanThereWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawSightings(t)
		inOrder := slices.Clone(list)
		slices.SortStableFunc(inOrder, func(a, b sighting) int { return int(a.at - b.at) })
		var truth []uint8
		for _, s := range inOrder {
			if len(truth) == 0 || truth[len(truth)-1] != s.hand {
				truth = append(truth, s.hand)
			}
		}
		var shuffled, sorted hands
		for _, s := range list {
			shuffled.see(s.hand, s.at)
		}
		for _, s := range inOrder {
			sorted.see(s.hand, s.at)
		}
		if got := shuffled.order(t); len(got) > len(truth) {
			t.Fatalf("%v seen of %v", got, truth)
		}
		if got := sorted.order(t); !slices.Equal(got, truth[max(0, len(truth)-maxVisits):]) {
			t.Fatalf("%v seen of %v", got, truth)
		}
	})
}

// A sighting that comes again changes nothing while the visit that it belongs to is remembered whole.
func TestHandsSeeARepeatOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h hands
		list := drawSightings(t)
		slices.SortStableFunc(list, func(a, b sighting) int { return int(a.at - b.at) })
		for _, s := range list {
			h.see(s.hand, s.at)
			before := h
			if h.see(s.hand, s.at) || h != before {
				t.Fatalf("%v again: %v became %v", s, before.visits, h.visits)
			}
		}
	})
}
