package useragent

import (
	"strings"

	"github.com/sessionguard/sessionguard/detector"
)

// hints fills in what the string leaves open, and changes nothing that the string says. Most hints come only when the app
// has asked for them, and some publishers log them on some paths only: one client with and without them must not look like
// two.
func (s *subject) hints(h *Hints) {
	s.brand(h.Brands)
	s.platform(h)
	s.mobile(h)
}

// brand finds the family that the brands name, which a reduced string often hides. Only Chromium sends brands.
func (s *subject) brand(brands []detector.Brand) {
	a := &s.agent
	if len(brands) > 0 && a.Engine == detector.UnknownEngine {
		a.Engine = detector.Blink
	}
	if m := brandMark(brands); m != nil {
		a.Brand = m.browser
		a.Webview = a.Webview || m.traits&webview != 0
		a.Headless = a.Headless || m.traits&headless != 0
	}
	a.OtherVersion = s.otherVersion(brands)
}

// otherVersion says whether the brand Chromium has another version than Chrome/ in the user agent: one of the two was set by hand.
func (s *subject) otherVersion(brands []detector.Brand) bool {
	says := s.major("chrome/")
	for i := range brands {
		if strings.EqualFold(unquote(cut(brands[i].Brand, maxHintBytes)), "chromium") {
			hinted, _ := numbers(unquote(cut(brands[i].Version, maxHintBytes)))
			return differs(says, hinted)
		}
	}
	return false
}

// differs says whether two known versions contradict each other.
func differs(a, b uint16) bool { return a != 0 && b != 0 && a != b }

// brandMark gives the first of brandMarks that is among the brands, in whatever order these came; nil: none is.
func brandMark(brands []detector.Brand) *mark {
	for i := range brandMarks {
		for j := range brands {
			if strings.EqualFold(unquote(cut(brands[j].Brand, maxHintBytes)), brandMarks[i].text) {
				return &brandMarks[i]
			}
		}
	}
	return nil
}

// platform fills in the operating system and its version. A desktop's string from a phone's or tablet's system is a desktop
// site that was asked for; the system then stays what the string says, as it is in requests without the hint.
func (s *subject) platform(h *Hints) {
	a := &s.agent
	os := detector.HintedOS(h.Platform)
	switch {
	case os == detector.UnknownOS:
		return
	case a.OS == detector.UnknownOS:
		a.OS = os
	case os != a.OS:
		a.DesktopSite = a.DesktopSite || a.Device == detector.Desktop && (os == detector.Android || os == detector.IOS)
		return
	}
	if a.OSMajor == 0 {
		a.OSMajor = platformMajor(os, unquote(h.PlatformVersion))
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

// mobile fills in the class of device. A desktop's string from a mobile browser is a desktop site that was asked for.
func (s *subject) mobile(h *Hints) {
	a := &s.agent
	switch {
	case h.Mobile == detector.True && a.Device == detector.Desktop:
		a.DesktopSite = true
	case h.Mobile == detector.True && a.Device == detector.UnknownDevice && !a.DesktopSite:
		a.Device = detector.Phone
	case h.Mobile == detector.False && s.text == "":
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
