package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// newDeviceASNScore is the second parameter of new_device_new_country.
const newDeviceASNScore = 1

var newDeviceNewCountry = detectorSpec{
	Detector: rules.Detector{
		Name: "new_device_new_country",
		Doc:  "A device that the user never used, in a country or on a provider that he never used. A carrier of a country that he knows does not count. It is a rule about habits: not evaluable until he has 10 sessions on 5 days.",
		Params: []rules.Param{unseenParam(),
			{Name: "asn_score", Default: 10, Min: 1, Max: 1000, Doc: "score where the country is known and only the provider is new: a visit to friends and a terminal in a branch look like this"}},
		Facts: []rules.Field{
			{Name: "country", Type: rules.Country, Doc: "the country of this event"},
			{Name: "asn", Type: rules.ASN, Doc: "the provider of this event"},
			{Name: "new_country", Type: rules.Bool, Doc: "the country is new to the user"},
			{Name: "new_asn", Type: rules.Bool, Doc: "the provider is new to the user"},
			{Name: "device", Type: rules.String, Doc: "the device, as people call it"},
		},
	},
	wakes:   networkChanged | firstLook,
	sees:    seesFirst,
	judge:   judgeNewDevice,
	missing: missingNewDevice,
	placed:  true,
	explain: explainNewDevice,
}

func judgeNewDevice(g *Engine, o *observation, p *rules.Params) verdict {
	switch {
	case !o.personal():
		return silent
	case missingNewDevice(g, o) != "":
		return notEvaluable
	case o.familiarHere(g), !o.strangeDevice():
		return silent
	}
	o.foreign = foreign{newCountry: !o.u.inCountry(o.place.country, o.now, daysOf(p.MS(newCountryUnseen)))}
	carrier := o.place.flags&placeCellular != 0
	o.foreign.newASN = o.place.asn != 0 && !o.u.knowsASN(o.place.asn, o.now, 0) && !carrier
	if o.foreign.newCountry || o.foreign.newASN {
		return fires
	}
	return silent
}

// strangeDevice says whether the event's device is none of the user's: its device.id, or where it shows none its family.
func (o *observation) strangeDevice() bool {
	if o.print.device != 0 {
		return !o.u.owns(o.print.device, o.now, 0)
	}
	return !o.u.owns(o.print.family(), o.now, 0)
}

func missingNewDevice(g *Engine, o *observation) string {
	if why := missingHabitCountry(g, o); why != "" {
		return why
	}
	if o.personal() && o.signals&(networkChanged|firstLook) != 0 && o.print.device == 0 && o.print.family() == 0 {
		return "no device"
	}
	return ""
}

func explainNewDevice(g *Engine, o *observation, p *rules.Params) explanation {
	what, score := "country "+countryText(o.place.country), 0
	nearest := boolFact("new_country", false)
	if !o.foreign.newCountry {
		score = int(p.Num(newDeviceASNScore))
		what, nearest = "provider "+providerText(o.e), boolFact("new_asn", false)
	}
	return explanation{score: score, reason: fmt.Sprintf("a new device (%s) in a new %s", g.clientText(&o.print), what), facts: []Fact{
		{Name: "country", Text: countryText(o.place.country)},
		{Name: "asn", Kind: FactInt, Int: int64(o.place.asn)},
		boolFact("new_country", o.foreign.newCountry),
		boolFact("new_asn", o.foreign.newASN),
		{Name: "device", Text: g.clientText(&o.print)},
	}, nearest: []Fact{nearest}}
}
