package bank

import (
	"math/rand/v2"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// device is one client of a customer: a browser or the app on one machine.
type device struct {
	id       string
	family   family
	platform platform
	version  int
	model    string
	screen   string
	language string
	phone    bool
	portable bool
	weight   float64 // how often it is the one taken
	proofKey string  // thumbprint of the key that its sessions are bound to, "" for none
}

func (d *device) agentKey() agentKey {
	return agentKey{family: d.family, platform: d.platform, version: d.version, model: d.model}
}

// choice is a weighted line of the market.
type choice struct {
	weight   float64
	family   family
	platform platform
}

// The market, rounded from StatCounter Global Stats for Europe, 2025: browsers on computers and on phones.
var (
	computers = []choice{{52, chrome, windows}, {16, edge, windows}, {7, firefox, windows}, {11, safari, macOS}, {8, chrome, macOS}, {2, firefox, macOS}, {2, chrome, linux}, {2, firefox, linux}}
	droids    = []choice{{78, chrome, android}, {17, samsung, android}, {3, firefox, android}, {2, edge, android}}

	droidModels     = []string{"SM-S931B", "SM-A556B", "Pixel 9", "SM-S921B", "Pixel 8a", "CPH2695", "24129PN74G"}
	iPhoneModels    = []string{"iPhone17,3", "iPhone16,1", "iPhone15,4", "iPhone18,1"}
	droidScreens    = []string{"412x915", "384x832", "360x800"}
	iPhoneScreens   = []string{"393x852", "402x874", "390x844", "430x932"}
	computerScreens = []string{"1920x1080", "2560x1440", "1536x864", "1440x900", "1366x768"}
)

const (
	shareComputer = 0.72
	shareIPhone   = 0.5
	shareLaptop   = 0.7
	shareApp      = 0.7 // of the phones have the bank's app
	// Device-bound sessions: Chrome and Edge bind cookies on computers with a key store (W3C DBSC; on Windows first),
	// the app with a key in the phone's. The shares are plausible, not measured.
	shareBoundWindows = 0.5
	shareBoundMac     = 0.25
	shareBoundApp     = 0.9
	shareSkipped      = 0.01 // of the proofs are skipped: the key store was busy, or the refresh did not come through
)

func choose(r *rand.Rand, list []choice) choice {
	total := 0.0
	for _, c := range list {
		total += c.weight
	}
	x := r.Float64() * total
	for _, c := range list {
		if x -= c.weight; x < 0 {
			return c
		}
	}
	return list[0]
}

// equip gives a customer a phone, on most phones the app beside the browser, and often a computer.
func (b *Bank) equip(c *customer) {
	language := internet.Cities[c.home].Language
	market, models, screens := droids, droidModels, droidScreens
	if chance(c.rng, shareIPhone) {
		market, models, screens = []choice{{1, safari, iPhone}}, iPhoneModels, iPhoneScreens
	}
	browser := choose(c.rng, market)
	phone := device{family: browser.family, platform: browser.platform, model: pick(c.rng, models), screen: pick(c.rng, screens), phone: true, portable: true, weight: 2}
	if chance(c.rng, shareApp) {
		native := phone
		native.family, native.weight = bankApp, 4
		phone.weight = 0.7
		c.devices = append(c.devices, native)
	}
	c.devices = append(c.devices, phone)
	if chance(c.rng, shareComputer) {
		m := choose(c.rng, computers)
		c.devices = append(c.devices, device{family: m.family, platform: m.platform, screen: pick(c.rng, computerScreens), portable: chance(c.rng, shareLaptop), weight: 3})
	}
	for i := range c.devices {
		d := &c.devices[i]
		d.id, d.language = "dev-"+token(c.rng, 10), language
		if chance(c.rng, d.boundShare()) {
			d.proofKey = token(c.rng, 32)
		}
		d.version = released(d.family, b.nowMS)
		if d.version > releases[d.family].first-1 && chance(c.rng, 0.1) {
			d.version-- // has not updated yet
		}
	}
}

func (d *device) boundShare() float64 {
	switch {
	case d.family == bankApp:
		return shareBoundApp
	case d.family != chrome && d.family != edge:
		return 0
	case d.platform == windows:
		return shareBoundWindows
	case d.platform == macOS:
		return shareBoundMac
	}
	return 0
}

// prove is the result of the device's proof that it holds the key, and the key's thumbprint; empty when it has none.
func (d *device) prove(r *rand.Rand) (binding, thumbprint string) {
	switch {
	case d.proofKey == "":
		return "", ""
	case chance(r, shareSkipped):
		return "skipped", d.proofKey
	}
	return "valid", d.proofKey
}

// choose takes a device for a visit: away from home one that travels, nil when there is none.
func (c *customer) choose(away bool) *device {
	total := 0.0
	for i := range c.devices {
		if d := &c.devices[i]; d.portable || !away {
			total += d.weight
		}
	}
	x := c.rng.Float64() * total
	for i := range c.devices {
		d := &c.devices[i]
		if !d.portable && away {
			continue
		}
		if x -= d.weight; x < 0 {
			return d
		}
	}
	return nil
}

// update takes a newer release with probability p, if there is one.
func (d *device) update(r *rand.Rand, atMS int64, p float64) bool {
	newest := released(d.family, atMS)
	if d.version >= newest || !chance(r, p) {
		return false
	}
	d.version = newest
	return true
}

const tokenLetters = "0123456789abcdefghijklmnopqrstuvwxyz"

// token is n random letters and digits.
func token(r *rand.Rand, n int) string {
	var buf [32]byte
	for i := range n {
		buf[i] = tokenLetters[r.IntN(len(tokenLetters))]
	}
	return string(buf[:n])
}
