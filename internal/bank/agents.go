package bank

import (
	"fmt"
	"strconv"
)

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
	aggregator
	chromeIOS
	opera
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
	iPad
)

// agentKey is what decides how a client describes itself.
type agentKey struct {
	family      family
	platform    platform
	version     int
	system      int    // version of the operating system, see system.at; 0 is the newest that the world began with
	model       string // of the phone, where the agent tells it
	tablet      bool
	desktopSite bool
	webView     bool // a page inside the bank's app
	unasked     bool // the site has not asked yet for the hints that a browser does not send by itself
}

// agent is how a client describes itself: user agent and hints as they stand in data.client, and its TLS hello. JA4
// tells TCP (t) from QUIC (q); the second part stays the same over the versions of a family.
type agent struct {
	json          string
	ja4, ja4QUIC  string // ja4QUIC is "" for clients that do not speak HTTP/3
	ja4Again      string // of a TLS session that is resumed, "" where it looks the same
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
	case aggregator:
		return &agent{json: userAgentJSON("LedgerLink/4.2 (aisp; Java/21.0.5)"), ja4: ja4Java}
	case chrome, edge, samsung, headlessChrome, opera:
		return chromium(k)
	case firefox, torBrowser:
		return gecko(k)
	case safari, chromeIOS:
		return webkit(k)
	case bankApp:
		if k.webView {
			return webView(k)
		}
		return app(k)
	}
	return script(k)
}

func userAgentJSON(ua string) string { return `"user_agent":"` + ua + `"` }

// ja4Chromium and the others are published fingerprints of these clients (FoxIO-LLC/ja4, README and ja4db.com). A
// release may change what the hello extends (Chrome 133 did with ALPS): the third part, while the ciphers stay. A
// resumed session has one extension more, pre_shared_key.
const (
	ja4Chromium        = "t13d1516h2_8daaf6152771_02713d6af862"
	ja4ChromiumNext    = "t13d1516h2_8daaf6152771_d8a2da3f94cd"
	ja4ChromiumAgain   = "t13d1517h2_8daaf6152771_b0da82dd1658"
	ja4ChromiumQUIC    = "q13d0312h3_55b375c5d22e_06cda9e17597"
	ja4Firefox         = "t13d1715h2_5b57614c22b0_7121afd63204"
	ja4FirefoxAgain    = "t13d1716h2_5b57614c22b0_eeeea6562960"
	ja4Safari          = "t13d2014h2_a09f3c656075_14788d8d241b"
	ja4SafariNext      = "t13d2014h2_a09f3c656075_7f0f34a4126d"
	ja4Python          = "t13i181000_85036bcba153_d41ae481755e"
	ja4Curl            = "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6"
	ja4OkHTTP          = "t13d1512h2_8daaf6152771_de4a06bb82e3"
	ja4Java            = "t13d491100_bd868743f55c_fa269c3d986d"
	chromiumNextEngine = 156 // the engine whose hello is ja4ChromiumNext
	safariNextMinor    = 3
	operaBehind        = 16 // the engine of an Opera has that many versions more
)

// chromium follows Chrome's reduced user agent: a frozen platform and only the major version.
func chromium(k agentKey) *agent {
	v := fmt.Sprint(k.version)
	engine, brand, tail, mobile := v, "Google Chrome", "", k.platform == android && !k.desktopSite && !k.tablet
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
	case opera:
		brand, engine, tail = "Opera", fmt.Sprint(k.version+operaBehind), " OPR/"+v+".0.0.0"
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
	a := &agent{json: userAgentJSON(ua) + "," + chromiumHints(k, brand, v, engine, mobile), ja4: chromiumHello(engine), ja4Again: ja4ChromiumAgain, ja4QUIC: ja4ChromiumQUIC, isBrowser: true, speaksHeaders: true}
	if k.family == headlessChrome {
		a.ja4QUIC = ""
	}
	return a
}

func chromiumHello(engine string) string {
	if n, err := strconv.Atoi(engine); err == nil && n >= chromiumNextEngine {
		return ja4ChromiumNext
	}
	return ja4Chromium
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
// has no model. Platform version and model come only when the site has asked for them (Accept-CH), which a browser
// remembers with its cookies.
func chromiumHints(k agentKey, brand, version, engine string, mobile bool) string {
	names := [...]string{windows: "Windows", macOS: "macOS", linux: "Linux", android: "Android"}
	p := k.platform
	if k.desktopSite {
		p = linux
	}
	h := fmt.Sprintf(`"hints":{"brands":[{"brand":"%s","version":"%s"},{"brand":"Chromium","version":"%s"},{"brand":"Not_A Brand","version":"24"}],"mobile":%t,"platform":"%s"`,
		brand, version, engine, mobile, names[p])
	if !k.desktopSite && !k.unasked {
		h += fmt.Sprintf(`,"platform_version":"%s"`, platformVersion(k))
	}
	if (mobile || k.tablet && !k.desktopSite) && !k.unasked {
		h += fmt.Sprintf(`,"model":"%s"`, k.model)
	}
	return h + "}"
}

// platformVersion is the hint of that name.
func platformVersion(k agentKey) string {
	switch k.platform {
	case windows:
		if k.system == 10 {
			return "10.0.0"
		}
		return "19.0.0"
	case macOS:
		return fmt.Sprintf("26.%d.0", 1+k.system)
	case android:
		return fmt.Sprintf("%d.0.0", androidVersion(k))
	}
	return "6.14.0"
}

func androidVersion(k agentKey) int {
	if k.system != 0 {
		return k.system
	}
	return 16
}

func gecko(k agentKey) *agent {
	p := map[platform]string{windows: "Windows NT 10.0; Win64; x64", macOS: "Macintosh; Intel Mac OS X 10.15", linux: "X11; Linux x86_64", android: fmt.Sprintf("Android %d; Mobile", androidVersion(k))}[k.platform]
	trail := "20100101"
	if k.platform == android {
		trail = fmt.Sprintf("%d.0", k.version)
	}
	ua := fmt.Sprintf("Mozilla/5.0 (%s; rv:%d.0) Gecko/%s Firefox/%d.0", p, k.version, trail, k.version)
	return &agent{json: userAgentJSON(ua), ja4: ja4Firefox, ja4Again: ja4FirefoxAgain, isBrowser: true, speaksHeaders: true}
}

// webkit is Safari 26 and its minor versions; Safari 26 froze the system's version at 18_7. An iPad asks for the desktop
// site by itself (since iPadOS 13).
func webkit(k agentKey) *agent {
	if k.family == chromeIOS {
		// Chrome on iOS is a window of Apple's engine; the desktop site is Safari's on a Mac.
		ua := fmt.Sprintf("Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/%d.0.7444.77 Mobile/15E148 Safari/604.1", k.version)
		return &agent{json: userAgentJSON(ua), ja4: ja4Safari, isBrowser: true, speaksHeaders: true}
	}
	ua := fmt.Sprintf("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.%d Safari/605.1.15", k.version)
	if k.platform == iPhone && !k.desktopSite {
		ua = fmt.Sprintf("Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.%d Mobile/15E148 Safari/604.1", k.version)
	}
	a := &agent{json: userAgentJSON(ua), ja4: ja4Safari, isBrowser: true, speaksHeaders: true}
	if k.version >= safariNextMinor {
		a.ja4 = ja4SafariNext
	}
	return a
}

// app is the bank's own app; it attests its version.
func app(k agentKey) *agent {
	version := fmt.Sprintf("8.%d.0", k.version)
	a := &agent{appVersion: version, ja4: ja4OkHTTP, speaksHeaders: true, isBrowser: true}
	ua := fmt.Sprintf("RetailBank/%s (Linux; Android %d; %s) okhttp/5.1.0", version, androidVersion(k), k.model)
	if k.platform != android {
		ua = fmt.Sprintf("RetailBank/%s (%s; iOS 26.%d) CFNetwork/3860.%d00.71 Darwin/25.%d.0", version, k.model, 1+k.system, 2+k.system, 1+k.system)
		a.ja4 = ja4Safari
	}
	a.json = userAgentJSON(ua)
	return a
}

// webView is a page that the app shows with the system's browser engine; k.version is the engine's.
func webView(k agentKey) *agent {
	a := &agent{ja4: ja4Safari, isBrowser: true, speaksHeaders: true}
	switch k.platform {
	case android:
		v := fmt.Sprint(k.version)
		ua := fmt.Sprintf("Mozilla/5.0 (Linux; Android %d; %s Build/BP2A.250605.031; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/%s.0.0.0 Mobile Safari/537.36", androidVersion(k), k.model, v)
		a.json, a.ja4, a.ja4Again = userAgentJSON(ua), chromiumHello(v), ja4ChromiumAgain
	case iPad:
		a.json = userAgentJSON("Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148")
	default:
		a.json = userAgentJSON("Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148")
	}
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
