package useragent

import "github.com/sessionguard/sessionguard/detector"

// trait is what a mark says beside the family.
type trait uint8

const (
	webview     trait = 1 << iota // inside another app
	headless                      // driven by a program
	scripted                      // a program
	iosOnly                       // only iOS browsers have it: on "Macintosh" it is an iPad that asks for the desktop site
	anywhere                      // also in a string that does not begin with Mozilla/
	androidOnly                   // only Android browsers have it: beside X11 it is a phone that asks for the desktop site
	runtime                       // a language's name: the product after it says more
	app                           // what an app's system sends for it: no script
)

// mark is a piece of a user agent, in lower case, and what it means.
type mark struct {
	text    string
	browser detector.Browser
	name    string // of families that detector does not list, and of the app around a web view
	traits  trait
}

// browserMarks are tried in order; the first that is there wins. What dresses as something else stands before what it
// dresses as.
var browserMarks = []mark{
	{"headlesschrome", detector.HeadlessChrome, "", headless},
	{"headless_shell", detector.HeadlessChrome, "", headless},
	{"phantomjs", detector.OtherBrowser, "PhantomJS", headless},
	{"slimerjs", detector.OtherBrowser, "SlimerJS", headless},
	{"playwright", detector.OtherBrowser, "Playwright", headless | anywhere},
	{"puppeteer", detector.OtherBrowser, "Puppeteer", headless | anywhere},
	{"selenium", detector.OtherBrowser, "Selenium", headless | anywhere},
	{"cypress/", detector.OtherBrowser, "Cypress", headless},
	{"windowspowershell/", detector.Script, "PowerShell", scripted},
	{"powershell/", detector.Script, "PowerShell", scripted},

	{"edgios", detector.Edge, "", iosOnly},
	{"edga/", detector.Edge, "", androidOnly},
	{"edg/", detector.Edge, "", 0},
	{"edge/", detector.Edge, "", 0},
	{"oculusbrowser/", detector.OtherBrowser, "Meta Quest Browser", 0},
	{"samsungbrowser", detector.SamsungInternet, "", androidOnly},
	{"ucbrowser", detector.UCBrowser, "", anywhere},
	{"uc browser", detector.UCBrowser, "", anywhere},
	{"ucweb", detector.UCBrowser, "", anywhere},
	{"ucmobile", detector.UCBrowser, "", anywhere},
	{"ucturbo", detector.UCBrowser, "", anywhere},
	{"ubrowser/", detector.UCBrowser, "", 0},
	{"opios/", detector.Opera, "", iosOnly},
	{"opt/", detector.Opera, "", 0},
	{"opx/", detector.Opera, "", 0},
	{"opr/", detector.Opera, "", 0},
	{"opera", detector.Opera, "", anywhere},
	{"yabrowser/", detector.Yandex, "", 0},
	{"yasearchbrowser/", detector.Yandex, "", 0},
	{"yaapp_android", detector.Yandex, "", 0},
	{"vivaldi", detector.Vivaldi, "", 0},
	{"brave", detector.Brave, "", 0},
	{"whale/", detector.Whale, "", 0},
	{"miuibrowser/", detector.MiuiBrowser, "", androidOnly},
	{"duckduckgo/", detector.DuckDuckGo, "", 0},
	{"ddg/", detector.DuckDuckGo, "", 0},
	{"crios/", detector.Chrome, "", iosOnly},
	{"fxios/", detector.Firefox, "", iosOnly},
	{"focusios/", detector.Firefox, "", iosOnly},
	{"focus/", detector.Firefox, "", 0},
	{"klar/", detector.Firefox, "", 0},

	{"huaweibrowser/", detector.OtherBrowser, "Huawei Browser", 0},
	{"heytapbrowser/", detector.OtherBrowser, "HeyTap Browser", 0},
	{"vivobrowser/", detector.OtherBrowser, "vivo Browser", 0},
	{"mqqbrowser/", detector.OtherBrowser, "QQ Browser", 0},
	{"qqbrowser/", detector.OtherBrowser, "QQ Browser", 0},
	{"quark/", detector.OtherBrowser, "Quark", 0},
	{"coc_coc_browser/", detector.OtherBrowser, "Coc Coc", 0},
	{"silk/", detector.OtherBrowser, "Amazon Silk", 0},
	{"puffin/", detector.OtherBrowser, "Puffin", 0},
	{"ecosia", detector.OtherBrowser, "Ecosia", 0},
	{"aloha", detector.OtherBrowser, "Aloha", 0},
	{"avast/", detector.OtherBrowser, "Avast Secure Browser", 0},
	{"avg/", detector.OtherBrowser, "AVG Secure Browser", 0},
	{"ccleaner/", detector.OtherBrowser, "CCleaner Browser", 0},
	{"seamonkey/", detector.OtherBrowser, "SeaMonkey", 0},
	{"palemoon/", detector.OtherBrowser, "Pale Moon", 0},
	{"waterfox/", detector.OtherBrowser, "Waterfox", 0},
	{"librewolf/", detector.OtherBrowser, "LibreWolf", 0},
	{"epiphany/", detector.OtherBrowser, "GNOME Web", 0},
	{"konqueror/", detector.OtherBrowser, "Konqueror", 0},
	{"falkon/", detector.OtherBrowser, "Falkon", 0},
	{"electron/", detector.OtherBrowser, "Electron", 0},

	{"fbav/", detector.OtherBrowser, "Facebook", webview},
	{"fban/", detector.OtherBrowser, "Facebook", webview},
	{"fb_iab/", detector.OtherBrowser, "Facebook", webview},
	{"instagram", detector.OtherBrowser, "Instagram", webview},
	{"barcelona", detector.OtherBrowser, "Threads", webview},
	{"whatsapp/", detector.OtherBrowser, "WhatsApp", webview},
	{"micromessenger/", detector.OtherBrowser, "WeChat", webview},
	{"line/", detector.OtherBrowser, "LINE", webview},
	{"kakaotalk", detector.OtherBrowser, "KakaoTalk", webview},
	{"naver(inapp", detector.OtherBrowser, "NAVER", webview},
	{"musical_ly", detector.OtherBrowser, "TikTok", webview},
	{"bytedancewebview/", detector.OtherBrowser, "TikTok", webview},
	{"snapchat/", detector.OtherBrowser, "Snapchat", webview},
	{"pinterest/", detector.OtherBrowser, "Pinterest", webview},
	{"linkedinapp", detector.OtherBrowser, "LinkedIn", webview},
	{"twitter for", detector.OtherBrowser, "X", webview},
	{"gsa/", detector.OtherBrowser, "Google", webview},
	{"chromium/", detector.OtherBrowser, "Chromium", 0},
}

// baseNames are mssola's names of what it knows right.
var baseNames = map[string]detector.Browser{
	"Chrome": detector.Chrome, "Firefox": detector.Firefox, "Safari": detector.Safari, "Opera": detector.Opera,
	"Edge": detector.Edge, "Internet Explorer": detector.InternetExplorer,
}

// lateMarks name what mssola loses, for instance behind the word Google anywhere in the string.
var lateMarks = []mark{
	{"chrome/", detector.Chrome, "", 0},
	{"firefox/", detector.Firefox, "", 0},
	{"trident/", detector.InternetExplorer, "", 0},
	{"msie", detector.InternetExplorer, "", 0},
	{"safari", detector.Safari, "", 0},
}

// brandMarks are the brands of Sec-CH-UA that name a family, tried in order: a browser that shows several (WebView2 shows
// Edge's, too) shows the one that says most first here. "Chromium" alone names none: browsers that hide their name send just
// that.
var brandMarks = []mark{
	{"headlesschrome", detector.HeadlessChrome, "", headless},
	{"android webview", detector.AndroidWebview, "", webview},
	{"microsoft edge webview2", detector.OtherBrowser, "", webview},
	{"brave", detector.Brave, "", 0},
	{"opera", detector.Opera, "", 0},
	{"opera gx", detector.Opera, "", 0},
	{"opera mobile", detector.Opera, "", 0},
	{"samsung internet", detector.SamsungInternet, "", 0},
	{"vivaldi", detector.Vivaldi, "", 0},
	{"yabrowser", detector.Yandex, "", 0},
	{"yandex", detector.Yandex, "", 0},
	{"whale", detector.Whale, "", 0},
	{"duckduckgo", detector.DuckDuckGo, "", 0},
	{"miuibrowser", detector.MiuiBrowser, "", 0},
	{"avast secure browser", detector.OtherBrowser, "", 0},
	{"huaweibrowser", detector.OtherBrowser, "", 0},
	{"microsoft edge", detector.Edge, "", 0},
	{"google chrome", detector.Chrome, "", 0},
}
