package useragent

import "github.com/sessionguard/sessionguard/detector"

// programs are the HTTP clients, by the first product of their user agent: what a script sends unless its author
// hides it.
var programs = map[string]mark{
	"curl": {browser: detector.Curl}, "libcurl": {browser: detector.Curl}, "pycurl": {browser: detector.Curl},
	"wget": {browser: detector.Wget}, "wget2": {browser: detector.Wget},
	"python-requests":  {browser: detector.PythonRequests},
	"go-http-client":   {browser: detector.GoHTTP},
	"java":             {browser: detector.Java},
	"java-http-client": {browser: detector.Java},
	"axios":            {browser: detector.Axios},
	"okhttp":           {browser: detector.OkHTTP},
	"postmanruntime":   {browser: detector.Postman},
	"python":           {browser: detector.Script, name: "Python", traits: runtime},
	"cpython":          {browser: detector.Script, name: "Python", traits: runtime},
	"ruby":             {browser: detector.Script, name: "Ruby", traits: runtime},
	"php":              {browser: detector.Script, name: "PHP", traits: runtime},
	"perl":             {browser: detector.Script, name: "Perl", traits: runtime},
	"dart":             {browser: detector.Script, name: "Dart"},

	"python-urllib": script("Python-urllib"), "python-urllib3": script("urllib3"), "urllib3": script("urllib3"),
	"python-httpx": script("httpx"), "httpx": script("httpx"), "aiohttp": script("aiohttp"), "niquests": script("niquests"),
	"scrapy": script("Scrapy"), "mechanize": script("mechanize"), "curl_cffi": script("curl_cffi"), "httpie": script("HTTPie"),
	"node": script("Node.js"), "node.js": script("Node.js"), "node-fetch": script("node-fetch"), "undici": script("undici"),
	"got": script("got"), "superagent": script("superagent"), "node-superagent": script("superagent"), "needle": script("needle"),
	"bun": script("Bun"), "deno": script("Deno"), "ky": script("ky"),
	"apache-httpclient": script("Apache-HttpClient"), "apache-httpasyncclient": script("Apache-HttpAsyncClient"),
	"jakarta": script("Jakarta HttpClient"), "jersey": script("Jersey"), "reactornetty": script("Reactor Netty"),
	"ktor": script("Ktor"), "ktor-client": script("Ktor"), "unirest-java": script("Unirest"), "vert.x-webclient": script("Vert.x"),
	"akka-http": script("Akka HTTP"), "armeria": script("Armeria"), "rest-assured": script("REST Assured"),
	"go-resty": script("Resty"), "fasthttp": script("fasthttp"), "colly": script("Colly"), "req": script("req"),
	"reqwest": script("reqwest"), "hyper": script("hyper"), "ureq": script("ureq"), "rest-client": script("rest-client"),
	"restsharp": script("RestSharp"), "guzzlehttp": script("Guzzle"), "guzzle": script("Guzzle"), "symfony": script("Symfony"),
	"faraday": script("Faraday"), "typhoeus": script("Typhoeus"), "httparty": script("HTTParty"),
	"libwww-perl": script("libwww-perl"), "lwp": script("libwww-perl"), "www-mechanize": script("WWW-Mechanize"),
	"winhttp": script("WinHTTP"), "powershell": script("PowerShell"), "lua-resty-http": script("lua-resty-http"),
	"insomnia": script("Insomnia"), "bruno-runtime": script("Bruno"), "hoppscotch": script("Hoppscotch"), "paw": script("Paw"),
	"k6": script("k6"), "jmeter": script("JMeter"), "locust": script("Locust"), "wrk": script("wrk"), "hey": script("hey"),
	"apachebench": script("ApacheBench"), "siege": script("Siege"), "vegeta": script("Vegeta"), "gatling": script("Gatling"),
	"sqlmap": script("sqlmap"), "nikto": script("Nikto"), "nuclei": script("Nuclei"), "zgrab": script("ZGrab"), "masscan": script("masscan"),
	"gobuster": script("Gobuster"), "ffuf": script("ffuf"), "fuzz": script("ffuf"), "wfuzz": script("Wfuzz"), "dirbuster": script("DirBuster"),
	"feroxbuster": script("feroxbuster"), "wpscan": script("WPScan"), "hydra": script("Hydra"),

	// Apps that give no name of their own, and the system's own requests: Safari/... CFNetwork/...
	"cfnetwork": {browser: detector.CFNetwork, traits: app},
	"dalvik":    {browser: detector.OtherBrowser, name: "Dalvik", traits: app},
	"safari":    {browser: detector.Safari, traits: app},
}

func script(name string) mark { return mark{browser: detector.Script, name: name} }

// botPrefixes are robots that name themselves by no robot's word.
var botPrefixes = []string{"googlebot", "adsbot", "mediapartners-google", "apis-google", "google-inspectiontool", "google-read-aloud",
	"google-site-verification", "google-extended", "google-safety", "google-adwords", "googleother", "feedfetcher", "bingpreview",
	"chatgpt-user", "claude-", "perplexity", "facebookexternalhit", "meta-external", "semrush", "ahrefs", "ia_archiver",
	"special_archiver", "heritrix", "censysinspect", "expanse", "pingdom", "newrelicpinger", "statuscake", "ptst"}

// botSuffixes and botInfixes are the words by which the other robots name themselves.
var (
	botSuffixes = []string{"bot", "slurp", "scraper"}
	botInfixes  = []string{"crawl", "spider", "bot-", "bot_"}
)
