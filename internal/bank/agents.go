package bank

import "fmt"

// family is a browser, an app or a script.
type family uint8

const (
	chrome family = iota
	edge
	firefox
	safari
	samsung
	bankApp
	torBrowser
	pythonRequests
	curl
	aiohttp
	headlessChrome
	numFamilies = int(iota)
)

// platform is what a family runs on.
type platform uint8

const (
	windows platform = iota
	macOS
	linux
	android
	iPhone
)

// release is how a family publishes versions: the first one that the world knows, and how often a new one comes.
// Chrome, Edge and Firefox publish every four weeks; Safari and Samsung Internet about every two months; a bank's app
// every two weeks. Major versions are those of late 2026.
type release struct {
	first   int // on 2026-11-22
	days    int64
	lagDays int64 // of the calendar, so that not all families publish on one day
}

var releases = [numFamilies]release{
	chrome:         {154, 28, 25},
	edge:           {154, 28, 22},
	firefox:        {157, 28, 13},
	safari:         {1, 56, 40},
	samsung:        {30, 56, 20},
	bankApp:        {14, 14, 11},
	torBrowser:     {140, 364, 0},
	headlessChrome: {154, 28, 25},
}

const dayMS = 24 * 3600 * 1000

// calendarMS is 2026-11-22, from which the release calendar counts.
const calendarMS = 1795305600_000

// released is the newest version of a family at a time.
func released(f family, atMS int64) int {
	r := releases[f]
	if r.days == 0 {
		return 0
	}
	passed := (atMS-calendarMS)/dayMS + r.lagDays
	if passed < 0 {
		return r.first
	}
	return r.first + int(passed/r.days)
}

// agentKey is what decides how a client describes itself.
type agentKey struct {
	family      family
	platform    platform
	version     int
	model       string // of the phone, where the agent tells it
	desktopSite bool
}

// agent is how a client describes itself: user agent and hints as they stand in data.client, and its TLS hello. JA4
// tells TCP (t) from QUIC (q); the second part stays the same over the versions of a family.
type agent struct {
	json          string
	ja4, ja4QUIC  string // ja4QUIC is "" for clients that do not speak HTTP/3
	appVersion    string
	isBrowser     bool // a page with scripts runs in it and tells time zone and screen
	speaksHeaders bool // sends Accept-Language
}

func (b *Bank) agent(k agentKey) *agent {
	if a := b.agents[k]; a != nil {
		return a
	}
	a := makeAgent(k)
	b.agents[k] = a
	return a
}

func makeAgent(k agentKey) *agent {
	switch k.family {
	case chrome, edge, samsung, headlessChrome:
		return chromium(k)
	case firefox, torBrowser:
		return gecko(k)
	case safari:
		return webkit(k)
	case bankApp:
		return app(k)
	}
	return script(k)
}

func userAgentJSON(ua string) string { return `"user_agent":"` + ua + `"` }

// ja4Chromium and the others are published fingerprints of these clients (FoxIO-LLC/ja4, README).
const (
	ja4Chromium     = "t13d1516h2_8daaf6152771_02713d6af862"
	ja4ChromiumQUIC = "q13d0312h3_55b375c5d22e_06cda9e17597"
	ja4Firefox      = "t13d1715h2_5b57614c22b0_7121afd63204"
	ja4Safari       = "t13d2014h2_a09f3c656075_14788d8d241b"
	ja4Python       = "t13i181000_85036bcba153_d41ae481755e"
	ja4Curl         = "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6"
	ja4OkHTTP       = "t13d1512h2_8daaf6152771_de4a06bb82e3"
)

// chromium follows Chrome's reduced user agent: a frozen platform and only the major version.
func chromium(k agentKey) *agent {
	v := fmt.Sprint(k.version)
	engine, brand, tail, mobile := v, "Google Chrome", "", k.platform == android && !k.desktopSite
	switch k.family {
	case edge:
		brand, tail = "Microsoft Edge", " Edg/"+v+".0.0.0"
		if mobile {
			tail = " EdgA/" + v + ".0.0.0"
		}
	case samsung:
		brand, engine = "Samsung Internet", fmt.Sprint(142+2*(k.version-releases[samsung].first))
	case headlessChrome:
		brand = "HeadlessChrome"
	}
	words := "Chrome/" + engine + ".0.0.0"
	if k.family == samsung {
		words = "SamsungBrowser/" + v + ".0 " + words
	}
	if k.family == headlessChrome {
		words = "HeadlessChrome/" + v + ".0.0.0"
	}
	if mobile {
		words += " Mobile"
	}
	ua := "Mozilla/5.0 (" + chromiumPlatform(k) + ") AppleWebKit/537.36 (KHTML, like Gecko) " + words + " Safari/537.36" + tail
	a := &agent{json: userAgentJSON(ua) + "," + chromiumHints(k, brand, v, engine, mobile), ja4: ja4Chromium, ja4QUIC: ja4ChromiumQUIC, isBrowser: true, speaksHeaders: true}
	if k.family == headlessChrome {
		a.ja4QUIC = ""
	}
	return a
}

func chromiumPlatform(k agentKey) string {
	switch {
	case k.platform == windows:
		return "Windows NT 10.0; Win64; x64"
	case k.platform == macOS:
		return "Macintosh; Intel Mac OS X 10_15_7"
	case k.platform == android && !k.desktopSite:
		return "Linux; Android 10; K"
	}
	return "X11; Linux x86_64"
}

// chromiumHints are the Sec-CH-UA headers. A phone that asks for the desktop site says so in mobile and platform, and
// has no model.
func chromiumHints(k agentKey, brand, version, engine string, mobile bool) string {
	names := [...]string{windows: "Windows", macOS: "macOS", linux: "Linux", android: "Android"}
	versions := [...]string{windows: "19.0.0", macOS: "26.1.0", linux: "6.14.0", android: "16.0.0"}
	p := k.platform
	if k.desktopSite {
		p = linux
	}
	h := fmt.Sprintf(`"hints":{"brands":[{"brand":"%s","version":"%s"},{"brand":"Chromium","version":"%s"},{"brand":"Not_A Brand","version":"24"}],"mobile":%t,"platform":"%s"`,
		brand, version, engine, mobile, names[p])
	if !k.desktopSite {
		h += fmt.Sprintf(`,"platform_version":"%s"`, versions[p])
	}
	if mobile {
		h += fmt.Sprintf(`,"model":"%s"`, k.model)
	}
	return h + "}"
}

func gecko(k agentKey) *agent {
	p := map[platform]string{windows: "Windows NT 10.0; Win64; x64", macOS: "Macintosh; Intel Mac OS X 10.15", linux: "X11; Linux x86_64", android: "Android 16; Mobile"}[k.platform]
	trail := "20100101"
	if k.platform == android {
		trail = fmt.Sprintf("%d.0", k.version)
	}
	ua := fmt.Sprintf("Mozilla/5.0 (%s; rv:%d.0) Gecko/%s Firefox/%d.0", p, k.version, trail, k.version)
	return &agent{json: userAgentJSON(ua), ja4: ja4Firefox, isBrowser: true, speaksHeaders: true}
}

// webkit is Safari 26 and its minor versions; Safari 26 froze the system's version at 18_7.
func webkit(k agentKey) *agent {
	ua := fmt.Sprintf("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.%d Safari/605.1.15", k.version)
	if k.platform == iPhone {
		ua = fmt.Sprintf("Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.%d Mobile/15E148 Safari/604.1", k.version)
	}
	return &agent{json: userAgentJSON(ua), ja4: ja4Safari, isBrowser: true, speaksHeaders: true}
}

// app is the bank's own app on a phone; it attests its version.
func app(k agentKey) *agent {
	version := fmt.Sprintf("8.%d.0", k.version)
	a := &agent{appVersion: version, ja4: ja4OkHTTP, speaksHeaders: true, isBrowser: true}
	ua := fmt.Sprintf("RetailBank/%s (Linux; Android 16; %s) okhttp/5.1.0", version, k.model)
	if k.platform == iPhone {
		ua = fmt.Sprintf("RetailBank/%s (%s; iOS 26.1) CFNetwork/3860.200.71 Darwin/25.1.0", version, k.model)
		a.ja4 = ja4Safari
	}
	a.json = userAgentJSON(ua)
	return a
}

func script(k agentKey) *agent {
	switch k.family {
	case curl:
		return &agent{json: userAgentJSON("curl/8.16.0"), ja4: ja4Curl}
	case aiohttp:
		return &agent{json: userAgentJSON("Python/3.13 aiohttp/3.13.2"), ja4: ja4Python}
	}
	return &agent{json: userAgentJSON("python-requests/2.32.5"), ja4: ja4Python}
}
