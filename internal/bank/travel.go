package bank

import "github.com/sessionguard/sessionguard/internal/bank/internet"

// trip is one journey: away from leave to back, underway at both ends. Times are Unix ms.
type trip struct {
	city                    int32
	leave, arrive           int64
	leaveBack, arriveAtHome int64
}

const (
	shareTravellers = 0.5 // fly now and then
	airportMS       = 5 * hourMS
	cruiseKMH       = 750
)

func (t *trip) away(atMS int64) bool { return t.arrive != 0 && atMS >= t.arrive && atMS < t.leaveBack }

// planTrip draws the next trip; at the beginning of the world somebody may be away already. A flight takes its
// distance at cruising speed and five hours of ways and waiting, so that no journey is faster than a plane.
func (b *Bank) planTrip(c *customer, first bool) {
	if first && !chance(c.rng, shareTravellers) {
		return
	}
	wait := int64(c.rng.ExpFloat64() * 60 * dayMS)
	stay := between(c.rng, 1, 10) * dayMS
	if first {
		wait -= stay
	}
	city := c.home
	for city == c.home {
		city = int32(c.rng.IntN(len(internet.Cities)))
	}
	from, to := internet.Cities[c.home], internet.Cities[city]
	way := int64(internet.DistanceKM(from.Lat, from.Lon, to.Lat, to.Lon)/cruiseKMH*hourMS) + airportMS
	t := trip{city: city, leave: b.nowMS + wait}
	t.arrive = t.leave + way
	t.leaveBack = t.arrive + stay
	t.arriveAtHome = t.leaveBack + way
	c.trip = t
}

// lands is when somebody who is underway arrives; 0 for who is not.
func (t *trip) lands(atMS int64) int64 {
	switch {
	case atMS >= t.leave && atMS < t.arrive:
		return t.arrive
	case atMS >= t.leaveBack && atMS < t.arriveAtHome:
		return t.arriveAtHome
	}
	return 0
}

// place is the city in which a customer is.
func (c *customer) place(atMS int64) int32 {
	if c.trip.away(atMS) {
		return c.trip.city
	}
	return c.home
}
