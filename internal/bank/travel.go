package bank

import "github.com/sessionguard/sessionguard/internal/bank/internet"

// mode is how somebody travels.
type mode uint8

const (
	byPlane mode = iota
	byTrain
)

// trip is one journey: away from leave to back, underway at both ends. Times are Unix ms.
type trip struct {
	city                    int32
	mode                    mode
	sim                     sim
	esimCity                int32
	noticeMS                int64 // when she tells the bank of it; 0: she does not
	leave, arrive           int64
	leaveBack, arriveAtHome int64
}

// traveller is what kind of traveller somebody is.
type traveller uint8

const (
	stays    traveller = iota
	tourist            // flies abroad now and then, few of them often
	byRail             // takes a train to another city of the country every three weeks
	business           // flies to the same place every week
)

// How often people travel. Residents of the EU of 15 years and more made 1.1 billion trips with a night away in 2022, 24.5 % of them abroad:
// 0.7 a person and year, and twice the share in the Netherlands (Eurostat, tour_dem_tttot). One in three goes abroad at all in a year (32 %,
// Eurostat 2016, tour_dem_toage), so those who go do so twice, some far more often. In the bank's part of Europe more people go: the figures
// here make 1.0 trip a customer and year. A trip to another country of the EU takes 7.3 nights in the mean (Eurostat 2022, tour_dem_tnw).
const (
	shareTourists  = 0.45
	tripsYear      = 2.2 // of a tourist, in the mean; exponential, as many go once and few every month
	tripsYearLeast = 0.2
	stayDays       = 14 // at most; 7.5 in the mean

	// Trips for work are 9.3 % of all (Eurostat 2022): who flies every week is rare.
	shareBusiness = 0.003

	// Domestic trips, 2.2 a person and year by the same figures; all go by train here, which is hardest: people are online in it.
	shareRail   = 0.1
	railEveryMS = 21 * dayMS
)

// Ways of travelling; plausible, not measured.
const (
	shareNotice   = 0.15 // of the trips are told to the bank before
	shareRoaming  = 0.7
	shareLocalSIM = 0.2 // the others take a travel eSIM

	airportMS = 5 * hourMS // ways and waiting on both ends
	stationMS = hourMS
	cruiseKMH = 750
	trainKMH  = 130
	yearMS    = 365 * dayMS
)

func (b *Bank) drawTraveller(c *customer) {
	switch x := c.rng.Float64(); {
	case x < shareTourists:
		c.travels = tourist
		c.tripsYear = max(tripsYearLeast, c.rng.ExpFloat64()*tripsYear)
	case x < shareTourists+shareRail:
		if len(b.domestic(c.home)) > 1 {
			c.travels = byRail
		}
	case x < shareTourists+shareRail+shareBusiness:
		c.travels = business
		c.client = b.elsewhere(c, homePlaces())
	}
}

func (b *Bank) domestic(city int32) []int {
	var list []int
	for i := range internet.Cities {
		if internet.Cities[i].Country == internet.Cities[city].Country {
			list = append(list, i)
		}
	}
	return list
}

func (b *Bank) elsewhere(c *customer, cities []int) int32 {
	for {
		if city := int32(pick(c.rng, cities)); city != c.home {
			return city
		}
	}
}

// planTrip draws the next trip; at the beginning of the world somebody may be away already. A journey takes its
// distance at the speed of its vehicle and the ways and waiting, so that none is faster than a plane.
func (b *Bank) planTrip(c *customer, first bool) {
	var t trip
	switch c.travels {
	case stays:
		return
	case tourist:
		t = b.holiday(c, first)
	case byRail:
		t = trip{mode: byTrain, city: b.elsewhere(c, b.domestic(c.home)), leave: b.nowMS + int64(c.rng.ExpFloat64()*railEveryMS)}
		t.leaveBack = between(c.rng, 6, 48) * hourMS
	case business:
		t = trip{city: c.client, leave: b.nextMonday(c) + between(c.rng, 5, 9)*hourMS}
		t.leaveBack = between(c.rng, 56, 84) * hourMS
	}
	way := int64(apartKM(c.home, t.city)/cruiseKMH*hourMS) + airportMS
	if t.mode == byTrain {
		way = int64(apartKM(c.home, t.city)/trainKMH*hourMS) + stationMS
	}
	t.arrive = t.leave + way
	t.leaveBack += t.arrive
	t.arriveAtHome = t.leaveBack + way
	b.drawSIM(c, &t)
	if chance(c.rng, shareNotice) {
		t.noticeMS = t.leave - between(c.rng, 1, 96)*hourMS
	}
	c.trip = t
}

// holiday is a flight to anywhere; leaveBack is how long she stays.
func (b *Bank) holiday(c *customer, first bool) trip {
	wait := int64(c.rng.ExpFloat64() * yearMS / c.tripsYear)
	stay := between(c.rng, 1, stayDays) * dayMS
	if first {
		wait -= stay
	}
	all := make([]int, len(internet.Cities))
	for i := range all {
		all[i] = i
	}
	return trip{city: b.elsewhere(c, all), leave: b.nowMS + wait, leaveBack: stay}
}

func (b *Bank) nextMonday(c *customer) int64 {
	day := localMS(c.home, b.nowMS) / dayMS
	return (day+1+(10-(day+4)%7)%7)*dayMS + b.nowMS - localMS(c.home, b.nowMS)
}

func (b *Bank) drawSIM(c *customer, t *trip) {
	switch x := c.rng.Float64(); {
	case x < shareRoaming:
		t.sim = roaming
	case x < shareRoaming+shareLocalSIM:
		t.sim = localSIM
	default:
		t.sim, t.esimCity = foreignESIM, int32(pick(c.rng, b.net.All(internet.VPN)))
		t.esimCity = int32(b.net.Networks[t.esimCity].Site) // where much traffic breaks out
	}
}

func (t *trip) away(atMS int64) bool { return t.arrive != 0 && atMS >= t.arrive && atMS < t.leaveBack }

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

func (t *trip) underway(atMS int64) bool { return t.lands(atMS) != 0 }

// progress is the share of the way out that lies behind her: 0 at home, 1 there.
func (t *trip) progress(atMS int64) float64 {
	switch {
	case t.arrive == 0 || atMS < t.leave || atMS >= t.arriveAtHome:
		return 0
	case atMS < t.arrive:
		return float64(atMS-t.leave) / float64(t.arrive-t.leave)
	case atMS < t.leaveBack:
		return 1
	}
	return float64(t.arriveAtHome-atMS) / float64(t.arriveAtHome-t.leaveBack)
}

// flying says whether she sits in a plane; the ways to it and from it count.
func (c *customer) flying(atMS int64) bool { return c.trip.mode == byPlane && c.trip.underway(atMS) }

// place is the city in which a customer is, or the nearer one while she is underway.
func (c *customer) place(atMS int64) int32 {
	switch {
	case c.trip.progress(atMS) >= 0.5:
		return c.trip.city
	case c.commute(atMS) >= 0.5:
		return c.work
	}
	return c.home
}

// where is where a customer truly is, in degrees: on the straight line of the map while she is underway.
func (c *customer) where(atMS int64) (lat, lon float64) {
	share, there := c.trip.progress(atMS), c.trip.city
	if share == 0 {
		share, there = c.commute(atMS), c.work
	}
	x, y := &internet.Cities[c.home], &internet.Cities[there]
	return x.Lat + share*(y.Lat-x.Lat), x.Lon + share*(y.Lon-x.Lon)
}

func cityPlace(city int32) [2]float64 {
	return [2]float64{internet.Cities[city].Lat, internet.Cities[city].Lon}
}
