package useragent

import (
	"slices"
	"strings"

	"github.com/sessionguard/sessionguard/detector"
)

// identify finds the browser, app or program.
func (s *subject) identify() {
	switch {
	case s.text == "":
	case s.program():
	case s.robot():
	case strings.HasPrefix(s.lower, "mozilla/"):
		s.browser()
	case s.take(browserMarks, anywhere):
	default:
		s.app()
	}
}

// robot recognises what says that it is a robot. CUBOT is a maker of phones.
func (s *subject) robot() bool {
	for _, token := range strings.FieldsFunc(s.text, func(r rune) bool { return strings.ContainsRune(" ;,()+", r) }) {
		name, version, _ := strings.Cut(token, "/")
		if lower := strings.ToLower(name); lower != "cubot" && !strings.Contains(name, ":") && robotName(lower) {
			s.robotCalled(name, version)
			return true
		}
	}
	if s.base.bot || strings.Contains(s.lower, "+http") {
		s.robotCalled(strings.TrimPrefix(s.base.browser, "Mozilla"), s.base.version)
		return true
	}
	return false
}

func (s *subject) robotCalled(name, version string) {
	s.agent.Browser, s.agent.Name, s.agent.Scripted = detector.Script, cut(name, maxNameBytes), true
	s.agent.Major, _ = numbers(version)
}

func robotName(lower string) bool {
	is := func(test func(s, word string) bool, words []string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return test(lower, word) })
	}
	return is(strings.HasPrefix, botPrefixes) || is(strings.HasSuffix, botSuffixes) || is(strings.Contains, botInfixes)
}

// maxNameBytes bounds the name that a client gives itself.
const maxNameBytes = 64

func (s *subject) browser() {
	switch {
	case s.take(browserMarks, 0):
	case s.appleWebview():
		s.agent.Browser, s.agent.Webview = detector.AppleWebview, true
	case s.androidWebview():
		s.agent.Browser, s.agent.Webview, s.agent.Major = detector.AndroidWebview, true, s.major("chrome/")
	case s.stockAndroid():
		s.agent.Browser, s.agent.Name, s.agent.Major = detector.OtherBrowser, "Android Browser", s.major("version/")
	case s.known():
	case s.take(lateMarks, 0):
	case s.base.browser != "" && s.base.browser != "Mozilla":
		s.agent.Browser, s.agent.Name = detector.OtherBrowser, cut(printable(s.base.browser), maxNameBytes)
		s.agent.Major, _ = numbers(s.base.version)
	}
}

// take uses the first mark that is there and has the wanted traits.
func (s *subject) take(marks []mark, wanted trait) bool {
	for i := range marks {
		m := &marks[i]
		if m.traits&wanted == wanted && s.has(m.text) {
			s.use(m)
			s.agent.Major = s.versionOf(m)
			return true
		}
	}
	return false
}

func (s *subject) use(m *mark) {
	a := &s.agent
	a.Browser, a.Name = m.browser, m.name
	a.Webview = m.traits&webview != 0
	a.Headless = m.traits&headless != 0
	a.Scripted = m.traits&scripted != 0
	s.only = m.traits & (iosOnly | androidOnly)
	if !a.Webview || m.browser != detector.OtherBrowser {
		return
	}
	switch { // a web view of a known app: its family is the system's web view
	case s.apple():
		a.Browser = detector.AppleWebview
	case s.has("android"):
		a.Browser = detector.AndroidWebview
	}
}

// versionOf is the version behind a mark; Safari's and old Opera's stand elsewhere, and Chrome's stands for one that is missing.
func (s *subject) versionOf(m *mark) uint16 {
	n := s.major(m.text)
	switch {
	case m.browser == detector.Safari, m.browser == detector.Opera && n == 9 && s.has("version/"):
		return s.major("version/")
	case s.agent.Browser == detector.AndroidWebview, n == 0:
		return s.major("chrome/")
	}
	return n
}

func (s *subject) known() bool {
	family, ok := baseNames[s.base.browser]
	if !ok {
		return false
	}
	s.agent.Browser = family
	s.agent.Major, _ = numbers(s.base.version)
	return true
}

func (s *subject) apple() bool {
	return s.has("iphone") || s.has("ipad") || s.has("ipod") || s.has("macintosh")
}

// appleWebview: Safari says Safari, an app's web view does not.
func (s *subject) appleWebview() bool {
	return s.apple() && s.has("applewebkit") && !s.has("safari") && !s.has("chrome/")
}

// androidWebview: "; wv" since Android 5, a stock browser's Version/4.0 beside Chrome/ before it.
func (s *subject) androidWebview() bool {
	return s.has("android") && s.has("chrome/") && (s.has("wv)") || s.has("version/"))
}

func (s *subject) stockAndroid() bool {
	return s.has("android") && s.has("version/") && s.has("safari/")
}

// program knows the libraries by their first product; behind a language's name the second one says more.
func (s *subject) program() bool {
	name, version, rest := product(s.text)
	m, ok := programs[strings.ToLower(name)]
	if !ok {
		return false
	}
	if m.traits&runtime != 0 {
		next, nextVersion, _ := product(rest)
		if better, found := programs[strings.ToLower(next)]; found {
			m, version = better, nextVersion
		}
	}
	a := &s.agent
	a.Browser, a.Name, a.Major = m.browser, m.name, programMajor(m.browser, version)
	a.Scripted = m.traits&app == 0
	return true
}

// app takes the name that an app gives itself.
func (s *subject) app() {
	name, version, _ := product(s.text)
	if name == "" {
		return
	}
	s.agent.Browser, s.agent.Name = detector.OtherBrowser, cut(name, maxNameBytes)
	s.agent.Major, _ = numbers(version)
}

// programMajor knows that Java 8 and before were 1.8.
func programMajor(family detector.Browser, version string) uint16 {
	major, minor := numbers(version)
	if family == detector.Java && major == 1 && minor > 0 {
		return minor
	}
	return major
}

// product splits "Name/1.2 (comment) Rest" at its first product.
func product(s string) (name, version, rest string) {
	first, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	name, version, _ = strings.Cut(first, "/")
	return strings.TrimRight(name, ";,"), version, rest
}
