package bank

import "github.com/sessionguard/sessionguard/internal/bank/internet"

// Work. Commuters across a border live in one of two cities with a bridge between them (about 20,000 cross the Øresund
// every day, Øresundsinstituttet 2024); the other shares are plausible, not measured.
const (
	shareOffice  = 0.45 // work in an office with shared exit
	perOffice    = 40   // customers of one office
	shareAtWork  = 0.7  // of the working days are spent there
	shareBorder  = 0.12 // of who lives at a border works beyond it
	shareGateway = 0.1  // of the office workers' computers are sent through a secure web gateway
	shareCloudPC = 0.03 // of the office workers have a desktop in a hosting network, in the data centre next to the office, as Microsoft advises (Azure Cloud Adoption Framework, select regions)
	shareDialIn  = 0.4  // of the work computers without a gateway have the employer's VPN
	shareHQ      = 0.3  // of these come out at the head office, in the capital

	dayBeginsHour, dayEndsHour = 9, 17
	commuteMS                  = hourMS
)

// neighbours are cities so close that people work across the border between them.
var neighbours = [][2]string{{"Malmö", "Copenhagen"}}

// offices gives each city as many as its customers fill; total is the sum of the cities' shares.
func (b *Bank) offices(total int) [][]access {
	list := make([][]access, len(internet.Cities))
	for i, city := range internet.Cities {
		workers := shareOffice * float64(b.cfg.Users*city.Customers) / float64(total)
		networks := b.net.In(i, internet.Office)
		for n := range min(1400, 1+int(workers/perOffice)) {
			list[i] = append(list[i], b.line(networks[n%len(networks)], uint32(n), false))
		}
	}
	return list
}

// employ gives a customer her work.
func (b *Bank) employ(c *customer, offices [][]access) {
	c.work = c.home
	if !chance(c.rng, shareOffice) {
		return
	}
	if n := neighbour(c.home); n >= 0 && chance(c.rng, shareBorder) {
		c.work = n
	}
	nearby := offices[c.work]
	c.office = &nearby[c.rng.IntN(len(nearby))]
}

// dialIn gives a work computer the employer's VPN.
func (b *Bank) dialIn(c *customer) {
	exit := *c.office
	if chance(c.rng, shareHQ) {
		capital := b.domestic(c.work)[0]
		networks := b.net.In(capital, internet.Office)
		exit = b.line(networks[0], 1410+uint32(c.office.network)%80, false)
	}
	c.employer = &exit
}

// dialInShare is the share of the work computer's sessions out of the office that go through the employer's VPN.
func (c *customer) dialInShare() float64 {
	if c.group == behindVPN {
		return shareGroupDialIn
	}
	return shareDialledIn
}

func neighbour(city int32) int32 {
	for _, pair := range neighbours {
		for i, name := range pair {
			if internet.Cities[city].Name == name {
				return cityNamed(pair[1-i])
			}
		}
	}
	return -1
}

func cityNamed(name string) int32 {
	for i := range internet.Cities {
		if internet.Cities[i].Name == name {
			return int32(i)
		}
	}
	return -1
}

// atOffice says whether she is at work: Monday to Friday, 9 to 17, on the days that she does not work at home. The day
// has one answer, so that nobody is in two places.
func (c *customer) atOffice(atMS int64) bool {
	local := localMS(c.home, atMS)
	hour := local / hourMS % 24
	return hour >= dayBeginsHour && hour < dayEndsHour && c.goesToWork(local/dayMS)
}

// goesToWork says it of a day, counted since 1970 in her own time.
func (c *customer) goesToWork(day int64) bool {
	weekday := (day + 4) % 7 // 1970-01-01 was a Thursday; 0 is Sunday
	return c.office != nil && weekday >= 1 && weekday <= 5 && c.seed.roll(uint64(day)) < shareAtWork
}

// commute is the share of the way to work, in another city, that lies behind her: 1 there, 0 at home.
func (c *customer) commute(atMS int64) float64 {
	local := localMS(c.home, atMS)
	if c.work == c.home || !c.goesToWork(local/dayMS) {
		return 0
	}
	begins, ends := local%dayMS-dayBeginsHour*hourMS, local%dayMS-dayEndsHour*hourMS
	switch {
	case begins < -commuteMS || ends > commuteMS:
		return 0
	case begins < 0:
		return 1 + float64(begins)/commuteMS
	case ends > 0:
		return 1 - float64(ends)/commuteMS
	}
	return 1
}
