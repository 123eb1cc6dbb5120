package detector

import "strings"

// print is what is remembered of a client: the parts by which two clients are told apart. 0 is absent, and absent matches
// anything. No padding: a snapshot is its bytes.
type print struct {
	agent    uint64 // Agent.Hash: equal means that no part of the agent changed
	device   uint32 // device.id
	ja4TCP   uint32 // part b of JA4 over TCP
	ja4QUIC  uint32 // and over QUIC; one browser shows both
	language uint32 // first tag of Accept-Language
	timezone uint32
	screen   uint32
	name     uint32 // Agent.Name, as a number of Engine.names
	major    uint16
	osMajor  uint16
	browser  Browser
	engine   EngineFamily
	os       OS
	class    DeviceClass
	flags    printFlags
	brand    Browser // as the hints say
	against  contradiction
	_        uint8
}

type printFlags uint8

const (
	printReduced printFlags = 1 << iota
	printWebview
	printScripted
	printHeadless
	printNative // an app's own network stack, which shows beside the app's web view
)

// printOf takes a client's print. Texts become keyed hashes.
func (g *Engine) printOf(e *Event) print {
	a := &e.Client.Agent
	p := print{
		agent: a.Hash, browser: a.Browser, brand: a.Brand, engine: a.Engine, os: a.OS, class: a.Device, major: a.Major, osMajor: a.OSMajor,
		device:   g.hash.word(e.Device.ID),
		language: g.hash.word(firstLanguage(e.Client.AcceptLanguage)),
		timezone: g.hash.word(e.Client.Timezone),
		screen:   g.hash.word(e.Client.Screen),
	}
	if quic, b := ja4(e.Client.JA4); quic {
		p.ja4QUIC = g.hash.word(b)
	} else {
		p.ja4TCP = g.hash.word(b)
	}
	p.flags = flagsOf(a)
	if a.Name != "" {
		p.name = g.names.number(a.Name)
	}
	return p
}

func flagsOf(a *Agent) printFlags {
	var f printFlags
	for _, c := range [...]struct {
		set  bool
		flag printFlags
	}{{a.Reduced, printReduced}, {a.Webview, printWebview}, {a.Scripted, printScripted}, {a.Headless, printHeadless},
		{native(a.Browser), printNative}} {
		if c.set {
			f |= c.flag
		}
	}
	return f
}

// native says whether a family is an app's own network stack and not a browser.
func native(b Browser) bool { return b == OkHTTP || b == CFNetwork || b == OtherBrowser }

// firstLanguage is the first tag of an Accept-Language header: the one that a person chose.
func firstLanguage(header string) string {
	if i := strings.IndexAny(header, ",;"); i >= 0 {
		header = header[:i]
	}
	return strings.TrimSpace(header)
}

// ja4 gives the transport and part b of a JA4 fingerprint. Only part b is compared, and only within one transport: parts a
// and c change with session resumption (FoxIO, technical_details/JA4.md).
func ja4(s string) (quic bool, b string) {
	first, rest, ok := strings.Cut(s, "_")
	if !ok || first == "" {
		return false, ""
	}
	b, _, _ = strings.Cut(rest, "_")
	return first[0] == 'q', b
}

// differs says whether two known values contradict each other; absent never does.
func differs[T comparable](a, b T) bool {
	var absent T
	return a != b && a != absent && b != absent
}

// sameClient says whether nothing tells two clients apart: browser family, engine, OS family, device class, device.id and
// JA4's part b within one transport. In a mobile app, the native client and the web view of one OS and device are one client.
func sameClient(a, b *print, app bool) bool {
	if differs(a.device, b.device) || differs(a.os, b.os) {
		return false
	}
	if app && appPair(a, b) && browserDiffers(a, b) { // two network stacks of one app have two JA4
		return true
	}
	return sameFace(a, b) && !differs(a.ja4TCP, b.ja4TCP) && !differs(a.ja4QUIC, b.ja4QUIC)
}

// browserDiffers compares families: of the user agents, of the hints where both clients sent some, and the own names of programs that
// no family has.
func browserDiffers(a, b *print) bool {
	return differs(a.browser, b.browser) || differs(a.brand, b.brand) ||
		a.browser == b.browser && (a.browser == OtherBrowser || a.browser == Script) && differs(a.name, b.name)
}

// appPair says whether one is an app's native client and the other the app's web view, or both are native clients of one device.id.
func appPair(a, b *print) bool {
	return a.flags&printNative != 0 && b.flags&printWebview != 0 || b.flags&printNative != 0 && a.flags&printWebview != 0 ||
		a.flags&b.flags&printNative != 0 && a.device != 0 && a.device == b.device
}

// absorb takes over what a newer print knows; what it lacks stays.
func (p *print) absorb(n *print) {
	take(&p.device, n.device)
	take(&p.ja4TCP, n.ja4TCP)
	take(&p.ja4QUIC, n.ja4QUIC)
	take(&p.language, n.language)
	take(&p.timezone, n.timezone)
	take(&p.screen, n.screen)
	take(&p.brand, n.brand)
	if n.agent != 0 {
		p.agent, p.name, p.major, p.osMajor = n.agent, n.name, n.major, n.osMajor
		p.browser, p.engine, p.os, p.class, p.flags, p.against = n.browser, n.engine, n.os, n.class, n.flags, n.against
	}
}

func take[T comparable](old *T, new T) {
	var absent T
	if new != absent {
		*old = new
	}
}

// equal says whether absorbing n would change nothing: the case of nearly every event.
func (p *print) equal(n *print) bool {
	return (n.agent == 0 || n.agent == p.agent) && same(p.device, n.device) && same(p.ja4TCP, n.ja4TCP) && same(p.ja4QUIC, n.ja4QUIC) &&
		same(p.language, n.language) && same(p.timezone, n.timezone) && same(p.screen, n.screen)
}

func same(old, new uint32) bool { return new == 0 || new == old }

func (p *print) known() bool { return p.agent != 0 || p.device != 0 || p.ja4TCP != 0 || p.ja4QUIC != 0 }
