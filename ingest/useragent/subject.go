package useragent

import (
	"strings"
	"unicode"

	"github.com/mssola/useragent"

	"github.com/sessionguard/sessionguard/detector"
)

// subject is one user agent while it is read.
type subject struct {
	text  string // what was sent, in printable characters
	lower string
	base  base
	only  trait // iosOnly or androidOnly: what the browser's mark says of the system, also on a desktop site
	agent detector.Agent
}

// base is what mssola/useragent says.
type base struct {
	browser, version string
	os, osVersion    string
	bot              bool
}

func newSubject(userAgent string) *subject {
	text := printable(userAgent)
	if !strings.Contains(text, " ") { // some proxies log, and some clients send, + for spaces
		text = strings.ReplaceAll(text, "+", " ")
	}
	return &subject{text: text, lower: strings.ToLower(text), base: readBase(text)}
}

// readBase guards against the library's index faults: a string that it cannot read is one of which it says nothing.
func readBase(text string) (b base) {
	defer func() {
		if recover() != nil {
			b = base{}
		}
	}()
	if text == "" {
		return base{}
	}
	u := useragent.New(text)
	b.browser, b.version = u.Browser()
	info := u.OSInfo()
	b.os, b.osVersion = info.Name, info.Version
	b.bot = u.Bot()
	return b
}

// printable makes a string safe to show and log: line breaks, other control characters, invisible ones and broken UTF-8
// become spaces.
func printable(s string) string {
	clean := func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}
	return strings.TrimSpace(strings.Map(clean, s))
}

// find gives the index behind a mark, -1 if it is not there. A mark begins a word, and ends one unless its last
// character is no letter: "brave" is in "(Brave)" and in "brave/1", "cubot" is not in "xcubot".
func (s *subject) find(mark string) int {
	for from := 0; ; {
		i := strings.Index(s.lower[from:], mark)
		if i < 0 {
			return -1
		}
		start := from + i
		end := start + len(mark)
		if (start == 0 || !letterOrDigit(s.lower[start-1])) && (!letter(mark[len(mark)-1]) || end == len(s.lower) || !letter(s.lower[end])) {
			return end
		}
		from = start + 1
	}
}

func (s *subject) has(mark string) bool { return s.find(mark) >= 0 }

// major gives the first number of the version that follows a mark; 0 if there is none.
func (s *subject) major(mark string) uint16 {
	i := s.find(mark)
	if i < 0 {
		return 0
	}
	n, _ := numbers(s.lower[i:])
	return n
}

// numbers reads "18_6_1", "10.0", "/9", " 14;" as their first two numbers. Others are 0, and so is one that does not
// fit: no version is that large.
func numbers(s string) (major, minor uint16) {
	s = strings.TrimLeft(s, " /;:-(v")
	major, rest := number(s)
	if rest != "" && (rest[0] == '.' || rest[0] == '_') {
		minor, _ = number(rest[1:])
	}
	return major, minor
}

func number(s string) (n uint16, rest string) {
	i, v := 0, 0
	for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
		v = min(v*10+int(s[i]-'0'), 1<<16)
	}
	if v >= 1<<16 {
		v = 0
	}
	return uint16(v), s[i:]
}

func letter(c byte) bool        { return 'a' <= c && c <= 'z' }
func letterOrDigit(c byte) bool { return letter(c) || '0' <= c && c <= '9' }
