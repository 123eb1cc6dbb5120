package useragent

import (
	"strings"

	"github.com/sessionguard/sessionguard/detector"
)

// osMark is a piece of a user agent that names an operating system.
type osMark struct {
	text string
	os   detector.OS
}

// osMarks are tried in order: Windows Phone says Android, Android says Linux, iOS says Mac OS X.
var osMarks = []osMark{
	{"windows phone", detector.OtherOS}, {"windows mobile", detector.OtherOS}, {"windows ce", detector.OtherOS},
	{"watchos", detector.OtherOS}, {"tvos", detector.OtherOS}, {"apple tv", detector.OtherOS}, {"visionos", detector.OtherOS},
	{"openharmony", detector.HarmonyOS}, {"harmonyos", detector.HarmonyOS},
	{"tizen", detector.OtherOS}, {"web0s", detector.OtherOS}, {"webos", detector.OtherOS}, {"kaios", detector.OtherOS},
	{"sailfish", detector.OtherOS}, {"fuchsia", detector.OtherOS}, {"nintendo", detector.OtherOS}, {"playstation", detector.OtherOS},
	{"blackberry", detector.OtherOS}, {"bb10", detector.OtherOS}, {"playbook", detector.OtherOS},
	{"symbian", detector.OtherOS}, {"symbianos", detector.OtherOS}, {"symbos", detector.OtherOS},
	{"iphone", detector.IOS}, {"ipad", detector.IOS}, {"ipod", detector.IOS}, {"ios", detector.IOS}, {"ipados", detector.IOS}, {"iphone os", detector.IOS},
	{"android", detector.Android}, {"dalvik", detector.Android}, {"oculusbrowser", detector.Android},
	{"cros", detector.ChromeOS}, {"chromeos", detector.ChromeOS}, {"chrome os", detector.ChromeOS}, {"x11; windows", detector.ChromeOS},
	{"windows nt", detector.Windows}, {"windows", detector.Windows}, {"win64", detector.Windows}, {"win32", detector.Windows},
	{"mac os x", detector.MacOS}, {"macintosh", detector.MacOS}, {"macos", detector.MacOS}, {"mac os", detector.MacOS},
	{"freebsd", detector.OtherOS}, {"openbsd", detector.OtherOS}, {"netbsd", detector.OtherOS}, {"sunos", detector.OtherOS},
	{"ubuntu", detector.Linux}, {"linux", detector.Linux}, {"linux-gnu", detector.Linux}, {"x11", detector.Linux},
}

// system finds the operating system, and its version where the string still tells it.
func (s *subject) system() {
	if s.text == "" {
		return
	}
	a := &s.agent
	a.OS = s.osFamily()
	switch {
	case s.only == iosOnly && a.OS == detector.MacOS:
		a.OS, a.DesktopSite = detector.IOS, true
	case s.only == androidOnly && a.OS == detector.Linux:
		a.OS, a.DesktopSite = detector.Android, true
	default:
		a.OSMajor = s.osMajor()
	}
}

func (s *subject) osFamily() detector.OS {
	for i := range osMarks {
		if s.has(osMarks[i].text) {
			return osMarks[i].os
		}
	}
	switch {
	case s.has("darwin/"):
		return s.darwinFamily()
	case strings.HasPrefix(s.lower, "mozilla/") && s.base.os != "":
		return detector.OtherOS
	}
	return detector.UnknownOS
}

// darwinFamily: a Mac's CFNetwork names the processor (up to macOS 12), a phone's never does.
func (s *subject) darwinFamily() detector.OS {
	if s.has("x86_64") || s.has("i386") || s.has("arm64") {
		return detector.MacOS
	}
	return detector.IOS
}

func (s *subject) osMajor() uint16 {
	switch s.agent.OS {
	case detector.Windows:
		return s.windowsMajor()
	case detector.MacOS:
		return s.macMajor()
	case detector.IOS:
		return s.iosMajor()
	case detector.Android:
		return s.androidMajor()
	case detector.HarmonyOS:
		return max(s.major("openharmony"), s.major("harmonyos"))
	}
	return 0 // Linux and ChromeOS say nothing of use; of the rest it does not matter
}

// windowsMajor turns the kernel's version into the product's. NT 10.0 is Windows 10 and 11.
func (s *subject) windowsMajor() uint16 {
	i := s.find("windows nt")
	if i < 0 {
		return 0
	}
	switch major, minor := numbers(s.lower[i:]); {
	case major == 6 && minor == 1:
		return 7
	case major == 6 && (minor == 2 || minor == 3):
		return 8
	}
	return 0
}

// macMajor: every browser of today says 10.15 or 10_15_7 on every macOS.
func (s *subject) macMajor() uint16 {
	i := s.find("mac os x")
	if i < 0 {
		return 0
	}
	major, minor := numbers(s.lower[i:])
	if major == 10 && minor == 15 {
		return 0
	}
	return major
}

var iosVersionMarks = []string{"iphone os", "cpu os", "ios", "ipados"}

// iosMajor: since iOS 26 the string says 18_6 or 18_7, and only Safari's own version tells which it is.
func (s *subject) iosMajor() uint16 {
	for _, m := range iosVersionMarks {
		i := s.find(m)
		if i < 0 {
			continue
		}
		major, minor := numbers(s.lower[i:])
		if major == 18 && (minor == 6 || minor == 7) && s.major("version/") != 18 {
			return 0
		}
		if major > 0 {
			return major
		}
	}
	return darwinToIOS(s.major("darwin/"))
}

// darwinToIOS: the kernel was six ahead of iOS until iOS 18; iOS 26 is Darwin 25.
func darwinToIOS(darwin uint16) uint16 {
	switch {
	case darwin >= 25:
		return darwin + 1
	case darwin >= 13:
		return darwin - 6
	}
	return 0
}

// androidMajor: Chrome says "Android 10; K" and Firefox "Android 10" of every version.
func (s *subject) androidMajor() uint16 {
	major := s.major("android")
	if major == 10 && (s.has("android 10; k)") || s.has("android 10; k;") || s.has("gecko/")) {
		return 0
	}
	return major
}

// engine finds the rendering engine. All browsers on iOS use WebKit; EdgeHTML and Presto are none that detector lists.
func (s *subject) engine() {
	a := &s.agent
	switch {
	case s.text == "":
	case !strings.HasPrefix(s.lower, "mozilla/"):
		if a.Browser != detector.Opera && a.Browser != detector.UCBrowser && a.Browser != detector.Safari {
			a.Engine = detector.NoEngine
		}
	case a.OS == detector.IOS:
		a.Engine = detector.WebKit
	case s.has("edge/"):
	case s.has("chrome/"), s.has("chromium/"), a.Browser == detector.HeadlessChrome:
		a.Engine = detector.Blink
		a.Reduced = s.reduced()
	case s.has("gecko/"):
		a.Engine = detector.Gecko
	case s.has("trident/"), s.has("msie"):
		a.Engine = detector.Trident
	case s.has("applewebkit/"):
		a.Engine = detector.WebKit
	}
}

// reduced: Chrome/<major>.0.0.0, since Chrome 101.
func (s *subject) reduced() bool {
	i := s.find("chrome/")
	if i < 0 {
		return false
	}
	major, rest := number(s.lower[i:])
	return major >= 101 && strings.HasPrefix(rest, ".0.0.0") && (len(rest) == 6 || !letterOrDigit(rest[6]))
}

// device finds the class of device. A program has none that matters; an app that does not say is on a phone.
func (s *subject) device() {
	a := &s.agent
	browser := a.Engine != detector.NoEngine && a.Browser != detector.UnknownBrowser
	if a.DesktopSite { // it hides what it is
		return
	}
	phone := s.has("mobile") || s.has("opera mobi") || s.has("opera mini") || a.Browser == detector.MiuiBrowser
	switch a.OS {
	case detector.IOS:
		a.Device = s.appleDevice()
	case detector.Android, detector.HarmonyOS:
		a.Device = androidDevice(phone || !browser, s.has("tablet"))
		if s.has("tv") || s.has("googletv") || s.has("smart-tv") {
			a.Device = detector.UnknownDevice
		}
	case detector.Windows, detector.MacOS, detector.Linux, detector.ChromeOS:
		if browser && !a.Scripted || a.Headless {
			a.Device = detector.Desktop
		}
	}
	if phone && (a.OS == detector.OtherOS || a.Browser == detector.Opera) {
		a.Device = detector.Phone
	}
}

func (s *subject) appleDevice() detector.DeviceClass {
	switch {
	case s.has("ipad"):
		return detector.Tablet
	case s.has("iphone"), s.has("ipod"):
		return detector.Phone
	}
	return detector.UnknownDevice
}

func androidDevice(phone, tablet bool) detector.DeviceClass {
	if tablet || !phone {
		return detector.Tablet
	}
	return detector.Phone
}
