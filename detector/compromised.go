package detector

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of device_compromised.
const (
	compromisedFlags = iota
	compromisedSensitivity
)

// deviceFlags are the words of device.flags that the field knows.
var deviceFlags = []string{"remote_control", "overlay", "accessibility", "rooted"}

// sensitivityFloors are the words of min_sensitivity, and what each asks for.
var sensitivityFloors = []string{"high", "critical", "normal", "low"}

var deviceCompromised = detectorSpec{
	Detector: rules.Detector{
		Name: "device_compromised",
		Doc:  "The app saw that somebody else may be at the device while a sensitive action is under way (PSD2 RTS Art. 2(2)(d), signs of malware).",
		Params: []rules.Param{
			{Name: "flags", Kind: rules.WordSet, Words: deviceFlags, Doc: "of device.flags, those that count; accessibility alone and rooted alone are many an honest customer's"},
			{Name: "min_sensitivity", Kind: rules.Word, Words: sensitivityFloors, Doc: "of an action, from which it counts; one without a sensitivity counts by its kind, a changed credential or factor always"},
		},
		Needs: []string{"device.flags"},
		Facts: []rules.Field{
			{Name: "flags", Type: rules.String, Doc: "what the app saw that counts"},
			{Name: "action", Type: rules.String, Doc: "what was under way"},
		},
	},
	wakes:   flagged,
	sees:    seesFirst,
	judge:   judgeCompromised,
	missing: alwaysEvaluable,
	explain: explainCompromised,
}

func judgeCompromised(_ *Engine, o *observation, p *rules.Params) verdict {
	if sensitive(o.e, p) && len(flagsThatCount(o.e, p)) > 0 {
		return fires
	}
	return silent
}

// sensitive says whether the event is an action that can do harm.
func sensitive(e *Event, p *rules.Params) bool {
	switch e.Type {
	case CredentialChanged, FactorChanged:
		return true
	case ActionRequested, ActionCompleted:
		if e.Action.Sensitivity == 0 {
			return e.Action.Kind >= ActionTransfer && e.Action.Kind <= ActionExport
		}
		floor := slices.Index(Sensitivities, sensitivityFloors[p.Word(compromisedSensitivity)]) + 1
		return int(e.Action.Sensitivity) >= floor
	}
	return false
}

func flagsThatCount(e *Event, p *rules.Params) (list []string) {
	for _, f := range e.Device.Flags {
		if i := slices.Index(deviceFlags, f); i >= 0 && p.Has(compromisedFlags, i) {
			list = append(list, deviceFlags[i])
		}
	}
	return list
}

func explainCompromised(_ *Engine, o *observation, p *rules.Params) explanation {
	flags, action := strings.Join(flagsThatCount(o.e, p), ", "), o.e.Type.String()
	if o.e.Action.Kind != 0 {
		action = word(ActionKinds, o.e.Action.Kind)
	}
	return explanation{reason: fmt.Sprintf("%s on the device during %s", flags, action), facts: []Fact{
		{Name: "flags", Text: flags},
		{Name: "action", Text: action},
	}, nearest: []Fact{{Name: "flags", Text: "none that counts"}}}
}
