package detector

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of fingerprint_drift, and the parts of its weights.
const (
	driftThreshold = iota
	driftWeights
)

const (
	driftOS = iota
	driftEngine
	driftBrowser
	driftClass
	driftLanguage
	driftTimezone
	driftScreen
	driftVersion
	numDriftParts = int(iota)
)

var driftParts = []rules.Part{
	driftOS: {Name: "os", Default: 3}, driftEngine: {Name: "engine", Default: 3}, driftBrowser: {Name: "browser", Default: 2},
	driftClass: {Name: "device_class", Default: 2}, driftLanguage: {Name: "language", Default: 1}, driftTimezone: {Name: "timezone", Default: 1},
	driftScreen: {Name: "screen", Default: 0.5}, driftVersion: {Name: "browser_version", Default: 0},
}

var fingerprintDrift = detectorSpec{
	Detector: rules.Detector{
		Name: "fingerprint_drift",
		Doc:  "The client that shows the session is not the one that it belongs to: the sum of the weights of the parts that changed.",
		Params: []rules.Param{
			{Name: "threshold", Default: 2, Min: 0.5, Max: 100, Doc: "the sum from which it fires"},
			{Name: "weights", Kind: rules.Weights, Min: 0, Max: 100, Parts: driftParts, Doc: "what a change of each part weighs; an absent part adds nothing, an upgrade adds nothing; browser_version weighs a downgrade, which client-downgrade judges"},
		},
		Needs: []string{"client.user_agent"},
		Facts: []rules.Field{
			{Name: "distance", Type: rules.Number, Doc: "the sum of the weights of what changed"},
			{Name: "changed", Type: rules.String, Doc: "the parts that changed"},
			{Name: "from", Type: rules.String, Doc: "the client that the session belongs to"},
			{Name: "to", Type: rules.String, Doc: "the client of this event"},
		},
	},
	wakes:   clientChanged,
	judge:   judgeDrift,
	missing: missingAgent,
	explain: explainDrift,
}

// drift is which parts changed, and what that weighs.
type drift struct {
	from     print
	changed  [numDriftParts]bool
	distance float64
}

// judgeDrift measures a directional distance, not normalised. Network is not in it.
func judgeDrift(g *Engine, o *observation, p *rules.Params) verdict {
	old := g.own(o)
	if !old.known() && o.print.agent == 0 {
		return notEvaluable
	}
	if g.released(g.hash.stackChange(old, &o.print)) {
		return silent
	}
	o.drift = drift{from: *old, changed: driftOf(o, old)}
	for part, changed := range o.drift.changed {
		if changed {
			o.drift.distance += p.Weight(driftWeights, part)
		}
	}
	if o.drift.distance >= p.Num(driftThreshold) {
		return fires
	}
	return silent
}

func driftOf(o *observation, old *print) [numDriftParts]bool {
	now := &o.print
	c := [numDriftParts]bool{
		driftOS: differs(old.os, now.os), driftEngine: differs(old.engine, now.engine),
		driftBrowser: browserDiffers(old, now), driftClass: differs(old.class, now.class),
		driftLanguage: differs(old.language, now.language), driftTimezone: differs(old.timezone, now.timezone),
		driftScreen:  differs(old.screen, now.screen),
		driftVersion: old.browser == now.browser && old.major != 0 && now.major != 0 && now.major < old.major,
	}
	if o.s.kind == KindMobileApp && appPair(old, now) && !differs(old.os, now.os) && !differs(old.device, now.device) {
		c[driftEngine], c[driftBrowser], c[driftClass] = false, false, false
	}
	if o.unmoved() && desktopSwitch(old, now) {
		c[driftOS], c[driftClass], c[driftBrowser], c[driftScreen] = false, false, false, false
	}
	return c
}

// desktopSwitch is a phone or tablet that asks for the desktop site, or goes back: one engine, Android as Linux or iOS as macOS,
// with neither device.id nor JA4's part b against it. Standards: user-agent facts, 6.4.
func desktopSwitch(a, b *print) bool {
	if differs(a.engine, b.engine) || differs(a.device, b.device) || differs(a.ja4TCP, b.ja4TCP) || differs(a.ja4QUIC, b.ja4QUIC) {
		return false
	}
	return asDesktop(a, b) || asDesktop(b, a)
}

func asDesktop(phone, desktop *print) bool {
	handheld := phone.class == Phone || phone.class == Tablet
	return handheld && (desktop.class == Desktop || desktop.class == UnknownDevice) &&
		(phone.os == Android && desktop.os == Linux || phone.os == IOS && desktop.os == MacOS)
}

func missingAgent(_ *Engine, o *observation) string {
	if o.print.agent == 0 {
		return "no user agent"
	}
	return ""
}

func explainDrift(g *Engine, o *observation, p *rules.Params) explanation {
	var changed []string
	for i, c := range o.drift.changed {
		if c {
			changed = append(changed, driftParts[i].Name)
		}
	}
	from, to := g.clientText(&o.drift.from), g.clientText(&o.print)
	return explanation{reason: fmt.Sprintf("%s became %s", from, to), facts: []Fact{
		{Name: "distance", Kind: FactNum, Num: o.drift.distance},
		{Name: "changed", Text: strings.Join(changed, ", ")},
		{Name: "from", Text: from},
		{Name: "to", Text: to},
	}, nearest: []Fact{{Name: "distance", Text: "< " + strconv.FormatFloat(p.Num(driftThreshold), 'f', -1, 64)}}}
}
