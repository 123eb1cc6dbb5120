package useragent

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/sessionguard/sessionguard/detector"
)

// describe writes an Agent in one line: Browser(Name)/major engine OS/major device, then what is true of it.
func describe(a detector.Agent) string {
	version := func(name string, major uint16) string {
		if major == 0 {
			return name
		}
		return fmt.Sprintf("%s/%d", name, major)
	}
	name := a.Browser.String()
	if a.Name != "" {
		name += "(" + a.Name + ")"
	}
	words := []string{version(name, a.Major), a.Engine.String(), version(a.OS.String(), a.OSMajor), a.Device.String()}
	for _, flag := range []struct {
		is   bool
		word string
	}{{a.Reduced, "reduced"}, {a.Webview, "webview"}, {a.Scripted, "scripted"}, {a.Headless, "headless"}, {a.DesktopSite, "desktop-site"}, {a.OtherVersion, "other version"}} {
		if flag.is {
			words = append(words, flag.word)
		}
	}
	if a.Brand != detector.UnknownBrowser {
		words = append(words, "brand "+a.Brand.String())
	}
	return strings.Join(words, ", ")
}

const (
	windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
	mac     = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
	linux   = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
	android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
	iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
	ipad    = "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
	macWeb  = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
)

func TestParse(t *testing.T) {
	f := func(userAgent, want string) {
		t.Helper()
		if got := describe(Parse(userAgent, Hints{})); got != want {
			t.Errorf("%s\n got %s\nwant %s", userAgent, got, want)
		}
	}
	// Today's browsers. Frozen versions of operating systems are absent.
	f(windows+"Chrome/142.0.0.0 Safari/537.36", "Chrome/142, Blink, Windows, desktop, reduced")
	f(mac+"Chrome/153.0.0.0 Safari/537.36", "Chrome/153, Blink, macOS, desktop, reduced")
	f(linux+"Chrome/140.0.0.0 Safari/537.36", "Chrome/140, Blink, Linux, desktop, reduced")
	f("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "Chrome/140, Blink, ChromeOS, desktop, reduced")
	f(android+"Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome/142, Blink, Android, phone, reduced")
	f(android+"Chrome/142.0.0.0 Safari/537.36", "Chrome/142, Blink, Android, tablet, reduced")
	f(windows+"Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge/142, Blink, Windows, desktop, reduced")
	f(android+"Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0", "Edge/142, Blink, Android, phone, reduced")
	f(iphone+"Version/18.0 EdgiOS/142.0.3595.66 Mobile/15E148 Safari/605.1.15", "Edge/142, WebKit, iOS/18, phone")
	f(windows+"Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0", "Opera/124, Blink, Windows, desktop, reduced")
	f(android+"Chrome/138.0.0.0 Mobile Safari/537.36 OPR/91.0.0.0", "Opera/91, Blink, Android, phone, reduced")
	f(iphone+"Version/26.0 Mobile/15E148 Safari/604.1 OPT/6.1.2", "Opera/6, WebKit, iOS, phone")
	f(android+"SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet/28, Blink, Android, phone, reduced")
	f(windows+"Chrome/138.0.0.0 YaBrowser/25.8.0.0 Safari/537.36", "Yandex Browser/25, Blink, Windows, desktop, reduced")
	f(windows+"Chrome/138.0.0.0 Safari/537.36 Vivaldi/7.6.3797.52", "Vivaldi/7, Blink, Windows, desktop, reduced")
	f(windows+"Chrome/138.0.0.0 Whale/4.33.325.17 Safari/537.36", "Whale/4, Blink, Windows, desktop, reduced")
	f("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox/140, Gecko, Windows, desktop")
	f("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox/145, Gecko, macOS, desktop")
	f("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox/145, Gecko, Linux, desktop")
	f("Mozilla/5.0 (Android 10; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox/145, Gecko, Android, phone")
	f("Mozilla/5.0 (Android 15; Tablet; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox/140, Gecko, Android/15, tablet")
	f(macWeb+"Version/26.1 Safari/605.1.15", "Safari/26, WebKit, macOS, desktop")
	f(iphone+"Version/26.1 Mobile/15E148 Safari/604.1", "Safari/26, WebKit, iOS, phone")
	f(iphone+"Version/18.7 Mobile/15E148 Safari/604.1", "Safari/18, WebKit, iOS/18, phone")
	f(ipad+"Version/18.5 Mobile/15E148 Safari/604.1", "Safari/18, WebKit, iOS/18, tablet")
	f(iphone+"CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1", "Chrome/142, WebKit, iOS, phone")
	f(iphone+"FxiOS/145.0 Mobile/15E148 Safari/605.1.15", "Firefox/145, WebKit, iOS, phone")
	f("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer/11, Trident, Windows/7, desktop")
	f("Mozilla/5.0 (Linux; U; Android 13; en-us; 2201117TY Build/TKQ1.221114.001) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/112.0.5615.136 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.9.0-gn",
		"MiuiBrowser/14, Blink, Android/13, phone")
	f("Mozilla/5.0 (Linux; Android 12; ELS-AN00; HarmonyOS) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36",
		"other(Huawei Browser)/15, Blink, HarmonyOS, phone")

	f("Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/40.2.0 SamsungBrowser/4.0 Chrome/138.0.7204.157 VR Safari/537.36",
		"other(Meta Quest Browser)/40, Blink, Android, tablet")

	// Desktop sites that only the browser's own token gives away.
	f(linux+"SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36", "Samsung Internet/28, Blink, Android, unknown, reduced, desktop-site")
	f(macWeb+"CriOS/142 Version/11.1.1 Safari/605.1.15", "Chrome/142, WebKit, iOS, unknown, desktop-site")
	f(macWeb+"FxiOS/145.0 Safari/605.1.15", "Firefox/145, WebKit, iOS, unknown, desktop-site")

	// Web views.
	f("Mozilla/5.0 (Linux; Android 14; SM-S921B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/141.0.7390.122 Mobile Safari/537.36",
		"Android WebView/141, Blink, Android/14, phone, webview")
	f(iphone+"Mobile/15E148", "iOS web view, WebKit, iOS, phone, webview")
	f("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)", "iOS web view, WebKit, macOS, desktop, webview")
	f(iphone+"Mobile/22H20 Instagram 400.0.0.0 (iPhone14,5; iOS 18_7; sv_SE)", "iOS web view(Instagram)/400, WebKit, iOS, phone, webview")
	f("Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/AP4A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.7444.48 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/530.0.0.48.74;]",
		"Android WebView(Facebook)/142, Blink, Android/15, phone, webview")
	f(iphone+"GSA/390.0.8 Mobile/15E148 Safari/604.1", "iOS web view(Google)/390, WebKit, iOS, phone, webview")

	// The word Google, after which mssola sees a robot.
	f("Mozilla/5.0 (Linux; Android 14; Google Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.7339.51 Mobile Safari/537.36", "Chrome/140, Blink, Android/14, phone")

	// Programs.
	f("curl/8.14.1", "curl/8, none, unknown, unknown, scripted")
	f("Wget/1.25.0 (linux-gnu)", "Wget/1, none, Linux, unknown, scripted")
	f("python-requests/2.32.3", "python-requests/2, none, unknown, unknown, scripted")
	f("python-httpx/0.28.1", "script(httpx), none, unknown, unknown, scripted")
	f("Python/3.13 aiohttp/3.12.13", "script(aiohttp)/3, none, unknown, unknown, scripted")
	f("Python-urllib/3.13", "script(Python-urllib)/3, none, unknown, unknown, scripted")
	f("Go-http-client/2.0", "Go-http-client/2, none, unknown, unknown, scripted")
	f("axios/1.12.2", "axios/1, none, unknown, unknown, scripted")
	f("node-fetch/1.0 (+https://github.com/bitinn/node-fetch)", "script(node-fetch)/1, none, unknown, unknown, scripted")
	f("node", "script(Node.js), none, unknown, unknown, scripted")
	f("undici", "script(undici), none, unknown, unknown, scripted")
	f("Java/1.8.0_452", "Java/8, none, unknown, unknown, scripted")
	f("Java-http-client/21.0.7", "Java/21, none, unknown, unknown, scripted")
	f("Apache-HttpClient/5.5 (Java/21.0.7)", "script(Apache-HttpClient)/5, none, unknown, unknown, scripted")
	f("okhttp/4.12.0", "okhttp/4, none, unknown, unknown, scripted")
	f("PostmanRuntime/7.46.1", "PostmanRuntime/7, none, unknown, unknown, scripted")
	f("libwww-perl/6.78", "script(libwww-perl)/6, none, unknown, unknown, scripted")
	f("Scrapy/2.13.3 (+https://scrapy.org)", "script(Scrapy)/2, none, unknown, unknown, scripted")
	f("Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.26100.4652", "script(PowerShell)/5, unknown, Windows, unknown, scripted")
	f(linux+"HeadlessChrome/142.0.0.0 Safari/537.36", "HeadlessChrome/142, Blink, Linux, desktop, headless")
	f("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1", "other(PhantomJS)/2, WebKit, Linux, desktop, headless")
	f("Playwright/1.56.1 (x64; ubuntu 24.04) node/22.20", "other(Playwright)/1, none, Linux, desktop, headless")

	// Robots; a phone of the maker CUBOT is none.
	f("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", "script(GPTBot)/1, WebKit, unknown, unknown, scripted")
	f("Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.7444.59 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		"script(Googlebot)/2, Blink, Android/6, phone, scripted")
	f("Mozilla/5.0 (compatible;YodaoBot-Image/1.0;http://www.youdao.com/help/webmaster/spider/;)", "script(YodaoBot-Image)/1, unknown, unknown, unknown, scripted")
	f("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 PTST/391", "script(PTST)/391, Blink, Linux, unknown, reduced, scripted")
	f("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "script(facebookexternalhit)/1, none, unknown, unknown, scripted")
	f("Mozilla/5.0 (Linux; Android 11; CUBOT X50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.43 Mobile Safari/537.36", "Chrome/120, Blink, Android/11, phone")

	// Apps, and what their systems send for them.
	f("MyBank/7.12.0 (Android 14; SM-G991B) okhttp/4.12.0", "other(MyBank)/7, none, Android/14, phone")
	f("MyBank/712 CFNetwork/3826.500.131 Darwin/24.5.0", "other(MyBank)/712, none, iOS/18, unknown")
	f("MyBank/8.1 (com.bank.app; build:81; iOS 26.1.0) Alamofire/5.10", "other(MyBank)/8, none, iOS/26, unknown")
	f("CFNetwork/3860.100.1 Darwin/25.0.0", "CFNetwork/3860, none, iOS/26, unknown")
	f("Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A)", "other(Dalvik)/2, none, Android/14, phone")

	// What is no user agent.
	f("", "unknown, unknown, unknown, unknown")
	f("Mozilla/5.0", "unknown, unknown, unknown, unknown")
	f("   ", "unknown, unknown, unknown, unknown")
}

// Each entry of a table is reached: none stands behind one that takes its strings.
func TestTablesAreReached(t *testing.T) {
	for _, m := range browserMarks {
		a := Parse("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) "+m.text+"9", Hints{})
		want := m.browser
		if m.traits&webview != 0 {
			want = detector.AndroidWebview
		}
		if a.Browser != want || a.Name != m.name || a.Webview != (m.traits&webview != 0) || a.Scripted != (m.traits&scripted != 0) || a.Headless != (m.traits&headless != 0) {
			t.Errorf("mark %q: %s", m.text, describe(a))
		}
	}
	for first, m := range programs {
		a := Parse(first+"/9.1 (x)", Hints{})
		if a.Browser != m.browser || a.Name != m.name || a.Major != 9 || a.Scripted != (m.traits&app == 0) {
			t.Errorf("program %q: %s", first, describe(a))
		}
	}
	for _, m := range osMarks {
		if got := Parse("Bank/1 ("+m.text+")", Hints{}).OS; got != m.os {
			t.Errorf("system %q: %s", m.text, got)
		}
	}
	for _, m := range brandMarks {
		list := []detector.Brand{{Brand: "Chromium", Version: "142"}, {Brand: m.text, Version: "9"}}
		if a := Parse(windows+"Chrome/142.0.0.0 Safari/537.36", Hints{Brands: list}); a.Brand != m.browser || a.Browser != detector.Chrome || a.Major != 142 {
			t.Errorf("brand %q: %s", m.text, describe(a))
		}
	}
}

func brands(pairs ...string) []detector.Brand {
	var list []detector.Brand
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, detector.Brand{Brand: pairs[i], Version: pairs[i+1]})
	}
	return list
}

// hintsOf142 are the brands of a browser on Chromium 142.
func hintsOf142(name string) []detector.Brand {
	return brands("Not/A)Brand", "8", "Chromium", "142", name, "142")
}

func TestHintsFillIn(t *testing.T) {
	f := func(userAgent string, h Hints, want string) {
		t.Helper()
		if got := describe(Parse(userAgent, h)); got != want {
			t.Errorf("%s %+v\n got %s\nwant %s", userAgent, h, got, want)
		}
	}
	desktop := windows + "Chrome/142.0.0.0 Safari/537.36"

	// The brand stands beside what the string says.
	f(desktop, Hints{Brands: hintsOf142("Google Chrome"), Mobile: detector.False, Platform: "Windows"}, "Chrome/142, Blink, Windows, desktop, reduced, brand Chrome")
	f(desktop, Hints{Brands: hintsOf142("Brave"), Platform: `"Windows"`, PlatformVersion: `"19.0.0"`}, "Chrome/142, Blink, Windows/11, desktop, reduced, brand Brave")
	f(desktop, Hints{Brands: brands(`"Vivaldi"`, `"7.6"`)}, "Chrome/142, Blink, Windows, desktop, reduced, brand Vivaldi")
	f(desktop+" Edg/142.0.0.0", Hints{Brands: hintsOf142("Microsoft Edge")}, "Edge/142, Blink, Windows, desktop, reduced, brand Edge")
	f(desktop, Hints{Brands: brands("Not/A)Brand", "8", "Chromium", "142")}, "Chrome/142, Blink, Windows, desktop, reduced")
	f(desktop, Hints{Brands: brands("Not/A)Brand", "8", "\"Chromium\"", "\"140\"")}, "Chrome/142, Blink, Windows, desktop, reduced, other version")
	f(desktop, Hints{Brands: brands("Chromium", "")}, "Chrome/142, Blink, Windows, desktop, reduced")
	f(desktop, Hints{Brands: brands("HeadlessChrome", "142")}, "Chrome/142, Blink, Windows, desktop, reduced, headless, brand HeadlessChrome")
	f(android+"Chrome/142.0.0.0 Mobile Safari/537.36", Hints{Brands: hintsOf142("Android WebView")}, "Chrome/142, Blink, Android, phone, reduced, webview, brand Android WebView")

	// The version of the system, where the string has none.
	f(desktop, Hints{Platform: "Windows", PlatformVersion: "10.0.0"}, "Chrome/142, Blink, Windows/10, desktop, reduced")
	f(desktop, Hints{Platform: "Windows", PlatformVersion: "0.3.0"}, "Chrome/142, Blink, Windows/8, desktop, reduced")
	f(mac+"Chrome/142.0.0.0 Safari/537.36", Hints{Platform: "macOS", PlatformVersion: "26.1.0"}, "Chrome/142, Blink, macOS/26, desktop, reduced")
	f(android+"Chrome/142.0.0.0 Mobile Safari/537.36", Hints{Platform: "Android", PlatformVersion: "16.0.0", Mobile: detector.True, Model: "Pixel 9"}, "Chrome/142, Blink, Android/16, phone, reduced")
	f("MyBank/7 (Android 14)", Hints{Platform: "Android", PlatformVersion: "15"}, "other(MyBank)/7, none, Android/14, phone")

	// A system that contradicts the string changes nothing; a phone's gives away the desktop site.
	f(desktop, Hints{Platform: "macOS", PlatformVersion: "26.1.0"}, "Chrome/142, Blink, Windows, desktop, reduced")
	f(linux+"Chrome/142.0.0.0 Safari/537.36", Hints{Platform: "Android", PlatformVersion: "16", Mobile: detector.False}, "Chrome/142, Blink, Linux, desktop, reduced, desktop-site")
	f(linux+"Chrome/142.0.0.0 Safari/537.36", Hints{Mobile: detector.True}, "Chrome/142, Blink, Linux, desktop, reduced, desktop-site")
	f(linux+"SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36", Hints{Platform: "Linux", Mobile: detector.True}, "Samsung Internet/28, Blink, Android, unknown, reduced, desktop-site")

	// Without a string there is no family but the brand.
	f("", Hints{Brands: hintsOf142("Google Chrome"), Platform: "Windows", Mobile: detector.False}, "unknown, Blink, Windows, desktop, brand Chrome")
	f("", Hints{Platform: "Android", PlatformVersion: "16", Mobile: detector.True}, "unknown, unknown, Android/16, phone")
	f("", Hints{Brands: brands("Not A;Brand", "99")}, "unknown, Blink, unknown, unknown")
}

// The order of the brands changes from version to version.
func TestBrandDoesNotDependOnOrder(t *testing.T) {
	f := func(a, b string, want detector.Browser) {
		t.Helper()
		for _, list := range [][]detector.Brand{brands(a, "9", b, "9"), brands(b, "9", a, "9")} {
			if got := Parse("x/1", Hints{Brands: list}).Brand; got != want {
				t.Errorf("%v: %s, want %s", list, got, want)
			}
		}
	}
	f("Microsoft Edge", "Microsoft Edge WebView2", detector.OtherBrowser)
	f("Google Chrome", "Opera GX", detector.Opera)
	f("HeadlessChrome", "Google Chrome", detector.HeadlessChrome)
}

// contradicts tells whether two agents have different known values in a part by which the engine tells clients apart.
func contradicts(a, b detector.Agent) bool {
	return a.Browser != b.Browser && a.Browser != 0 && b.Browser != 0 || a.Brand != b.Brand && a.Brand != 0 && b.Brand != 0 ||
		a.Browser == b.Browser && (a.Name != b.Name || a.Major != b.Major) || a.Engine != b.Engine && a.Engine != 0 && b.Engine != 0 ||
		a.OS != b.OS && a.OS != 0 && b.OS != 0 || a.OSMajor != b.OSMajor && a.OSMajor != 0 && b.OSMajor != 0 ||
		a.Device != b.Device && a.Device != 0 && b.Device != 0 || a.Scripted != b.Scripted || a.Reduced != b.Reduced
}

// One client, with all its hints, with some of them and with none, is one client.
func TestHintsNeverMakeTwoClients(t *testing.T) {
	strings := []string{"", "Mozilla/5.0", windows + "Chrome/142.0.0.0 Safari/537.36", mac + "Chrome/142.0.0.0 Safari/537.36", linux + "Chrome/142.0.0.0 Safari/537.36",
		android + "Chrome/142.0.0.0 Mobile Safari/537.36", android + "Chrome/142.0.0.0 Safari/537.36", windows + "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
		linux + "SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36", linux + "HeadlessChrome/142.0.0.0 Safari/537.36", iphone + "Version/26.1 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Windows NT 6.1; rv:115.0) Gecko/20100101 Firefox/115.0", "MyBank/7.12.0 (Android 14; SM-G991B) okhttp/4.12.0", "curl/8.14.1"}
	compared := 0
	for _, userAgent := range strings {
		for _, m := range brandMarks {
			for _, platform := range []string{"Windows", "macOS", "Linux", "Android", "iOS"} {
				for _, mobile := range []detector.Flag{detector.False, detector.True} {
					all := Hints{Brands: brands("Chromium", "142", m.text, "9"), Mobile: mobile, Platform: platform, PlatformVersion: "13.1.0", Model: "Pixel 9"}
					first := Hints{Brands: all.Brands, Mobile: mobile, Platform: platform} // what Chromium sends unasked
					want := Parse(userAgent, all)
					for _, h := range []Hints{{}, first, {Brands: all.Brands}, {Platform: platform}, {Platform: platform, PlatformVersion: "13.1.0"}} {
						compared++
						if got := Parse(userAgent, h); contradicts(got, want) {
							t.Errorf("%q: %s\nwith all hints: %s", userAgent, describe(got), describe(want))
						}
					}
				}
			}
		}
	}
	if compared < 10000 {
		t.Errorf("only %d pairs were compared", compared)
	}
}

func TestHash(t *testing.T) {
	a, b := detector.Brand{Brand: "Chromium", Version: "142"}, detector.Brand{Brand: "Google Chrome", Version: "142"}
	g1, g2 := detector.Brand{Brand: "Not_A Brand", Version: "99"}, detector.Brand{Brand: "Not(A:Brand", Version: "8"}
	of := func(brands ...detector.Brand) uint64 { return Parse("x/1", Hints{Brands: brands}).Hash }
	if of(a, b, g1) != of(g2, b, a) {
		t.Error("the order of the brands, or GREASE, changes the hash")
	}
	if of(a) == of(a, b) || of(a) == of() {
		t.Error("a brand does not change the hash")
	}
	if Parse("x/1", Hints{}).Hash == Parse("x/2", Hints{}).Hash || Parse("x", Hints{Platform: "y"}).Hash == Parse("x", Hints{Model: "y"}).Hash {
		t.Error("different clients have one hash")
	}
	if Parse("", Hints{}).Hash != 0 {
		t.Error("nothing was sent and there is a hash")
	}
	// Fixed for ever: hashes stand in snapshots.
	if got := Parse("curl/8.14.1", Hints{}).Hash; got != fixedHash {
		t.Errorf("the hash of curl/8.14.1 is %#x, was %#x", got, uint64(fixedHash))
	}
	long := strings.Repeat("x", MaxUserAgentBytes)
	if Parse(long+"a", Hints{}) != Parse(long+"b", Hints{}) {
		t.Error("what lies behind the first KiB is read")
	}
}

const fixedHash = 0x6b9880060f8f837f

func TestNamesAreSafeToShow(t *testing.T) {
	f := func(userAgent, want string) {
		t.Helper()
		if got := Parse(userAgent, Hints{}).Name; got != want {
			t.Errorf("%q: name %q, want %q", userAgent, got, want)
		}
	}
	f("Bank\r\nSet-Cookie:x/1.0", "Bank")
	f("B\x00a\x1b[31mnk\xff/1", "B")
	f("Bank\u202e/1 (x)", "Bank")
	f(strings.Repeat("N", 300)+"/1", strings.Repeat("N", 64))
}

func FuzzParse(f *testing.F) {
	f.Add(windows+"Chrome/142.0.0.0 Safari/537.36", "Windows", "13", "Not/A)Brand")
	f.Add("Mozilla/5.0 (;;) ( [", "", "", "")
	f.Add("Mozilla/5.0 () AppleWebKit/ Googlebot/", "\xff", "999999999999", "")
	f.Add("Opera/9.80 () Version/", "", "", "\x00")
	f.Fuzz(func(t *testing.T, userAgent, platform, version, brand string) {
		h := Hints{Platform: platform, PlatformVersion: version, Brands: []detector.Brand{{Brand: brand, Version: version}}}
		a := Parse(userAgent, h)
		if a != Parse(userAgent, h) {
			t.Error("two answers for one client")
		}
		if len(a.Name) > maxNameBytes || strings.ContainsFunc(a.Name, unicode.IsControl) {
			t.Errorf("unsafe name %q", a.Name)
		}
		describe(a) // every value has its word
		c := NewCache(2)
		for range 2 { // a miss and a hit
			if c.Parse(userAgent, h) != a {
				t.Error("the cache changes the answer")
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Parse(windows+"Chrome/142.0.0.0 Safari/537.36", Hints{Platform: "Windows"})
	}
}
