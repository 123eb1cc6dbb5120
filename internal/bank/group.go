package bank

import (
	"math/rand/v2"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// group is the shared network that a customer lives behind, where Config.SharedNetworks asks for them.
type group uint8

const (
	ungrouped group = iota // the population has no groups
	ordinary               // behind no shared network: a line and an address of her own
	behindSASE
	behindVPN
	behindCGNAT
	behindRelay
	behindOffice
	behindDualStack
	numGroups = iota
)

// Others is the group of the customers who live behind no shared network.
const Others = "others"

var groupNames = [numGroups]string{"", Others, "sase", "company-vpn", "cgnat", "relay", "office", "dual-stack"}

func (g group) String() string { return groupNames[g] }

// sharedGroups is how the customers behind shared networks divide among them; plausible, not measured.
var sharedGroups = []struct {
	group group
	share float64
}{{behindSASE, 0.2}, {behindVPN, 0.1}, {behindCGNAT, 0.25}, {behindRelay, 0.15}, {behindOffice, 0.15}, {behindDualStack, 0.15}}

// askGroup is the question to a customer's seed that decides her group; the others' are times and days.
const askGroup = 1 << 62

// enrol decides behind what a customer lives. A household has one answer: it shares the line.
func (b *Bank) enrol(c *customer) {
	x := c.seed.roll(askGroup)
	switch {
	case b.cfg.SharedNetworks == 0:
		return
	case c.partner != nil:
		c.group = c.partner.group
		return
	case x >= b.cfg.SharedNetworks:
		c.group = ordinary
		return
	}
	x /= b.cfg.SharedNetworks
	c.group = behindDualStack
	for _, g := range sharedGroups {
		if x -= g.share; x < 0 {
			c.group = g.group
			return
		}
	}
}

// join gives a customer the networks and devices of her group. Who lives behind a shared network keeps all else that the default population
// has; the ordinary have none of it.
func (b *Bank) join(c *customer) {
	switch c.group {
	case ordinary:
		c.livePlainly()
	case behindSASE:
		b.joinSASE(c)
	case behindVPN:
		b.joinCompanyVPN(c)
	case behindCGNAT:
		c.usePhone()
	case behindRelay:
		b.joinRelay(c)
	case behindOffice:
		b.joinOffice(c)
	case behindDualStack:
		b.joinDualStack(c)
	}
}

// livePlainly takes away what is shared: the office's and the employer's exits, the relay, and the second address family.
func (c *customer) livePlainly() {
	c.homeLine.v6, c.homeLine.network6 = "", c.homeLine.network
	c.relay, c.office, c.employer, c.gateway, c.work = false, nil, nil, 0, c.home
	kept := c.devices[:0]
	for _, d := range c.devices {
		d.work = false
		if d.cloud == nil {
			kept = append(kept, d)
		}
	}
	c.devices = kept
}

// How the groups live; plausible, not measured. What a bank calls its customers behind a gateway are the people of many companies.
const (
	perCompany        = 30   // customers of one company behind a gateway or a VPN, in the mean; some have many more
	shareManaged      = 0.7  // of the companies' computers are alike: make of the browser, its version, the system and the screen
	perCentralOffice  = 48   // customers behind one exit of a company with many branches
	weightOfWork      = 6.0  // of the employer's computer, see device.weight
	shareAlternates   = 0.2  // of the companies let traffic out at two points of presence in turns
	shareBackhauls    = 0.1  // of them send all to the point of presence of the head office
	shareOtherInTurns = 0.4  // of the connections of those that take turns
	shareCloudEdge    = 0.4  // of the companies have a gateway in a cloud, which databases call hosting
	shareRentedExit   = 0.5  // of the companies' VPNs come out on a server rented from a provider
	shareGroupDialIn  = 0.85 // of the sessions of who works remotely
	shareGroupCell    = 0.8  // of a phone's sessions, of who lives on cellular
	shareGroupFar     = 0.4  // of their attachments go through a far gateway
	handoversOfGroup  = 5    // times as many as others have
	shareDSLite       = 0.4  // of the dual-stack households reach v4 through the operator's shared translator (RFC 6333)
	perTranslator     = 200  // addresses of a translator
)

// company is one employer's way to the internet, the same for all of its people.
type company struct {
	seed seed
	hq   int32 // city
}

// fills is how many companies of a size the customers of a group fill.
func (b *Bank) fills(g group, size int) int {
	for _, s := range sharedGroups {
		if s.group == g {
			return max(1, int(b.cfg.SharedNetworks*s.share*float64(b.cfg.Users))/size)
		}
	}
	return 1
}

// companyOf draws one of the companies of a customer's group.
func (b *Bank) companyOf(c *customer) company {
	x := c.rng.Float64()
	n := int(x * x * float64(b.fills(c.group, perCompany))) // a quarter of the customers in the first sixteenth of the companies
	k := seed(scatter(uint64(c.group)<<32 + uint64(n)))
	homes := homePlaces()
	return company{k, int32(homes[int(k.roll(0)*float64(len(homes)))])}
}

// workComputer gives a customer the computer on which she mostly works.
func (b *Bank) workComputer(c *customer, firm seed) {
	m := choose(c.rng, computers)
	d := device{family: m.family, platform: m.platform, screen: pick(c.rng, computerScreens)}
	if chance(c.rng, shareManaged) {
		managed := rand.New(rand.NewPCG(uint64(firm), 0))
		d = device{family: pick(managed, []family{chrome, edge}), platform: windows, screen: pick(managed, computerScreens), seed: firm, system: drawSystem(managed, windows)}
	}
	d.work, d.portable, d.weight = true, true, weightOfWork
	b.add(c, d)
}

// joinSASE sends the work computer's traffic through the company's secure web gateway, at home and on the road (C2).
func (b *Bank) joinSASE(c *customer) {
	firm := b.companyOf(c)
	b.workComputer(c, firm.seed)
	kind := internet.Gateway
	if firm.seed.roll(1) < shareCloudEdge {
		kind = internet.CloudEdge
	}
	vendors := b.net.All(kind)
	c.gateway = b.net.Networks[vendors[int(firm.seed.roll(2)*float64(len(vendors)))]].ASN
	c.employer = nil
	switch x := firm.seed.roll(3); {
	case x < shareAlternates:
		c.otherPOP = shareOtherInTurns
	case x < shareAlternates+shareBackhauls:
		c.backhaul = &firm.hq
	}
}

// joinCompanyVPN lets the work computer dial in to a company whose only exit is an address at an ordinary provider (C1).
func (b *Bank) joinCompanyVPN(c *customer) {
	firm := b.companyOf(c)
	b.workComputer(c, firm.seed)
	networks, i := b.net.In(int(firm.hq), internet.Office), 1500+uint32(firm.seed.roll(4)*400)
	if firm.seed.roll(1) < shareRentedExit {
		networks, i = b.net.All(internet.Hosting), 11_000+uint32(firm.seed.roll(4)*900)
	}
	exit := b.line(networks[int(firm.seed.roll(5)*float64(len(networks)))], i, false)
	c.employer, c.office, c.gateway, c.work = &exit, nil, 0, c.home
}

// usePhone makes the phone what a customer does nearly everything with, mostly on cellular (C3, C6).
func (c *customer) usePhone() {
	for i := range c.devices {
		if c.devices[i].phone {
			c.devices[i].weight *= 4
		}
	}
}

// joinRelay gives a customer a Safari that goes through a private relay (C4). A third lets it tell the country only.
func (b *Bank) joinRelay(c *customer) {
	c.relay, c.relayWide = true, chance(c.rng, shareRelayWide)
	for i := range c.devices {
		if d := &c.devices[i]; d.family == safari {
			d.weight *= 4
			return
		}
	}
	b.add(c, device{family: safari, platform: macOS, screen: pick(c.rng, computerScreens), portable: true, weight: weightOfWork})
}

// joinOffice employs a customer in a branch of a company whose branches, all over the country, have one exit together.
func (b *Bank) joinOffice(c *customer) {
	cities := b.domestic(c.home)
	k := c.rng.IntN(b.officesOf(c.home))
	b.workComputer(c, seed(scatter(uint64(cities[0])<<40+uint64(k))))
	networks := b.net.In(cities[k%len(cities)], internet.Office)
	exit := b.through(b.line(networks[k%len(networks)], 1950+uint32(k)%90, false), c.homeLine)
	c.office, c.central, c.work, c.gateway, c.employer = &exit, true, c.home, 0, nil
}

// officesOf is how many companies with branches the customers of a city's country fill.
func (b *Bank) officesOf(city int32) int {
	places, here := homePlaces(), 0
	for _, p := range places {
		if internet.Cities[p].Country == internet.Cities[city].Country {
			here++
		}
	}
	return max(1, b.fills(behindOffice, 1)*here/len(places)/perCentralOffice)
}

// joinDualStack gives the household v6 and v4. Where v4 comes through the operator's translator, databases place it elsewhere than v6 (C5).
func (b *Bank) joinDualStack(c *customer) {
	if c.partner != nil && c.partner.n < c.n {
		c.homeLine = c.partner.homeLine
		return
	}
	lines := b.net.In(int(c.home), internet.Home)
	household := c.homeLine.household
	if b.net.Networks[c.homeLine.network].Kind == internet.Home {
		lines = []int{int(c.homeLine.network)}
	}
	line := pick(c.rng, lines)
	c.homeLine, c.lineOdd = b.line(line, c.n, true), 0
	if chance(c.rng, shareDSLite) {
		all := b.net.Operator(b.net.Networks[line].ASN)
		n := pick(c.rng, all)
		c.homeLine.network, c.homeLine.v4 = int32(n), b.net.Networks[n].Addr4(uint32(c.rng.IntN(perTranslator))).String()
	}
	c.homeLine.household = household
}
