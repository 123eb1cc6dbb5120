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
	driftDesktopScore
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
	driftBinding
	numDriftParts = int(iota)
)

// driftThresholdDefault is one part that weighs as much as a browser.
const driftThresholdDefault = 2

var driftParts = []rules.Part{
	driftOS: {Name: "os", Default: 3}, driftEngine: {Name: "engine", Default: 3}, driftBrowser: {Name: "browser", Default: 2},
	driftClass: {Name: "device_class", Default: 2}, driftLanguage: {Name: "language", Default: 1}, driftTimezone: {Name: "timezone", Default: 1},
	driftScreen: {Name: "screen", Default: 0.5}, driftVersion: {Name: "browser_version", Default: 0}, driftBinding: {Name: "binding", Default: 2},
}

var fingerprintDrift = detectorSpec{
	Detector: rules.Detector{
		Name: "fingerprint_drift",
		Doc:  "The client that shows the session is not the one that it belongs to: the sum of the weights of the parts that changed.",
		Params: []rules.Param{
			{Name: "threshold", Default: driftThresholdDefault, Min: 0.5, Max: 100, Doc: "the sum from which it fires"},
			{Name: "weights", Kind: rules.Weights, Min: 0, Max: 100, Parts: driftParts, Doc: "what a change of each part weighs; an absent part adds nothing, an upgrade adds nothing; browser_version weighs a downgrade, which client-downgrade judges; binding: the proof is missing on another network than the one where it was last valid (W3C DBSC)"},
			{Name: "desktop_site_score", Default: 40, Min: 0, Max: 10000, Doc: "instead of the rule's score for a switch to or from the desktop site on another network, where device.id and version stay and language and time zone do not speak against it: with a change of provider it asks, and ends nothing"},
		},
		Needs: []string{"client.user_agent"},
		Facts: []rules.Field{
			{Name: "distance", Type: rules.Number, Doc: "the sum of the weights of what changed"},
			{Name: "changed", Type: rules.String, Doc: "the parts that changed"},
			{Name: "from", Type: rules.String, Doc: "the client that the session belongs to"},
			{Name: "to", Type: rules.String, Doc: "the client of this event"},
		},
	},
	wakes:   clientChanged | unbound,
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
		driftBinding: o.unproved(),
		driftVersion: old.browser == now.browser && old.major != 0 && now.major != 0 && now.major < old.major,
	}
	if o.s.kind == KindMobileApp && appPair(old, now) && !differs(old.os, now.os) && !differs(old.device, now.device) {
		c[driftEngine], c[driftBrowser], c[driftClass] = false, false, false
	}
	if desktopSwitch(old, now) && o.atHome() {
		c[driftOS], c[driftClass], c[driftBrowser], c[driftScreen] = false, false, false, false
	}
	return c
}

// unproved says whether the proof of device binding is missing on another network than the one where it was last valid. A move by itself says
// nothing, but a browser that moves proves its key there, or says that it skips the proof.
func (o *observation) unproved() bool {
	was := o.s.provedOn
	return o.e.Device.Binding == BindingMissing && was != 0 && was != o.context().network|1 && !o.learned(o.networkHere())
}

// desktopSwitch is a phone or tablet that asks for the desktop site, or goes back: one engine, Android as Linux or iOS as macOS,
// with neither device.id nor JA4's part b against it. Standards: user-agent facts, 6.4.
func desktopSwitch(a, b *print) bool {
	if differs(a.engine, b.engine) || differs(a.device, b.device) || differs(a.ja4TCP, b.ja4TCP) || differs(a.ja4QUIC, b.ja4QUIC) {
		return false
	}
	return asDesktop(a, b) || asDesktop(b, a)
}

// likeOnePhone says of a switch to or from the desktop site that everything else is the same phone's.
func likeOnePhone(a, b *print) bool {
	return a.device != 0 && a.device == b.device && a.major == b.major && !differs(a.language, b.language) && !differs(a.timezone, b.timezone)
}

func asDesktop(phone, desktop *print) bool {
	handheld := phone.class == Phone || phone.class == Tablet
	return handheld && (desktop.class == Desktop || desktop.class == UnknownDevice) &&
		(phone.os == Android && desktop.os == Linux || phone.os == IOS && desktop.os == MacOS)
}

// atHome says whether the event comes from a network of the session's own client, or one that the user has used for long.
func (o *observation) atHome() bool { return o.unmoved() || o.learned(o.networkHere()) }

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
	reason := fmt.Sprintf("%s became %s", from, to)
	if from == to {
		reason = fmt.Sprintf("%s is not the one before: other %s", to, strings.Join(changed, ", "))
	}
	x := explanation{reason: reason, facts: []Fact{
		{Name: "distance", Kind: FactNum, Num: o.drift.distance},
		{Name: "changed", Text: strings.Join(changed, ", ")},
		{Name: "from", Text: from},
		{Name: "to", Text: to},
	}, nearest: []Fact{{Name: "distance", Text: "< " + strconv.FormatFloat(p.Num(driftThreshold), 'f', -1, 64)}}}
	if old := &o.drift.from; desktopSwitch(old, &o.print) && likeOnePhone(old, &o.print) {
		x.score = int(p.Num(driftDesktopScore))
	}
	return x
}
