package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of country_change.
const (
	countryWindow = iota
	countryRequireASN
)

var countryChange = detectorSpec{
	Detector: rules.Detector{
		Name: "country_change",
		Doc:  "The session's country changed faster than people cross borders, together with its provider.",
		Params: []rules.Param{
			{Name: "window", Kind: rules.Period, Default: 30 * 60_000, Min: 1, Max: 24 * 3600_000, Doc: "the two countries were seen within this time (Tirreno B20)"},
			{Name: "require_asn_change", Kind: rules.Toggle, Default: 1, Doc: "the provider changed too: a border region or an error of geography keeps it"},
		},
		Facts: []rules.Field{
			{Name: "from_country", Type: rules.Country, Doc: "the session's country before"},
			{Name: "to_country", Type: rules.Country, Doc: "the country of this event"},
			{Name: "elapsed_s", Type: rules.Integer, Unit: "s", Doc: "time between the two"},
			{Name: "from_asn", Type: rules.ASN, Doc: "the session's provider before"},
			{Name: "to_asn", Type: rules.ASN, Doc: "the provider of this event"},
		},
	},
	wakes:   networkChanged,
	judge:   judgeCountry,
	missing: missingCountry,
	placed:  true,
	explain: explainCountry,
}

// crossing is a change of country between an event and a neighbour in event time.
type crossing struct {
	from      place
	fromAt    int64
	elapsedMS int64
}

func judgeCountry(g *Engine, o *observation, p *rules.Params) verdict {
	switch {
	case o.taught, g.explained(o.u, &o.place, o.now):
		return silent
	case missingCountry(g, o) != "":
		return notEvaluable
	}
	answer := silent
	for _, n := range o.neighbours(hasCountry) {
		if n.at == 0 || n.place.country == o.place.country || abs(o.now-n.at) > p.MS(countryWindow) || o.noJourney(&n) {
			continue
		}
		switch {
		case !p.On(countryRequireASN) || differs(n.place.asn, o.place.asn):
			o.crossing = crossing{n.place, n.at, abs(o.now - n.at)}
			return fires
		case n.place.asn == 0 || o.place.asn == 0:
			answer = notEvaluable
		}
	}
	return answer
}

func hasCountry(p *place) bool { return p.country != 0 }

// missingCountry says why a change of country cannot be judged: of the event, or of the place that it came from.
func missingCountry(_ *Engine, o *observation) string {
	if why := o.missingPlace(o.countryWhy, hasCountry); why != "" {
		return why
	}
	if o.place.asn == 0 || o.compared && o.s.place.to != 0 && o.s.place.asn == 0 {
		return "no asn"
	}
	return ""
}

func explainCountry(_ *Engine, o *observation, p *rules.Params) explanation {
	from, to := countryText(o.crossing.from.country), countryText(o.place.country)
	return explanation{reason: fmt.Sprintf("country %s to %s in %s", from, to, span(o.crossing.elapsedMS)), facts: []Fact{
		{Name: "from_country", Text: from},
		{Name: "to_country", Text: to},
		{Name: "elapsed_s", Kind: FactInt, Int: o.crossing.elapsedMS / 1000},
		{Name: "from_asn", Kind: FactInt, Int: int64(o.crossing.from.asn)},
		{Name: "to_asn", Kind: FactInt, Int: int64(o.place.asn)},
	}, nearest: []Fact{bound("elapsed_s", ">", p.MS(countryWindow)/1000)}}
}
