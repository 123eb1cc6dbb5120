package bank

import (
	"math/rand/v2"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// device is one client of a customer: a browser or the app on one machine.
type device struct {
	id          string
	seed        seed // of its updates; the two copies that a couple has of a shared machine agree
	family      family
	platform    platform
	system      system
	model       string
	screen      string
	monitor     string // of the external monitor, "" for none
	language    string
	phone       bool
	tablet      bool
	portable    bool
	work        bool    // an employer's computer
	kiosk       bool    // a terminal in a branch
	shared      bool    // two customers of a household use it
	scanned     bool    // an antivirus reads along, with TLS of its own
	timezone    string  // that its browser shows instead of the place's, "" for none
	forgets     bool    // its browser keeps no cookies over the visit
	cloud       *access // of a desktop in a hosting network, nil for others
	weight      float64 // how often it is the one taken
	used        bool    // in this world, by this customer
	restartedMS int64   // when she relaunched its browser in a session, last
	proofKey    string  // thumbprint of the key that its sessions are bound to, "" for none
}

// agentKey is how the device describes itself at a time.
func (d *device) agentKey(version int, atMS int64) agentKey {
	return agentKey{family: d.family, platform: d.platform, version: version, system: d.system.at(d.platform, d.seed, atMS), model: d.model, tablet: d.tablet}
}

// choice is a weighted line of the market.
type choice struct {
	weight   float64
	family   family
	platform platform
}

// The market, rounded from StatCounter Global Stats for Europe, 2025: browsers on computers and on phones.
var (
	computers = []choice{{52, chrome, windows}, {16, edge, windows}, {7, firefox, windows}, {11, safari, macOS}, {8, chrome, macOS}, {2, firefox, macOS}, {2, chrome, linux}, {2, firefox, linux}, {3, opera, windows}}
	iPhones   = []choice{{90, safari, iPhone}, {10, chromeIOS, iPhone}}
	droids    = []choice{{78, chrome, android}, {17, samsung, android}, {3, firefox, android}, {2, edge, android}}

	droidModels      = []string{"SM-S931B", "SM-A556B", "Pixel 9", "SM-S921B", "Pixel 8a", "CPH2695", "24129PN74G"}
	iPhoneModels     = []string{"iPhone17,3", "iPhone16,1", "iPhone15,4", "iPhone18,1"}
	droidTablets     = []string{"SM-X710", "SM-X210", "TB336FU"}
	iPads            = []string{"iPad14,8", "iPad13,18", "iPad16,3"}
	droidScreens     = []string{"412x915", "384x832", "360x800"}
	iPhoneScreens    = []string{"393x852", "402x874", "390x844", "430x932"}
	droidTabScreens  = []string{"800x1280", "753x1205"}
	iPadScreens      = []string{"820x1180", "834x1210", "810x1080"}
	computerScreens  = []string{"1920x1080", "2560x1440", "1536x864", "1440x900", "1366x768"}
	externalMonitors = []string{"2560x1440", "3840x2160", "1920x1200", "3440x1440"}
)

var expatLanguages = []string{"en-US,en;q=0.9", "en-GB,en;q=0.9", "pl-PL,pl;q=0.9,en;q=0.8", "ar,en;q=0.8", "uk-UA,uk;q=0.9,en;q=0.7", "de-DE,de;q=0.9,en;q=0.8"}

// Shares of the devices; plausible, not measured, where no source is named.
const (
	shareComputer = 0.72
	shareIPhone   = 0.5
	shareLaptop   = 0.7
	shareMonitor  = 0.35 // of the laptops
	shareTablet   = 0.22
	shareIPad     = 0.6
	shareApp      = 0.7  // of the phones have the bank's app
	shareForgets  = 0.03 // of the browsers are set to keep no cookies, or are used in private windows
	shareScanned  = 0.03 // of the Windows computers have an antivirus that inspects TLS; Durumeric et al. (NDSS 2017) saw 4 to 11 % of connections intercepted
	shareResists  = 0.04 // of the Firefoxes hide the time zone (privacy.resistFingerprinting)
	shareExpats   = 0.1  // of the devices speak another language than the country
	shareWorks    = 0.5  // of the office workers' computers are their employers'

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

// equip gives a customer a phone, on most phones the app beside the browser, often a computer, sometimes a tablet.
func (b *Bank) equip(c *customer) {
	b.addPhone(c, chance(c.rng, shareIPhone))
	if chance(c.rng, shareComputer) {
		b.addComputer(c)
	}
	if chance(c.rng, shareTablet) {
		b.addTablet(c)
	}
	if c.office != nil && chance(c.rng, shareCloudPC) {
		desk := b.line(b.nearestOf(b.net.All(internet.Hosting), c.work), 12_000+c.n%4000, false)
		b.add(c, device{family: pick(c.rng, []family{chrome, edge}), platform: windows, screen: pick(c.rng, computerScreens), portable: true, cloud: &desk, weight: 1.5})
	}
	if c.partner != nil {
		b.share(c)
	}
}

func (b *Bank) addPhone(c *customer, apple bool) {
	market, models, screens := droids, droidModels, droidScreens
	if apple {
		market, models, screens = iPhones, iPhoneModels, iPhoneScreens
	}
	browser := choose(c.rng, market)
	phone := device{family: browser.family, platform: browser.platform, model: pick(c.rng, models), screen: pick(c.rng, screens), phone: true, portable: true, weight: 2}
	phone.seed, phone.system = newSeed(c.rng), drawSystem(c.rng, phone.platform)
	if chance(c.rng, shareApp) {
		native := phone
		native.family, native.weight = bankApp, 4
		phone.weight = 0.7
		b.add(c, native)
	}
	b.add(c, phone)
}

func (b *Bank) addComputer(c *customer) {
	m := choose(c.rng, computers)
	d := device{family: m.family, platform: m.platform, screen: pick(c.rng, computerScreens), portable: chance(c.rng, shareLaptop), weight: 3}
	if d.portable && chance(c.rng, shareMonitor) {
		d.monitor = pick(c.rng, externalMonitors)
	}
	if d.work = c.office != nil && d.portable && chance(c.rng, shareWorks); d.work && chance(c.rng, shareGateway/shareWorks) {
		c.gateway = b.net.Networks[pick(c.rng, b.net.All(internet.Gateway))].ASN
	}
	if d.work && c.gateway == 0 && chance(c.rng, shareDialIn) {
		b.dialIn(c)
	}
	b.add(c, d)
}

func (b *Bank) addTablet(c *customer) {
	d := device{family: chrome, platform: android, model: pick(c.rng, droidTablets), screen: pick(c.rng, droidTabScreens)}
	if chance(c.rng, shareIPad) {
		d = device{family: safari, platform: iPad, model: pick(c.rng, iPads), screen: pick(c.rng, iPadScreens)}
	}
	d.tablet, d.portable, d.weight = true, true, 1
	if chance(c.rng, shareApp/2) {
		d.family = bankApp
	}
	b.add(c, d)
}

// add completes a device and gives it to a customer.
func (b *Bank) add(c *customer, d device) {
	d.id, d.language = "dev-"+token(c.rng, 10), internet.Cities[c.home].Language
	if d.seed == 0 {
		d.seed, d.system = newSeed(c.rng), drawSystem(c.rng, d.platform)
	}
	if chance(c.rng, d.boundShare()) {
		d.proofKey = token(c.rng, 32)
	}
	if chance(c.rng, shareExpats) {
		d.language = pick(c.rng, expatLanguages)
	}
	d.scanned = d.platform == windows && chance(c.rng, shareScanned)
	if d.family == firefox && chance(c.rng, shareResists) {
		d.timezone = "UTC"
	}
	d.forgets = d.family != bankApp && chance(c.rng, shareForgets)
	c.devices = append(c.devices, d)
}

// hints says whether its browser sends client hints.
func (d *device) hints() bool {
	return d.family == chrome || d.family == edge || d.family == samsung || d.family == opera
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

// deviceFor takes a device for a visit: away from home one that travels, now and then a branch's terminal.
func (b *Bank) deviceFor(c *customer) *device {
	away := c.place(b.nowMS) != c.home || c.trip.underway(b.nowMS) || c.atOffice(b.nowMS)
	if !away && chance(c.rng, shareKiosk) {
		return &b.kiosks[c.home]
	}
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
	return &c.devices[0] // a phone, which travels
}

// buyPhone replaces the phone: another model, an app restored from the old one, and new device ids in all of it.
func (b *Bank) buyPhone(c *customer) {
	apple := c.devices[0].platform == iPhone
	if chance(c.rng, shareSwitches) {
		apple = !apple
	}
	rest := c.devices
	c.devices = nil
	b.addPhone(c, apple)
	for _, d := range rest {
		if !d.phone {
			c.devices = append(c.devices, d)
		}
	}
	c.boughtMS = b.nowMS
	c.newPhoneMS = b.nowMS + int64(c.rng.ExpFloat64()*float64(phoneLifeMS))
}

// shareSwitches of the new phones have the other system; plausible, not measured.
const shareSwitches = 0.1

const tokenLetters = "0123456789abcdefghijklmnopqrstuvwxyz"

// token is n random letters and digits.
func token(r *rand.Rand, n int) string {
	var buf [32]byte
	for i := range n {
		buf[i] = tokenLetters[r.IntN(len(tokenLetters))]
	}
	return string(buf[:n])
}
