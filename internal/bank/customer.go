package bank

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// customer is a person. What she is like is drawn once, from her own stream.
type customer struct {
	n         uint32
	id        string
	segment   string
	rng       *rand.Rand
	seed      seed
	home      int32 // index into internet.Cities
	homeLine  access
	lineOdd   Cause // what is odd about that line
	carrier   int32 // which of the country's two
	office    *access
	work      int32   // the office's city; home for who has none
	employer  *access // where her work computer's VPN comes out, nil for none
	gateway   uint32  // AS number of the secure web gateway on her work computer, 0 for none
	vpn       int32   // a network of kind VPN, or -1
	relay     bool    // her Safari goes through a private relay
	partner   *customer
	group     group   // behind which shared network she lives
	otherPOP  float64 // of her gateway's connections go to the next point of presence; 0: as with most
	backhaul  *int32  // the city to whose point of presence her company sends all, nil: the nearest
	relayWide bool    // her relay tells the country only
	central   bool    // her office goes out at the head office's exit
	devices   []device
	habit     *habit
	shifts    bool    // her habit changes every week
	perDay    float64 // sessions
	spending  float64 // her amounts over the median customer's
	travels   traveller
	tripsYear float64 // of a tourist: how often she flies
	client    int32   // the city to which a business traveller flies
	trip      trip
	open      []*session
	ended     string // the session that ended last
	events    uint64 // published, for their ids

	newPhoneMS int64 // when she buys the next one
	boughtMS   int64 // the last one, 0 for none in this world
}

// Shares of the population. Where no source is named they are plausible, not measured.
const (
	shareRetail    = 0.92  // the others are small businesses
	shareVPN       = 0.06  // have a commercial VPN
	shareOwnVPN    = 0.05  // of them run it themselves, on a rented server
	shareRelay     = 0.12  // have a private relay; it needs a paid plan
	shareDualStack = 0.6   // households with v6; Google's IPv6 statistics show 30 to 75 % in these countries
	shareTunnel    = 0.006 // of the households without v6 have it through a tunnel
	shareSatellite = 0.006 // of the households; Starlink tells of few customers in this region
	shareBoth      = 0.04  // of the visits are made on two devices at once
	shareInFlight  = 0.12  // of the visits that fall into a flight are made there

	phoneLifeMS = 36 * 30 * dayMS // mean; about three years (Counterpoint, replacement cycle 2023)
)

func (b *Bank) populate() {
	places := homePlaces()
	offices := b.offices(len(places))
	b.customers = make([]customer, b.cfg.Users)
	for i := range b.customers {
		c := &b.customers[i]
		*c = customer{n: uint32(i), id: fmt.Sprintf("u-%05d", i), segment: "retail", rng: b.stream(streamCustomer, uint64(i)), vpn: -1}
		c.seed = newSeed(c.rng)
		c.home = int32(pick(c.rng, places))
		if i > 0 {
			b.pair(c, &b.customers[i-1])
		}
		b.enrol(c)
		b.settle(c)
		b.employ(c, offices)
		b.equip(c)
		b.join(c)
		b.occupy(c)
	}
}

// settle gives a customer her lines.
func (b *Bank) settle(c *customer) {
	if !chance(c.rng, shareRetail) {
		c.segment = "business"
	}
	if c.partner == nil {
		b.wire(c)
	} else {
		c.homeLine, c.lineOdd = c.partner.homeLine, c.partner.lineOdd
	}
	c.carrier = int32(c.rng.IntN(2))
	if chance(c.rng, shareVPN) {
		c.vpn = int32(pick(c.rng, b.net.All(internet.VPN)))
		if chance(c.rng, shareOwnVPN) {
			c.vpn = int32(pick(c.rng, b.net.All(internet.Hosting)))
		}
	}
	c.relay = chance(c.rng, shareRelay)
}

// wire gives a household its line.
func (b *Bank) wire(c *customer) {
	line := pick(c.rng, b.net.In(int(c.home), internet.Home))
	if chance(c.rng, shareSatellite) {
		stations := b.net.Operator(b.net.Networks[b.net.All(internet.Satellite)[0]].ASN)
		line, c.lineOdd = pick(c.rng, stations), CauseSatellite
	}
	c.homeLine = b.line(line, c.n, chance(c.rng, shareDualStack))
	c.homeLine.household = newSeed(c.rng)
	if c.homeLine.v6 == "" && chance(c.rng, shareTunnel) {
		t := b.nearestOf(b.net.All(internet.Tunnel), c.home)
		c.homeLine.network6, c.homeLine.v6 = int32(t), b.net.Networks[t].Addr6(c.n, 2).String()
	}
}

// occupy draws what fills a customer's days.
func (b *Bank) occupy(c *customer) {
	c.habit, c.shifts = pick(c.rng, habitChoices), chance(c.rng, shareShifts)
	c.perDay = min(6, 0.8*math.Exp(0.7*c.rng.NormFloat64()))
	c.spending = math.Exp(0.5 * c.rng.NormFloat64())
	c.newPhoneMS = b.nowMS + int64(c.rng.ExpFloat64()*float64(phoneLifeMS))
	b.drawTraveller(c)
	b.planTrip(c, true)
	b.agenda.add(b.nextVisit(c, b.nowMS), c)
	b.consent(c)
	b.carry(c)
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

// act begins a visit and plans the next one. In the air only few are online.
func (c *customer) act(b *Bank) {
	if c.trip.arrive != 0 && b.nowMS >= c.trip.arriveAtHome {
		b.planTrip(c, false)
	}
	if c.flying(b.nowMS) && !chance(c.rng, shareInFlight) {
		b.agenda.add(c.trip.lands(b.nowMS)+between(c.rng, 20, 180)*60_000, c)
		return
	}
	if b.nowMS >= c.newPhoneMS && len(c.open) == 0 {
		b.buyPhone(c)
	}
	d := b.deviceFor(c)
	b.begin(c, d)
	if other := &c.devices[c.rng.IntN(len(c.devices))]; other != d && other.portable && chance(c.rng, shareBoth) {
		b.in(between(c.rng, 10_000, 90_000), &relogin{c, other})
	}
	b.agenda.add(b.nextVisit(c, b.nowMS+60_000), c)
	if chance(c.rng, shareSupport) {
		b.agenda.add(b.nowMS+between(c.rng, 2, 30)*60_000, &call{c: c})
	}
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
