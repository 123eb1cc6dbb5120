package bank

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// fleet is one operator with the cookies of many customers, as stealers' logs are sold by the hundred. He loads one after the other into the
// same browser behind the same exit, keeps the sessions alive while he sorts them, and comes back for the money.
type fleet struct {
	kind   AttackKind
	how    attack // of each theft; as the table has it, and with this operator's prey and equipment
	id     string
	rng    *rand.Rand
	exit   exit
	key    agentKey
	client client
	jars   bool // he brings the victims' device cookies along
	match  bool // he has chosen the cookies of browsers like his own, of one country
	land   string
	vain   int // visits that he waited for in vain
	size   int
	taken  int
	gapMS  int64
	begun  bool

	neighbours []*customer // who use the exit as well
}

// exit is the /24 of a network through which an operator comes.
type exit struct {
	network int
	slot    uint32 // which /24 of it
	prefix  string // "192.0.2."
}

// How fleets go; plausible, not measured.
const (
	fleetBystanders = 12  // customers who use the exit as well
	shareJars       = 0.5 // of the operators import the whole cookie jar, with the bank's device cookie in it
	vainMost        = 300 // visits that one who sorts his logs waits for in vain; then he takes others as well
	shareDenied     = 0.15
)

// newFleet plans a fleet: its exit, and the customers who have their own reasons to come out there, from the world's beginning on.
func (b *Bank) newFleet(k AttackKind, id string, r *rand.Rand) *fleet {
	f := &fleet{kind: k, how: attackTable[k], id: id, rng: r, match: attackTable[k].match, jars: chance(r, shareJars)}
	f.size = int(between(r, f.how.fleet[0], f.how.fleet[1]))
	f.gapMS = between(r, 60, 100) * 60_000 / int64(f.size)
	if f.size < 10 {
		f.gapMS = between(r, 3, 7) * 60_000
	}
	city := pick(r, homePlaces())
	f.exit, f.land = b.ownExit(r, city), internet.Cities[city].Country
	f.key = pick(r, []agentKey{{family: chrome, platform: windows}, {family: chrome, platform: windows}, {family: edge, platform: windows}})
	place := internet.Cities[b.net.Networks[f.exit.network].Site]
	f.client = client{language: "en-US,en;q=0.9", timezone: place.Timezone, screen: "1920x1080", deviceID: "dev-" + token(r, 10)}
	if f.match {
		f.client.language, f.client.timezone = internet.Cities[city].Language, internet.Cities[city].Timezone
	}
	f.how.prey, f.how.device, f.how.equip = f.wants, f.serves, f.equip
	b.recruit(f)
	return f
}

// ownExit is one that no other fleet has, where there is one.
func (b *Bank) ownExit(r *rand.Rand, city int) exit {
	x := b.drawExit(r, city)
	for range 64 {
		if !slices.Contains(b.exits, x) {
			break
		}
		x = b.drawExit(r, city)
	}
	b.exits = append(b.exits, x)
	return x
}

// drawExit takes a /24 of a hosting provider, of a VPN, of households that databases know to be sold on, or of some that they do not.
func (b *Bank) drawExit(r *rand.Rand, city int) exit {
	x := exit{}
	switch r.IntN(4) {
	case 0:
		x.network, x.slot = pick(r, b.net.All(internet.Hosting)), ownServers/256
	case 1:
		x.network = pick(r, b.net.All(internet.VPN))
	case 2:
		x.network = pick(r, b.net.In(city, internet.ResidentialProxy))
	default:
		x.network, x.slot = pick(r, b.net.In(city, internet.Home)), 200
	}
	first := b.net.Networks[x.network].Addr4(x.slot * 256).String()
	x.prefix = first[:strings.LastIndexByte(first, '.')+1]
	return x
}

// line is an access at one of the exit's addresses, from 1 to 254.
func (b *Bank) lineAt(x exit, octet uint32) access {
	return b.line(x.network, x.slot*256+octet-1, false)
}

func (f *fleet) serves(d *device) bool {
	return onComputer(d) && (!f.match || d.family == f.key.family && d.platform == f.key.platform)
}

// wants a session of somebody who does not log out, and who did not begin behind the exit.
func (f *fleet) wants(_ *Bank, s *session) bool {
	return !s.logout && int(s.access.network) != f.exit.network && f.suits(s.c, s.version)
}

func (f *fleet) suits(c *customer, version int) bool {
	return !f.match || version == f.key.version && internet.Cities[c.home].Country == f.land
}

// invite makes a customer open the bank whose cookie suits, nil when none was found.
func (f *fleet) invite(b *Bank, p *plan) *session {
	for range 200 {
		c, d := b.somebody(p)
		if d == nil || !f.suits(c, d.running(b.nowMS)) {
			continue
		}
		s := b.open(c, d)
		s.logout, s.left, s.aal = false, max(s.left, 12), 2
		if p.wants(b, s) {
			return s
		}
	}
	if f.vain++; f.vain > vainMost {
		f.match = false
	}
	return nil
}

// equip gives a theft the operator's browser, and another address of his exit.
func (f *fleet) equip(b *Bank, t *thief) {
	t.access = b.lineAt(f.exit, uint32(between(t.rng, 1, 250)))
	t.access.rttMS += between(t.rng, 20, 90)
	t.client = f.client
	if f.jars {
		t.client.deviceID = t.s.client.deviceID
	}
	if chance(t.rng, f.how.denied) {
		t.loot, t.left = []*operation{&stealContact}, int(between(t.rng, 1, 2))
	}
}

// act steals one cookie more.
func (f *fleet) act(b *Bank) {
	if !f.begun {
		f.begin(b)
	}
	p := &plan{kind: f.kind, how: &f.how, id: fmt.Sprintf("%s-%d", f.id, f.taken+1), campaign: f.id, rng: f.rng}
	s := b.victim(p)
	if s == nil {
		s = f.invite(b, p)
	}
	if s == nil {
		b.in(between(f.rng, 2_000, 10_000), f)
		return
	}
	t := b.newThief(p, s)
	b.in(t.firstDelay(), t)
	if f.taken++; f.taken < f.size {
		b.in(f.gapMS/2+f.rng.Int64N(f.gapMS), f)
	}
}

func (f *fleet) begin(b *Bank) {
	f.begun = true
	f.key.version = released(f.key.family, b.nowMS)
	f.client.agent = b.agent(f.key)
	b.fleets = append(b.fleets, f)
	b.gather(f)
}

// stealContact is what the bank asks a step-up for: the customer's phone asks her, and she denies it.
var stealContact = operation{"contact.update", "critical", "contact", "/profile/contact", 0, 0, ""}

// deny is the customer who is asked on her phone for what she did not do. Who has no app gets a code that the thief does not have.
func (b *Bank) deny(t *thief) {
	for i := range t.s.c.devices {
		if d := &t.s.c.devices[i]; d.family == bankApp {
			b.answerOnPhone(t.s, d, "failure", "denied")
			return
		}
	}
	t.say(b, event{kind: "auth.reauthenticated", method: "POST", path: "/step-up", outcome: "failure", reason: "wrong code", label: Label{Request: true}})
}

// besideOf is the fleet through whose exit an honest event came as well, "" for none.
func (b *Bank) besideOf(e *event, ip string) string {
	for _, f := range b.fleets {
		if e.access != nil && int(e.access.network) == f.exit.network && strings.HasPrefix(ip, f.exit.prefix) {
			return f.id
		}
	}
	return ""
}
