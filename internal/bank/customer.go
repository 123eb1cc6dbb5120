package bank

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// customer is a person. What she is like is drawn once, from her own stream.
type customer struct {
	n        uint32
	id       string
	segment  string
	rng      *rand.Rand
	home     int32 // index into internet.Cities
	homeLine access
	carrier  int32 // which of the city's mobile networks
	office   *access
	vpn      int32 // a network of kind VPN, or -1
	devices  []device
	habit    *habit
	perDay   float64 // sessions
	spending float64 // her amounts over the median customer's
	trip     trip
	open     []*session
	ended    string // the session that ended last
	events   uint64 // published, for their ids
}

// Shares of the population. Where no source is named they are plausible, not measured.
const (
	shareRetail    = 0.92 // the others are small businesses
	shareVPN       = 0.06 // have a commercial VPN
	shareOffice    = 0.45 // work in an office with shared exit
	shareDualStack = 0.6  // households with v6; Google's IPv6 statistics show 30 to 75 % in these countries
	perOffice      = 40   // customers of one office
)

func (b *Bank) populate() {
	places := homePlaces()
	offices := b.offices(len(places))
	b.customers = make([]customer, b.cfg.Users)
	for i := range b.customers {
		c := &b.customers[i]
		*c = customer{n: uint32(i), id: fmt.Sprintf("u-%05d", i), segment: "retail", rng: b.stream(streamCustomer, uint64(i)), vpn: -1}
		c.home = int32(pick(c.rng, places))
		b.settle(c, offices)
		b.equip(c)
		c.habit = pick(c.rng, habitChoices)
		c.perDay = min(6, 0.8*math.Exp(0.7*c.rng.NormFloat64()))
		c.spending = math.Exp(0.5 * c.rng.NormFloat64())
		b.planTrip(c, true)
		b.agenda.add(b.nextVisit(c, b.nowMS), c)
	}
}

// homePlaces holds each city as often as its share of customers asks.
func homePlaces() []int {
	var list []int
	for i, c := range internet.Cities {
		for range c.Customers {
			list = append(list, i)
		}
	}
	return list
}

// offices gives each city as many as its customers fill; total is the sum of the cities' shares.
func (b *Bank) offices(total int) [][]access {
	list := make([][]access, len(internet.Cities))
	for i, city := range internet.Cities {
		workers := shareOffice * float64(b.cfg.Users*city.Customers) / float64(total)
		network := b.net.In(i, internet.Office)[0]
		for n := range min(2000, 1+int(workers/perOffice)) {
			list[i] = append(list[i], b.line(network, uint32(n), false))
		}
	}
	return list
}

// settle gives a customer her lines.
func (b *Bank) settle(c *customer, offices [][]access) {
	if !chance(c.rng, shareRetail) {
		c.segment = "business"
	}
	line := pick(c.rng, b.net.In(int(c.home), internet.Home))
	c.homeLine = b.line(line, c.n, chance(c.rng, shareDualStack))
	c.carrier = int32(c.rng.IntN(2))
	if chance(c.rng, shareVPN) {
		c.vpn = int32(pick(c.rng, b.net.All(internet.VPN)))
	}
	if !chance(c.rng, shareOffice) {
		return
	}
	nearby := offices[c.home]
	c.office = &nearby[c.rng.IntN(len(nearby))]
}

// act begins a visit and plans the next one. In the air nobody is online.
func (c *customer) act(b *Bank) {
	if c.trip.arrive != 0 && b.nowMS >= c.trip.arriveAtHome {
		b.planTrip(c, false)
	}
	if lands := c.trip.lands(b.nowMS); lands != 0 {
		b.agenda.add(lands+between(c.rng, 20, 180)*60_000, c)
		return
	}
	if d := c.choose(c.trip.away(b.nowMS)); d != nil {
		b.begin(c, d)
	}
	b.agenda.add(b.nextVisit(c, b.nowMS+60_000), c)
}

// drop takes a session that ended out of the customer's open ones.
func (c *customer) drop(s *session) {
	for i, o := range c.open {
		if o == s {
			last := len(c.open) - 1
			c.open[i], c.open[last] = c.open[last], nil
			c.open = c.open[:last]
			return
		}
	}
}
