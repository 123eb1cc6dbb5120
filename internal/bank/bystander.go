package bank

import "github.com/sessionguard/sessionguard/internal/bank/internet"

// bystander is a customer who comes out where a fleet's operator does, with a client of her own: she has the same VPN, a server at the same
// provider, or a line in the same prefix.
type bystander struct {
	c       *customer
	f       *fleet
	late    bool // she switches the VPN on in the session, as the thief's exit comes into it
	switchS *session
}

// recruit finds customers who use a fleet's exit, half of them with a browser like the operator's. They do so from the world's beginning on,
// and open the bank while the fleet is underway.
func (b *Bank) recruit(f *fleet) {
	fixed := b.net.Networks[f.exit.network].Kind == internet.Home || b.net.Networks[f.exit.network].Kind == internet.ResidentialProxy
	for n, tries := 0, 0; n < fleetBystanders && tries < 4000; tries++ {
		c := &b.customers[f.rng.IntN(len(b.customers))]
		d := c.computer()
		switch {
		case d == nil || c.vpn >= 0 || n%2 == 0 && tries < 2000 && (d.family != f.key.family || d.platform != f.key.platform):
			continue
		case fixed && (c.partner != nil || int(c.home) != b.net.Networks[f.exit.network].Site):
			continue
		case b.net.Networks[f.exit.network].Kind == internet.Hosting && (ownServers+1+c.n%ownServerCount)/256 != f.exit.slot:
			continue
		case fixed:
			b.moveInto(c, f.exit, uint32(n+1))
		default:
			c.vpn = int32(f.exit.network)
		}
		f.neighbours = append(f.neighbours, c)
		n++
	}
}

// computer is a customer's own computer, nil for none.
func (c *customer) computer() *device {
	for i := range c.devices {
		if d := &c.devices[i]; onComputer(d) && d.cloud == nil && !d.shared && !d.work {
			return d
		}
	}
	return nil
}

// moveInto gives a customer a line of the exit's prefix whose address stays.
func (b *Bank) moveInto(c *customer, x exit, octet uint32) {
	c.homeLine, c.lineOdd = b.lineAt(x, octet), 0
	for c.homeLine.household.roll(0) < shareDaily+shareMonthly {
		c.homeLine.household = newSeed(c.rng)
	}
}

// gather lets a fleet's neighbours open the bank while it is underway, some more than once.
func (b *Bank) gather(f *fleet) {
	window := f.gapMS * int64(f.size)
	for _, c := range f.neighbours {
		for range between(f.rng, 1, 3) {
			b.in(f.rng.Int64N(window), &bystander{c: c, f: f, late: chance(f.rng, 0.4)})
		}
	}
}

func (y *bystander) act(b *Bank) {
	c := y.c
	d := c.computer()
	switch {
	case y.switchS != nil:
		y.switchOn(b)
		return
	case d == nil || c.trip.away(b.nowMS) || c.trip.lands(b.nowMS) != 0 || c.atOffice(b.nowMS):
		return
	}
	s := b.newSession(c, d)
	s.left = max(s.left, 6)
	s.via = direct
	if c.vpn == int32(y.f.exit.network) && !y.late {
		s.via = viaVPN
	}
	b.reach(s)
	b.login(s)
	if c.vpn == int32(y.f.exit.network) && y.late {
		y.switchS = s
		b.in(between(c.rng, 5_000, 40_000), y)
	}
}

// switchOn takes a session that began on the customer's own line to the exit.
func (y *bystander) switchOn(b *Bank) {
	s := y.switchS
	if s.ended() || s.c.flying(b.nowMS) {
		return
	}
	s.causes |= CauseVPN
	s.via = viaVPN
	b.reach(s)
	s.ip = ""
}
