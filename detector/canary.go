package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of canary_used, each a list of ids.
const (
	canarySessions = iota
	canaryUsers
	canaryTokens
	canaryDevices
)

var canaryUsed = detectorSpec{
	Detector: rules.Detector{
		Name: "canary_used",
		Doc:  "Somebody used what was planted for thieves to find (AppSensor HT1 to HT3). Nobody honest has it.",
		Params: []rules.Param{
			{Name: "sessions", Kind: rules.ListRef, List: rules.Texts, Doc: "session ids that were planted, and never issued to anybody"},
			{Name: "users", Kind: rules.ListRef, List: rules.Texts, Doc: "users that no person is"},
			{Name: "tokens", Kind: rules.ListRef, List: rules.Texts, Doc: "token ids that were planted"},
			{Name: "devices", Kind: rules.ListRef, List: rules.Texts, Doc: "device ids that were planted"},
		},
		Facts: []rules.Field{
			{Name: "kind", Type: rules.String, Enum: canaryKinds, Doc: "what was planted"},
			{Name: "list", Type: rules.String, Doc: "the list that it is on"},
		},
	},
	wakes:   firstLook | newAddress | clientChanged | userChanged | tokenShown | sessionOver | neverIssued,
	sees:    seesFirst | seesRefused,
	judge:   judgeCanary,
	missing: alwaysEvaluable,
	explain: explainCanary,
}

var canaryKinds = []string{"session", "user", "token", "device"}

// canary is what was used: its kind and its list. Its id is a secret of the bank's and stays out of the finding.
type canary struct{ kind, list string }

func judgeCanary(_ *Engine, o *observation, p *rules.Params) verdict {
	e := o.e
	o.canary = canary{}
	for i, id := range [...]string{canarySessions: e.Session.ID, canaryUsers: e.User.ID, canaryTokens: e.Token.ID, canaryDevices: e.Device.ID} {
		if list := p.List(i); id != "" && list.HasText(id) {
			o.canary = canary{kind: canaryKinds[i], list: list.Name}
			return fires
		}
	}
	return silent
}

func explainCanary(_ *Engine, o *observation, _ *rules.Params) explanation {
	return explanation{reason: fmt.Sprintf("a %s that was planted (%s) is in use", o.canary.kind, o.canary.list), facts: []Fact{
		{Name: "kind", Text: o.canary.kind},
		{Name: "list", Text: o.canary.list},
	}, nearest: []Fact{{Name: "list", Text: "none"}}}
}
