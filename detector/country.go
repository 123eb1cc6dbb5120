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
	explain: explainCountry,
}

func judgeCountry(_ *Engine, o *observation, p *rules.Params) verdict {
	s := o.s
	switch {
	case o.countryWhy != "":
		return notEvaluable
	case s.country == 0 || s.country == o.place.country || abs(o.now-s.countryAt) > p.MS(countryWindow):
		return silent
	case p.On(countryRequireASN) && (s.countryAS == 0 || o.place.asn == 0):
		return notEvaluable
	case p.On(countryRequireASN) && s.countryAS == o.place.asn:
		return silent
	}
	return fires
}

func missingCountry(o *observation) string {
	if o.countryWhy == "" && o.place.asn == 0 {
		return "no asn"
	}
	return o.countryWhy
}

func explainCountry(_ *Engine, o *observation, _ *rules.Params) (string, []Fact) {
	from, to, ms := countryText(o.s.country), countryText(o.place.country), abs(o.now-o.s.countryAt)
	return fmt.Sprintf("country %s to %s in %s", from, to, span(ms)), []Fact{
		{Name: "from_country", Text: from},
		{Name: "to_country", Text: to},
		{Name: "elapsed_s", Kind: FactInt, Int: ms / 1000},
		{Name: "from_asn", Kind: FactInt, Int: int64(o.s.countryAS)},
		{Name: "to_asn", Kind: FactInt, Int: int64(o.place.asn)},
	}
}
