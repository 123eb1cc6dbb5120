package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

var hostingMove = detectorSpec{
	Detector: rules.Detector{
		Name: "hosting_move",
		Doc:  "The session moved from a network of people to one of servers. The user's known networks, learned pairs and learned egress (SASE, cloud PCs) explain it.",
		Facts: []rules.Field{
			{Name: "from_asn", Type: rules.ASN, Doc: "the session's provider before"},
			{Name: "to_asn", Type: rules.ASN, Doc: "the hosting provider"},
			{Name: "to_org", Type: rules.String, Doc: "its organisation, where it is known"},
			{Name: "hosting", Type: rules.Bool, Doc: "the event's network is one of servers"},
		},
	},
	wakes:   networkChanged,
	judge:   judgeHosting,
	missing: missingHosting,
	explain: explainHosting,
}

func judgeHosting(g *Engine, o *observation, _ *rules.Params) verdict {
	switch {
	case missingHosting(g, o) != "":
		return notEvaluable
	case veilOf(&o.e.Client.Geo) != hosted, o.s.baseVeil == hosted, o.sameAsBase(), o.knownASN(o.networkHere()):
		return silent
	case o.edge(o.cameFrom(), o.place.asn):
		return silent
	case !o.late && o.s.lastVeil == hosted:
		return goesOn
	}
	return fires
}

// missingHosting says why a move cannot be judged: to or from a network without a place of its own, or one of which nothing is known.
func missingHosting(g *Engine, o *observation) string {
	if why := missingGeography(g, o); why != "" {
		return why
	}
	if o.travelWhy.placeless() {
		return o.travelWhy.String()
	}
	if !o.compared || veilOf(&o.e.Client.Geo) != hosted {
		return ""
	}
	if why := o.s.lastWhy; why.placeless() || why == privateAddress || why == noGeography {
		if o.s.place.to == 0 || o.s.baseVeil.anonymous() {
			return why.String()
		}
	}
	return ""
}

func explainHosting(_ *Engine, o *observation, _ *rules.Params) explanation {
	from := o.cameFrom()
	return explanation{reason: fmt.Sprintf("moved to servers: %s", providerText(o.e)), facts: []Fact{
		{Name: "from_asn", Kind: FactInt, Int: int64(from)},
		{Name: "to_asn", Kind: FactInt, Int: int64(o.place.asn)},
		{Name: "to_org", Text: o.e.Client.Geo.ASOrg},
		boolFact("hosting", true),
	}, nearest: []Fact{boolFact("hosting", false)}}
}
