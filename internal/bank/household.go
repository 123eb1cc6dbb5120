package bank

import "github.com/sessionguard/sessionguard/internal/bank/internet"

// Households with two customers, and machines that many use (C17). The shares are plausible, not measured.
const (
	sharePartner = 0.35  // of the customers live with the customer before
	shareShared  = 0.5   // of these households share a computer or a tablet
	shareKiosk   = 0.004 // of the visits at home are made on a terminal in a branch or a library
)

// pair lets a customer live with another.
func (b *Bank) pair(c, other *customer) {
	if other.partner == nil && chance(c.rng, sharePartner) {
		c.partner, other.partner = other, c
		c.home = other.home
	}
}

// share lets a customer use her partner's computer or tablet: one browser, one device id, her own sessions.
func (b *Bank) share(c *customer) {
	if !chance(c.rng, shareShared) {
		return
	}
	for i := range c.partner.devices {
		d := &c.partner.devices[i]
		if d.phone || d.work || d.cloud != nil || d.family == bankApp {
			continue
		}
		d.shared = true
		d.portable = false // it stays where both find it
		c.devices = append(c.devices, *d)
		return
	}
}

// installKiosks puts a terminal into every city: one browser for everybody, one device id.
func (b *Bank) installKiosks() []device {
	list := make([]device, len(internet.Cities))
	for i := range list {
		r := b.stream(streamKiosk, uint64(i))
		list[i] = device{id: "dev-" + token(r, 10), seed: newSeed(r), family: edge, platform: windows, screen: "1920x1080", language: internet.Cities[i].Language, kiosk: true, shared: true}
	}
	return list
}
