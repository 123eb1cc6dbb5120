package bank

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// thiefMachines are what thieves browse with, if not as a copy of the victim.
var thiefMachines = []agentKey{
	{family: chrome, platform: windows}, {family: chrome, platform: linux}, {family: firefox, platform: windows},
	{family: firefox, platform: linux}, {family: edge, platform: windows}, {family: safari, platform: macOS},
}

var scriptMachines = []agentKey{{family: pythonRequests}, {family: curl}, {family: aiohttp}, {family: headlessChrome, platform: linux}}

// Shares of the thieves; plausible, not measured. Who uses a stealer's log commonly loads it into an anti-detect browser that shows
// the victim's user agent too (MITRE ATT&CK T1539; Genesis Market, taken down in 2023, sold a browser of its own with each log).
const (
	shareCopy       = 0.4 // abroad or after logout: shows the victim's client
	shareRented     = 0.3 // abroad: comes from a rented server
	shareTor        = 0.05
	shareDeviceID   = 0.5 // of another browser: brings the victim's device cookie along
	shareKnownProxy = 0.3 // of the residential proxies are in the databases: they change within hours
	shareCareful    = 0.4 // waits, and makes few requests
	carefulDelayMin = 60_000
	carefulDelayMax = 5 * 60_000
)

func inBrowser(d *device) bool   { return d.family != bankApp }
func inApp(d *device) bool       { return d.family == bankApp }
func onComputer(d *device) bool  { return inBrowser(d) && !d.phone && !d.tablet }
func inBound(d *device) bool     { return inBrowser(d) && d.proofKey != "" }
func speaksHints(d *device) bool { return onComputer(d) && (d.family == chrome || d.family == edge) }

// copied is the victim's client as an anti-detect browser shows it.
func (t *thief) copied() client { return t.s.client }

// home is a household in a city, where it can be of another operator than some.
func (b *Bank) home(r *rand.Rand, city int32, not ...uint32) access {
	return b.line(b.otherThan(r, b.net.In(int(city), internet.Home), not...), 40_000+uint32(r.IntN(10_000)), false)
}

func (b *Bank) otherThan(r *rand.Rand, nets []int, not ...uint32) int {
	n := pick(r, nets)
	for range 16 {
		if !slices.Contains(not, b.net.Networks[n].ASN) {
			break
		}
		n = pick(r, nets)
	}
	return n
}

// victimASNs are the operators of the victim's line at home and of where she is. A thief who sits at her own operator is a kind of attack by
// itself (same-operator-clone).
func (t *thief) victimASNs(b *Bank) []uint32 {
	return []uint32{b.net.Networks[t.s.access.network].ASN, b.net.Networks[t.s.c.homeLine.network].ASN}
}

// far is a city of another country.
func (b *Bank) far(r *rand.Rand, from int32) int32 {
	for {
		if c := int32(r.IntN(len(internet.Cities))); internet.Cities[c].Country != internet.Cities[from].Country {
			return c
		}
	}
}

// otherCity is another city of the country, or of the neighbourhood where the country has one only.
func (b *Bank) otherCity(r *rand.Rand, from int32) int32 {
	best := from
	for range 64 {
		c := int32(r.IntN(len(internet.Cities)))
		if c == from {
			continue
		}
		if best = c; internet.Cities[c].Country == internet.Cities[from].Country {
			break
		}
	}
	return best
}

func (b *Bank) rented(r *rand.Rand) access {
	return b.line(pick(r, b.net.All(internet.Hosting)), uint32(r.IntN(10_000)), false)
}

func (b *Bank) rentedAbroad(r *rand.Rand, from int32) int {
	for {
		n := pick(r, b.net.All(internet.Hosting))
		if internet.Cities[b.net.Networks[n].Site].Country != internet.Cities[from].Country {
			return n
		}
	}
}

// ownClient is a browser of another family than the victim's.
func (b *Bank) ownClient(t *thief, city int32) client {
	k := pick(t.rng, thiefMachines)
	for t.s.d != nil && k.family == t.s.d.family {
		k = pick(t.rng, thiefMachines)
	}
	if b.net.Networks[t.access.network].Kind == internet.Tor && t.s.d.family != firefox {
		k = agentKey{family: torBrowser, platform: windows}
	}
	c := client{agent: b.thiefAgent(k), language: internet.Cities[city].Language, timezone: internet.Cities[city].Timezone, screen: pick(t.rng, computerScreens), deviceID: t.s.client.deviceID}
	if !chance(t.rng, shareDeviceID) {
		c.deviceID = "dev-" + token(t.rng, 10)
	}
	return c
}

// newClient is a browser that the bank never saw, as in the given city.
func (b *Bank) newClient(t *thief, city int32) client {
	place := internet.Cities[city]
	return client{agent: b.thiefAgent(pick(t.rng, thiefMachines)), language: place.Language, timezone: place.Timezone, screen: pick(t.rng, computerScreens), deviceID: "dev-" + token(t.rng, 10)}
}

func (b *Bank) thiefAgent(k agentKey) *agent {
	k.version = released(k.family, b.nowMS)
	return b.agent(k)
}

// changed is an agent that shows itself otherwise in something.
func changed(a *agent, change func(*agent)) *agent {
	other := *a
	change(&other)
	return &other
}

func equipAbroad(b *Bank, t *thief) {
	s, r := t.s, t.rng
	city := b.far(r, s.city)
	copies := chance(r, shareCopy)
	network := pick(r, b.net.In(int(city), internet.Home))
	switch {
	case chance(r, shareRented):
		network = b.rentedAbroad(r, s.city)
	case !copies && chance(r, shareTor):
		network = pick(r, b.net.All(internet.Tor))
	}
	t.access = b.line(network, 40_000+uint32(r.IntN(10_000)), false)
	t.client = t.copied()
	if !copies {
		t.client = b.ownClient(t, city)
	}
}

func equipNearby(b *Bank, t *thief) {
	t.access = b.home(t.rng, t.s.city)
	t.client = b.ownClient(t, t.s.city)
}

func equipScript(b *Bank, t *thief) {
	t.access = b.rented(t.rng)
	t.client = client{agent: b.thiefAgent(pick(t.rng, scriptMachines))}
}

func equipAnywhere(b *Bank, t *thief) {
	city := int32(t.rng.IntN(len(internet.Cities)))
	t.access = b.home(t.rng, city)
	t.client = b.ownClient(t, city)
}

// equipAfterEnd is of who comes when the session should be over.
func equipAfterEnd(b *Bank, t *thief) {
	equipAnywhere(b, t)
	if chance(t.rng, shareCopy) {
		t.client = t.copied()
	}
}

func equipCloned(b *Bank, t *thief) {
	t.access = b.home(t.rng, b.otherCity(t.rng, t.s.city), t.victimASNs(b)...)
	t.client = t.copied()
}

// equipNearCopy is a copy of the client at another operator's household in the victim's city.
func equipNearCopy(b *Bank, t *thief) {
	t.access = b.home(t.rng, t.s.city, t.victimASNs(b)...)
	t.client = t.copied()
}

// equipProxied goes through somebody's household, which costs the way to it and back. Providers sell addresses by city and operator.
func equipProxied(b *Bank, t *thief) {
	equipNearCopy(b, t)
	if chance(t.rng, shareKnownProxy) {
		t.access = b.line(b.otherThan(t.rng, b.net.In(int(t.s.city), internet.ResidentialProxy), t.victimASNs(b)...), uint32(t.rng.IntN(200)), false)
	}
	t.access.rttMS += between(t.rng, 40, 150)
}

// equipHeadless drives a browser without a window and patches what tells of it: the user agent, but not the hints' platform.
func equipHeadless(b *Bank, t *thief) {
	t.access = b.rented(t.rng)
	a := b.thiefAgent(agentKey{family: headlessChrome, platform: linux})
	if chance(t.rng, 0.5) {
		a = changed(a, func(a *agent) { a.json = strings.ReplaceAll(a.json, "HeadlessChrome", "Chrome") })
	}
	t.client = client{agent: a, language: t.s.client.language, timezone: "UTC", screen: "800x600", deviceID: t.s.client.deviceID}
}

// equipCopiedAgent is a program with the victim's user agent and hints; its TLS library is its own.
func equipCopiedAgent(b *Bank, t *thief) {
	t.access = b.home(t.rng, t.s.city)
	if chance(t.rng, 0.5) {
		t.access = b.rented(t.rng)
	}
	t.client = t.copied()
	hello := pick(t.rng, []string{ja4Python, ja4Curl})
	t.client.agent = changed(t.client.agent, func(a *agent) { a.ja4, a.ja4QUIC = hello, "" })
}

// equipDowngraded is an anti-detect browser whose engine is some releases old.
func equipDowngraded(b *Bank, t *thief) {
	equipNearCopy(b, t)
	k := t.s.d.agentKey(t.s.version, b.nowMS)
	k.version -= int(between(t.rng, 3, 9))
	t.client.agent = b.agent(k)
}

// equipInconsistent is an anti-detect browser that shows the victim's user agent and, in the hints, what it runs on itself.
func equipInconsistent(b *Bank, t *thief) {
	equipNearCopy(b, t)
	own, its := `"platform":"Linux"`, `"platform":"Windows"`
	switch t.s.d.platform {
	case macOS:
		its = `"platform":"macOS"`
	case linux:
		own, its = its, own
	}
	t.client.agent = changed(t.client.agent, func(a *agent) { a.json = strings.Replace(a.json, its, own, 1) })
}

func equipOtherDevice(b *Bank, t *thief) {
	equipNearCopy(b, t)
	t.client.deviceID = "dev-" + token(t.rng, 10)
}

// equipAnonymous is a copy of the client behind Tor, a VPN or a public proxy.
func equipAnonymous(b *Bank, t *thief) {
	kind := pick(t.rng, []internet.Kind{internet.Tor, internet.VPN, internet.VPN, internet.PublicProxy})
	t.access = b.line(pick(t.rng, b.net.All(kind)), uint32(t.rng.IntN(250)), false)
	t.client = t.copied()
}

func equipRented(b *Bank, t *thief) {
	t.access = b.rented(t.rng)
	t.client = t.copied()
}

// equipKnownBad comes from the discard prefix, which rules.yaml lists as an example and no one really uses (RFC 6666).
func equipKnownBad(b *Bank, t *thief) {
	t.client = t.copied()
	t.access = access{network: nowhere, network6: nowhere, v4: fmt.Sprintf("100::%x", between(t.rng, 1, 0xffff)), rttMS: between(t.rng, 20, 90)}
}

// equipSameNAT sits behind the victim's own address: a flatmate, a colleague, a guest in her wifi.
func equipSameNAT(_ *Bank, t *thief) {
	t.client, t.access = t.copied(), t.s.access
}

// equipSameOperator is a neighbour's household at the victim's own operator.
func equipSameOperator(b *Bank, t *thief) {
	t.client = t.copied()
	t.access = b.line(int(t.s.c.homeLine.network), 40_000+uint32(t.rng.IntN(10_000)), false)
}
