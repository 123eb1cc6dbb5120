package internet

import (
	"slices"
	"testing"
	"time"
)

// errorsKM are how far databases are off at the networks of a kind in Europe, sorted, and the share of them whose
// accuracy radius holds the true place.
func errorsKM(in *Internet, k Kind, build int) (sorted []float64, inside float64) {
	for _, id := range in.All(k) {
		n := &in.Networks[id]
		if slices.Contains([]string{"US", "TH", "SG", "NG", "BR"}, Cities[n.Site].Country) {
			continue
		}
		p := in.Known(id, build)
		km := DistanceKM(p.Lat, p.Lon, Cities[n.Site].Lat, Cities[n.Site].Lon)
		if sorted = append(sorted, km); km <= p.RadiusKM {
			inside++
		}
	}
	slices.Sort(sorted)
	return sorted, inside / float64(len(sorted))
}

// The published figures: medians of 3 to 16 km on fixed lines and 179 to 207 km on mobile networks (all continents),
// 9 to 20 % failures in Europe (arXiv 2605.21937), and a radius that holds two places of three (MaxMind).
func TestDatabasesErrAsMeasured(t *testing.T) {
	in := New()
	f := func(k Kind, medianLo, medianHi, insideLo, insideHi float64) []float64 {
		t.Helper()
		errors, inside := errorsKM(in, k, 0)
		if m := errors[len(errors)/2]; m < medianLo || m > medianHi {
			t.Errorf("kind %d: median error %.0f km, want %.0f to %.0f", k, m, medianLo, medianHi)
		}
		if inside < insideLo || inside > insideHi {
			t.Errorf("kind %d: %.2f of the radii hold the place, want %.2f to %.2f", k, inside, insideLo, insideHi)
		}
		return errors
	}
	fixed := f(Home, 3, 16, 0.55, 0.8)
	f(Mobile, 60, 250, 0.5, 0.8)
	f(Relay, 3, 16, 0.55, 0.9)
	far := float64(len(fixed)-slices.IndexFunc(fixed, func(km float64) bool { return km > 65 })) / float64(len(fixed))
	if far < 0.05 || far > 0.2 {
		t.Errorf("%.2f of the fixed prefixes are far off", far)
	}
}

func TestBuildsMoveSomeNetworks(t *testing.T) {
	in := New()
	for build := range 8 {
		moved := 0
		for id := range in.Networks {
			if in.Known(id, build) != in.Known(id, build+1) {
				moved++
			}
		}
		if share := float64(moved) / float64(len(in.Networks)); share < 0.002 || share > 0.03 {
			t.Errorf("build %d moves %.3f of the networks", build+1, share)
		}
	}
}

func TestBuildsComeOnTuesdaysAndFridays(t *testing.T) {
	start := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC) // a Monday
	f := func(days float64, want int) {
		t.Helper()
		if got := Build(start, start.Add(time.Duration(days*24)*time.Hour)); got != want {
			t.Errorf("after %v days build %d, want %d", days, got, want)
		}
	}
	f(0, 0)
	f(1, 0)    // Tuesday morning
	f(1.25, 1) // Tuesday afternoon
	f(4, 1)
	f(4.25, 2)
	f(8, 2)
	f(30, 9)
}
