package detector

import "github.com/sessionguard/sessionguard/rules"

// bindingKeyChange is the parameter of binding_proof_failed.
const bindingKeyChange = 0

var bindingProofFailed = detectorSpec{
	Detector: rules.Detector{
		Name: "binding_proof_failed",
		Doc:  "The client could not prove that it holds the key that the session is bound to (DBSC, DPoP, mTLS), or proved another one elsewhere. A proof that was skipped or is missing did not fail.",
		Params: []rules.Param{
			{Name: "key_change", Kind: rules.Toggle, Default: 1, Doc: "another device.key_thumbprint counts as well, from another client or network: a certificate that is renewed in place is none"},
		},
		Facts: []rules.Field{
			{Name: "binding", Type: rules.String, Enum: Bindings, Doc: "the result of the proof"},
			{Name: "key_changed", Type: rules.Bool, Doc: "the key is not the one that the session is bound to"},
		},
	},
	wakes:   unbound | rebound,
	sees:    seesFirst | seesRefused,
	judge:   judgeBinding,
	missing: alwaysEvaluable,
	explain: explainBinding,
}

// judgeBinding also judges what the app refused: a failed proof is why it would.
func judgeBinding(g *Engine, o *observation, p *rules.Params) verdict {
	switch {
	case o.e.Device.Binding == BindingFailed:
		return fires
	case o.signals&rebound == 0 || !p.On(bindingKeyChange) || !o.compared || o.e.Outcome == OutcomeFailure:
		return silent
	case sameClient(g.own(o), &o.print, o.s.kind == KindMobileApp) && (o.unmoved() || o.taught):
		return silent
	}
	return fires
}

// prove notes where the session's key was proved: whoever has it is at home there, whatever else was found.
func (o *observation) prove() {
	if o.e.Device.Binding == BindingValid && accepted(o.e) && o.signals&rebound == 0 && o.e.User.ActorID == "" && o.e.Client.IP.IsValid() {
		o.s.provedOn = o.context().network | 1
	}
}

func explainBinding(_ *Engine, o *observation, _ *rules.Params) explanation {
	failed, changed := o.e.Device.Binding == BindingFailed, o.signals&rebound != 0
	x := explanation{reason: "the client proved another key than the session is bound to", facts: []Fact{boolFact("key_changed", changed)},
		nearest: []Fact{boolFact("key_changed", false)}}
	if o.e.Device.Binding != 0 {
		x.facts = append(x.facts, Fact{Name: "binding", Text: word(Bindings, o.e.Device.Binding)})
	}
	if failed {
		x.reason = "the client failed to prove the key that the session is bound to"
		x.nearest = []Fact{{Name: "binding", Text: "valid, missing or skipped"}}
	}
	return x
}
