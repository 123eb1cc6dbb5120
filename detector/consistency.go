package detector

import (
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// contradiction is a set of ways in which what a client says of itself contradicts itself.
type contradiction uint8

// The ways. Absent hints contradict nothing, and a desktop site that a phone asks for is none.
const (
	otherSystem     contradiction = 1 << iota // the hints name another operating system
	otherSystemHeld                           // likewise a phone's, behind a desktop's user agent that no phone asks with
	otherEngine                               // hints from a browser whose engine sends none: only Chromium does
	otherBrowser                              // the hints name another browser than the user agent does by its own mark
	otherVersion                              // another version of Chromium
	otherMobile                               // a phone's user agent, and the hint that it is none
	notExisting                               // a browser on a system that it was never made for
	withoutALPN                               // a TLS hello without a protocol, which no browser of today sends
)

// beyondDoubt are those that no honest browser shows: they count at a session's first look, too. The others have rare honest causes (a tool that sets
// the user agent, a proxy that opens TLS), so that only their appearing in a session that was without speaks.
const beyondDoubt = otherSystem | otherEngine | notExisting

var contradictionTexts = [8]string{"the client hints name another operating system", "the client hints are a phone's",
	"the browser sends no client hints, and here are some", "the client hints name another browser", "the client hints name another version",
	"the client hints say that it is no phone", "there is no such browser on this system", "the TLS hello offers no protocol"}

// HintedOS gives the operating system that Sec-CH-UA-Platform names, with or without its quotes; UnknownOS for none that is known.
func HintedOS(platform string) OS {
	if n := len(platform); n >= 2 && platform[0] == '"' && platform[n-1] == '"' {
		platform = platform[1 : n-1]
	}
	for _, known := range hintedSystems {
		if strings.EqualFold(platform, known.name) {
			return known.os
		}
	}
	return UnknownOS
}

var hintedSystems = [...]struct {
	name string
	os   OS
}{
	{"Windows", Windows}, {"macOS", MacOS}, {"Mac OS X", MacOS}, {"Linux", Linux}, {"Android", Android}, {"Chrome OS", ChromeOS},
	{"Chromium OS", ChromeOS}, {"ChromeOS", ChromeOS}, {"iOS", IOS}, {"HarmonyOS", HarmonyOS}, {"OpenHarmony", HarmonyOS},
}

// contradictions holds the user agent of an event against its client hints and its TLS hello.
func contradictions(c *Client) (found contradiction) {
	a := &c.Agent
	if a.Hash == 0 || a.Scripted {
		return 0
	}
	found = systemsContradict(a, HintedOS(c.Platform))
	for _, way := range [...]struct {
		is  bool
		way contradiction
	}{
		{(a.Engine == Gecko || a.Engine == WebKit) && (len(c.Brands) > 0 || a.Brand != UnknownBrowser), otherEngine},
		{!a.Webview && ownMark(a.Browser) && ownMark(a.Brand) && a.Brand != a.Browser, otherBrowser},
		{a.OtherVersion, otherVersion},
		{c.Mobile == False && a.Device == Phone && a.Engine == Blink, otherMobile},
		{doesNotExist(a), notExisting},
		{(a.Engine == Gecko || a.Engine == WebKit || a.Engine == Blink) && !a.Webview && lacksALPN(c.JA4), withoutALPN},
	} {
		if way.is {
			found |= way.way
		}
	}
	return found
}

// systemsContradict holds the user agent's system against that of the hints. A phone's desktop site says Linux or macOS, in the hints, too, where
// the browser's mark gives the phone away; ChromeOS runs what Android and Linux run, HarmonyOS what Android does.
func systemsContradict(a *Agent, hinted OS) contradiction {
	says := a.OS
	if !differs(says, hinted) || says == OtherOS {
		return 0
	}
	pair := func(a, b OS) bool { return says == a && hinted == b || says == b && hinted == a }
	switch {
	case says == Linux && hinted == Android, says == MacOS && hinted == IOS, a.DesktopSite && (says == Android || says == IOS),
		pair(Android, HarmonyOS), pair(ChromeOS, Linux), pair(ChromeOS, Android):
		return 0
	case hinted == IOS, hinted == HarmonyOS, hinted == Android && a.DesktopSite && a.Browser != Chrome:
		return otherSystemHeld
	}
	return otherSystem
}

// ownMark says whether a family names itself in the user agent and in the hints by the same name. Brave, Vivaldi and others show Chrome's.
func ownMark(b Browser) bool {
	return b == Edge || b == Opera || b == SamsungInternet || b == Yandex || b == Whale
}

// doesNotExist knows what was never made: Safari left Windows with version 5, Internet Explorer never left it, and Apple's web view is on
// Apple's systems. GNOME Web calls itself Safari on Linux.
func doesNotExist(a *Agent) bool {
	apple := a.OS == MacOS || a.OS == IOS
	switch a.Browser {
	case Safari:
		return (a.OS == Windows || a.OS == Android || a.OS == ChromeOS) && (a.Major > 5 || a.Major == 0) && a.Engine != NoEngine
	case InternetExplorer:
		return apple || a.OS == Android || a.OS == Linux || a.OS == ChromeOS
	case AppleWebview:
		return a.OS != UnknownOS && !apple
	case AndroidWebview:
		return apple || a.OS == Windows
	}
	return false
}

// lacksALPN says whether a TLS hello over TCP offers no application protocol: the last two characters of JA4's first part are then 00.
func lacksALPN(ja4 string) bool {
	first, _, ok := strings.Cut(ja4, "_")
	return ok && len(first) == 10 && first[0] == 't' && strings.HasSuffix(first, "00")
}

// Parameters of client_inconsistent.
const (
	consistentAtStart = iota
	consistentTLS
)

var clientInconsistent = detectorSpec{
	Detector: rules.Detector{
		Name: "client_inconsistent",
		Doc:  "What the client says of itself does not fit together: its user agent against its client hints and its TLS hello. Of a session that began so, only what is new counts.",
		Params: []rules.Param{
			{Name: "at_start", Kind: rules.Toggle, Default: 1, Doc: "judge a session's first look, too, by what no honest browser shows: another operating system, hints from an engine that sends none, a browser that does not exist"},
			{Name: "tls", Kind: rules.Toggle, Default: 1, Doc: "a browser whose TLS hello offers no protocol counts: a program behind its user agent, or a proxy that opens TLS"},
		},
		Needs: []string{"client.user_agent", "client.hints.platform", "client.hints.mobile"},
		Facts: []rules.Field{
			{Name: "contradiction", Type: rules.String, Doc: "what does not fit"},
			{Name: "client", Type: rules.String, Doc: "the client that the user agent names"},
			{Name: "hinted_os", Type: rules.String, Doc: "the operating system that the client hints name"},
		},
	},
	wakes:   firstLook | clientChanged,
	sees:    seesFirst,
	judge:   judgeConsistency,
	missing: missingAgent,
	explain: explainConsistency,
}

func judgeConsistency(g *Engine, o *observation, p *rules.Params) verdict {
	if o.print.agent == 0 {
		return notEvaluable
	}
	o.against = o.print.against
	if !p.On(consistentTLS) {
		o.against &^= withoutALPN
	}
	switch {
	case o.compared:
		o.against &^= g.own(o).against
	case p.On(consistentAtStart):
		o.against &= beyondDoubt
	default:
		o.against = 0
	}
	if o.against != 0 {
		return fires
	}
	return silent
}

func explainConsistency(g *Engine, o *observation, _ *rules.Params) explanation {
	var ways []string
	for i, text := range contradictionTexts {
		if o.against>>i&1 == 1 {
			ways = append(ways, text)
		}
	}
	client, hinted, what := g.clientText(&o.print), HintedOS(o.e.Client.Platform), strings.Join(ways, ", ")
	x := explanation{reason: client + " contradicts itself: " + what, facts: []Fact{{Name: "contradiction", Text: what}, {Name: "client", Text: client}},
		nearest: []Fact{{Name: "contradiction", Text: "none"}}}
	if hinted != UnknownOS {
		x.facts = append(x.facts, Fact{Name: "hinted_os", Text: hinted.String()})
		if o.against&(otherSystem|otherSystemHeld) != 0 {
			x.nearest = []Fact{{Name: "hinted_os", Text: o.print.os.String()}}
		}
	}
	return x
}
