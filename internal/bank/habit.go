package bank

import (
	"math"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// habit is when in the day, in the hours of her home, somebody looks at her account.
type habit [24]float64

// The habits; each row is relative over its hours.
var (
	commuter = &habit{1, 0, 0, 0, 0, 1, 4, 8, 7, 4, 3, 4, 7, 4, 3, 3, 6, 9, 8, 8, 9, 8, 5, 2}
	desk     = &habit{0, 0, 0, 0, 0, 0, 1, 4, 9, 10, 9, 8, 6, 9, 8, 7, 5, 3, 2, 3, 3, 2, 1, 0}
	evening  = &habit{2, 1, 0, 0, 0, 0, 1, 2, 2, 2, 2, 3, 4, 3, 3, 3, 4, 6, 8, 10, 11, 10, 7, 4}
	retired  = &habit{0, 0, 0, 0, 0, 1, 3, 6, 9, 10, 9, 7, 5, 6, 7, 6, 5, 4, 4, 4, 3, 2, 1, 0}
	night    = &habit{8, 7, 6, 5, 4, 3, 2, 2, 1, 0, 0, 0, 1, 2, 3, 4, 4, 4, 5, 5, 6, 7, 8, 9}

	habitChoices = []*habit{commuter, commuter, commuter, desk, desk, evening, evening, evening, retired, retired, night}

	// A shift worker's weeks: early, late and night shift in turns. About one in five employees in the EU works shifts
	// (Eurofound, European Working Conditions Survey).
	early  = &habit{0, 0, 0, 1, 4, 3, 1, 1, 2, 5, 2, 1, 2, 3, 8, 9, 8, 7, 6, 5, 3, 1, 0, 0}
	late   = &habit{4, 2, 0, 0, 0, 0, 0, 1, 3, 7, 9, 9, 8, 5, 1, 1, 2, 5, 2, 1, 2, 1, 4, 8}
	nights = &habit{2, 4, 3, 2, 3, 4, 6, 4, 1, 0, 0, 0, 0, 1, 3, 6, 8, 8, 8, 7, 6, 3, 1, 1}
	shifts = [...]*habit{early, late, nights}
)

func (h *habit) total() float64 {
	sum := 0.0
	for _, w := range h {
		sum += w
	}
	return sum
}

const shareShifts = 0.12 // of the customers: not all shift workers change every week

// hours is the habit of the moment.
func (c *customer) hours(localMS int64) *habit {
	if !c.shifts {
		return c.habit
	}
	week := (localMS/dayMS + 3) / 7 // from Monday to Sunday
	return shifts[(week+int64(c.n))%int64(len(shifts))]
}

const hourMS = 3600_000

// localMS is the clock on the wall of a city, as Unix ms.
func localMS(city int32, atMS int64) int64 {
	return atMS + int64(internet.Cities[city].OffsetMin)*60_000
}

// nextVisit draws when a customer opens the bank next: a Poisson process whose rate follows her habit.
func (b *Bank) nextVisit(c *customer, fromMS int64) int64 {
	need := c.rng.ExpFloat64()
	for at := fromMS; ; {
		local := localMS(c.home, at)
		rest := hourMS - local%hourMS
		h := c.hours(local)
		rate := h[local/hourMS%24] * c.perDay / h.total() / hourMS // per ms
		if gain := rate * float64(rest); gain < need {
			need -= gain
			at += rest
			continue
		}
		return at + int64(math.Ceil(need/rate))
	}
}

// pause is a log-normal time between two requests: half of them shorter than the median, few very long.
func (c *customer) pause(medianS float64) int64 {
	ms := medianS * 1000 * math.Exp(0.8*c.rng.NormFloat64())
	return int64(min(max(ms, 300), 400_000))
}
