package detector_test

import (
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/rules"
)

// What a client contradicts itself in, from the headers as they are sent; the first look of a session counts only what is beyond doubt.
func TestContradictions(t *testing.T) {
	set := loadShipped(t)
	enricher := enrich.New(nil, true)
	f := func(userAgent, platform, brands, ja4, first, later string) {
		t.Helper()
		for i, want := range []string{first, later} {
			g := detector.New(detector.Config{Rules: set})
			if i == 1 {
				g.Observe(headers(enricher, 0, plainChrome, "", "", ""))
			}
			got := contradiction(g.Observe(headers(enricher, 1, userAgent, platform, brands, ja4)))
			if got != want {
				t.Errorf("%s, platform %s, brands %s, ja4 %s, look %d: got %q, want %q", userAgent, platform, brands, ja4, i, got, want)
			}
		}
	}
	const (
		safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15"
		phone  = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
		edge   = plainChrome + " Edg/141.0.0.0"
	)
	system, none := "the client hints name another operating system", ""
	f(plainChrome, `"Windows"`, "Chromium 141, Google Chrome 141", "", none, none)
	f(plainChrome, "macOS", "", "", system, system)
	f(plainChrome, "Plan 9", "", "", none, none)
	f(plainChrome, "Android", "", "", system, system)
	f(phone, "Linux", "", "", system, system)
	f(safari, "", "Chromium 141", "", "the browser sends no client hints, and here are some", "the browser sends no client hints, and here are some")
	f(strings.Replace(safari, "Macintosh; Intel Mac OS X 10_15_7", "Windows NT 10.0; Win64; x64", 1), "", "", "", "there is no such browser on this system", "there is no such browser on this system")
	f(edge, "Windows", "Chromium 141, Opera 124", "", none, "the client hints name another browser")
	f(plainChrome, "Windows", "Chromium 139, Google Chrome 139", "", none, "the client hints name another version")
	f(plainChrome, "Windows", "Chromium 141, Brave 141", "", none, none)
	f(plainChrome, "", "", "t13d181000_85036bcba153_d41ae481755e", none, "the TLS hello offers no protocol")
	f(plainChrome, "", "", "t13d1516h1_8daaf6152771_02713d6af862", none, none)
	f(plainChrome, "", "", "t13d18", none, none)
	f("curl/8.14.1", "macOS", "", "t13d181000_85036bcba153_d41ae481755e", none, none)
	f("", "macOS", "", "", none, none)
}

const plainChrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"

// headers is an event of one session with these headers; brands are written "name version, name version".
func headers(enricher *enrich.Enricher, n int64, userAgent, platform, brands, ja4 string) *detector.Event {
	e := ordinary(nil)
	e.ID, e.TimeMS = string(rune('a'+n)), e.TimeMS+n*60_000
	e.Client.Agent = detector.Agent{}
	e.Client.UserAgent, e.Client.Platform, e.Client.JA4 = userAgent, platform, ja4
	for _, b := range strings.Split(brands, ", ") {
		if i := strings.LastIndexByte(b, ' '); i > 0 {
			e.Client.Brands = append(e.Client.Brands, detector.Brand{Brand: b[:i], Version: b[i+1:]})
		}
	}
	enricher.Enrich(e)
	return e
}

// contradiction gives what client-inconsistent found.
func contradiction(out detector.Outcome) string {
	for _, d := range out.Decisions {
		for _, f := range d.Findings {
			if f.Rule == "client-inconsistent" && f.Evidence == rules.Client {
				return f.Facts[0].Text
			}
		}
	}
	return ""
}
