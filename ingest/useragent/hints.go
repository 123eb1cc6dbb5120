package useragent

import (
	"strings"

	"github.com/sessionguard/sessionguard/detector"
)

// hints corrects what the string said by what the client hints say. Only Chromium sends them, and they are not frozen.
func (s *subject) hints(h *Hints) {
	if h.absent() {
		return
	}
	s.brands(h.Brands)
	s.platform(h)
	s.mobile(h)
}

// brands corrects a family that dresses as Chrome, or stands alone where no user agent came. A family that the string
// itself names stays.
func (s *subject) brands(brands []detector.Brand) {
	a := &s.agent
	if len(brands) > 0 && a.Engine == detector.UnknownEngine && s.text == "" {
		a.Engine = detector.Blink
	}
	if a.Browser != detector.Chrome && a.Browser != detector.UnknownBrowser {
		return
	}
	for i := range brands[:min(len(brands), maxBrands)] {
		name := strings.ToLower(unquote(cut(brands[i].Brand, maxHintBytes)))
		m, ok := brandMarks[name]
		if !ok {
			continue
		}
		a.Browser, a.Name = m.browser, m.name
		a.Webview = a.Webview || m.traits&webview != 0
		a.Headless = a.Headless || m.traits&headless != 0
		a.Scripted = a.Scripted || m.traits&headless != 0
		if major, _ := numbers(unquote(brands[i].Version)); major > 0 {
			a.Major = major
		}
		return
	}
}

var platforms = map[string]detector.OS{
	"windows": detector.Windows, "macos": detector.MacOS, "mac os x": detector.MacOS, "linux": detector.Linux, "android": detector.Android,
	"chrome os": detector.ChromeOS, "chromium os": detector.ChromeOS, "chromeos": detector.ChromeOS, "ios": detector.IOS,
	"harmonyos": detector.HarmonyOS, "openharmony": detector.HarmonyOS,
}

// platform corrects the operating system. A desktop's string from a phone's or tablet's system is a desktop site that
// was asked for.
func (s *subject) platform(h *Hints) {
	a := &s.agent
	os, ok := platforms[strings.ToLower(unquote(h.Platform))]
	if !ok {
		return
	}
	if os != a.OS {
		if (os == detector.Android || os == detector.IOS) && a.Device == detector.Desktop {
			a.DesktopSite, a.Device = true, detector.UnknownDevice
		}
		a.OS, a.OSMajor = os, 0
	}
	if major := platformMajor(os, unquote(h.PlatformVersion)); major > 0 {
		a.OSMajor = major
	}
}

// platformMajor reads Sec-CH-UA-Platform-Version. Windows gives a number of its API contract: 13 and above is Windows 11,
// 1 to 12 is Windows 10, 0.1 is Windows 7, 0.2 and 0.3 are Windows 8 (Microsoft, "Detect Windows 11 using User-Agent Client
// Hints").
func platformMajor(os detector.OS, version string) uint16 {
	major, minor := numbers(version)
	switch {
	case os == detector.Linux, os == detector.ChromeOS, version == "":
		return 0
	case os != detector.Windows:
		return major
	case major >= 13:
		return 11
	case major >= 1:
		return 10
	case minor == 1:
		return 7
	case minor == 2, minor == 3:
		return 8
	}
	return 0
}

func (s *subject) mobile(h *Hints) {
	a := &s.agent
	switch {
	case h.Mobile == detector.True && a.Device != detector.Tablet:
		a.Device = detector.Phone
	case h.Mobile == detector.False && a.Device == detector.UnknownDevice && !a.DesktopSite && s.text == "":
		if a.OS == detector.Windows || a.OS == detector.MacOS || a.OS == detector.Linux || a.OS == detector.ChromeOS {
			a.Device = detector.Desktop
		}
	}
}

// grease recognises the arbitrary brand: "Not" and "Brand" with any signs and an A between them ("Not/A)Brand", "Not_A Brand").
func grease(brand string) bool {
	letters := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return -1
	}, brand)
	return strings.EqualFold(letters, "NotABrand") || strings.EqualFold(letters, "NotBrand")
}

// unquote takes off the quotes of a structured-field string, which some apps leave on.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}
