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
)

func (h *habit) total() float64 {
	sum := 0.0
	for _, w := range h {
		sum += w
	}
	return sum
}

const hourMS = 3600_000

// localMS is the clock on the wall of a city, as Unix ms.
func localMS(city int32, atMS int64) int64 {
	return atMS + int64(internet.Cities[city].OffsetMin)*60_000
}

// nextVisit draws when a customer opens the bank next: a Poisson process whose rate follows her habit.
func (b *Bank) nextVisit(c *customer, fromMS int64) int64 {
	perWeight := c.perDay / c.habit.total()
	need := c.rng.ExpFloat64()
	for at := fromMS; ; {
		local := localMS(c.home, at)
		rest := hourMS - local%hourMS
		rate := c.habit[local/hourMS%24] * perWeight / hourMS // per ms
		if gain := rate * float64(rest); gain < need {
			need -= gain
			at += rest
			continue
		}
		return at + int64(math.Ceil(need/rate))
	}
}

// atWork says whether it is an office hour: Monday to Friday, 9 to 17.
func atWork(city int32, atMS int64) bool {
	local := localMS(city, atMS)
	weekday := (local/dayMS + 4) % 7 // 1970-01-01 was a Thursday; 0 is Sunday
	hour := local / hourMS % 24
	return weekday >= 1 && weekday <= 5 && hour >= 9 && hour < 17
}

// pause is a log-normal time between two requests: half of them shorter than the median, few very long.
func (c *customer) pause(medianS float64) int64 {
	ms := medianS * 1000 * math.Exp(0.8*c.rng.NormFloat64())
	return int64(min(max(ms, 300), 400_000))
}
