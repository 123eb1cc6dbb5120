// Package useragent tells what sent a request, from its User-Agent header and its client hints: which browser, engine,
// operating system and class of device, or which program.
//
// github.com/mssola/useragent reads the string; tables on top of it name what it does not know (web views, in-app browsers,
// the browsers that dress as Chrome, scripts, apps) and know what a browser no longer says: a reduced or frozen version is
// 0, not a value to compare. A user agent is what the client claims, never a proof.
package useragent

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/dchest/siphash"

	"github.com/sessionguard/sessionguard/detector"
)

// MaxUserAgentBytes is how much of a user agent is read: mssola's cost grows faster than the string.
const MaxUserAgentBytes = 1024

// maxHintBytes and maxBrands bound what is read of client hints; a browser sends at most a few short words.
const (
	maxHintBytes = 128
	maxBrands    = 8
)

// Hints are the client hints (Sec-CH-UA-...) of a request, with or without their quotes. Absent ones are zero.
type Hints struct {
	Brands          []detector.Brand
	Mobile          detector.Flag
	Platform        string
	PlatformVersion string
	Model           string
}

// HintsOf gives an event's hints. They alias the event.
func HintsOf(e *detector.Event) Hints {
	c := &e.Client
	return Hints{Brands: c.Brands, Mobile: c.Mobile, Platform: c.Platform, PlatformVersion: c.PlatformVersion, Model: c.Model}
}

func (h *Hints) absent() bool {
	return len(h.Brands) == 0 && h.Mobile == detector.Absent && h.Platform == "" && h.PlatformVersion == "" && h.Model == ""
}

// Parse tells what sent a request. Browser, engine, operating system and class of device are what the string says; hints,
// where sent, fill in what it leaves open (mostly the version of the operating system), name the Brand, and give away a
// desktop site that a phone asked for. So requests of one client with and without hints never contradict each other. A
// browser that a program drives is Headless and not Scripted. The zero Agent is: nothing was sent. The Agent's Name holds no control characters and does not alias the arguments.
//
// OkHTTP and Dart are what phone apps use; without an app's own name around them they are Scripted all the same, and it is
// the engine that minds it only in a session that began in a browser.
func Parse(userAgent string, h Hints) detector.Agent {
	if userAgent == "" && h.absent() {
		return detector.Agent{}
	}
	userAgent, h = capped(userAgent, h)
	s := newSubject(userAgent)
	s.identify()
	s.system()
	s.engine()
	s.device()
	s.hints(&h)
	a := s.agent
	a.Name = strings.Clone(a.Name)
	a.Hash = hash(userAgent, &h)
	return a
}

func capped(userAgent string, h Hints) (string, Hints) {
	h.Platform, h.PlatformVersion, h.Model = cut(h.Platform, maxHintBytes), cut(h.PlatformVersion, maxHintBytes), cut(h.Model, maxHintBytes)
	h.Brands = h.Brands[:min(len(h.Brands), maxBrands)]
	return cut(userAgent, MaxUserAgentBytes), h
}

func cut(s string, n int) string { return s[:min(len(s), n)] }

// hash is a digest of what was sent, brands sorted and without GREASE: their order and the GREASE brand change from version
// to version by design (WICG ua-client-hints). The key is fixed, so that a hash in a snapshot stays true.
func hash(userAgent string, h *Hints) uint64 {
	brands := make([]string, 0, maxBrands)
	for _, b := range h.Brands {
		if name := unquote(cut(b.Brand, maxHintBytes)); !grease(name) {
			brands = append(brands, name+"\x00"+unquote(cut(b.Version, maxHintBytes)))
		}
	}
	slices.Sort(brands)
	key := appendText(make([]byte, 0, 512), userAgent)
	key = append(key, byte(h.Mobile))
	for _, text := range []string{unquote(h.Platform), unquote(h.PlatformVersion), unquote(h.Model)} {
		key = appendText(key, text)
	}
	for _, b := range brands {
		key = appendText(key, b)
	}
	return max(siphash.Hash(hashKey0, hashKey1, key), 1) // 0 means that nothing was sent
}

// The key of siphash; no secret, only fixed for ever.
const (
	hashKey0 = 0x73657373696f6e67 // "sessiong"
	hashKey1 = 0x7561726461676e74 // "uardagnt"
)

// appendText writes a text so that no two lists of texts give the same bytes.
func appendText(dst []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint16(dst, uint16(len(s))), s...)
}
