package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// asnCellularScore is the parameter of asn_change.
const asnCellularScore = 0

var asnChange = detectorSpec{
	Detector: rules.Detector{
		Name: "asn_change",
		Doc:  "The session moved to a provider that neither it nor its user is known to use. Both families of one line, a learned pair of providers, a relay and a learned egress are no change.",
		Params: []rules.Param{
			{Name: "cellular_score", Default: 10, Min: 0, Max: 10000, Doc: "score of a leg to or from a cellular network of the same country with an unchanged client (wifi and phone; Okta and Auth0 do not bind sessions to it)"},
		},
		Facts: []rules.Field{
			{Name: "from_asn", Type: rules.ASN, Doc: "the session's provider before"},
			{Name: "to_asn", Type: rules.ASN, Doc: "the provider of this event"},
			{Name: "to_org", Type: rules.String, Doc: "its organisation, where it is known"},
			{Name: "cellular", Type: rules.Bool, Doc: "a leg to or from a cellular network of the same country, with an unchanged client"},
		},
	},
	wakes:   networkChanged,
	judge:   judgeASN,
	missing: missingASNChange,
	placed:  true,
	explain: explainASN,
}

// switched is a change of provider.
type switched struct {
	from     uint32
	cellular bool
}

func judgeASN(g *Engine, o *observation, _ *rules.Params) verdict {
	here := o.networkHere()
	switch {
	case missingASNChange(g, o) != "":
		return notEvaluable
	case here.flags&networkShared != 0, o.knownASN(here), o.sameAsBase(), g.explained(o.u, &o.place, o.now):
		return silent
	}
	o.switched = switched{from: o.cameFrom(), cellular: o.cellularLeg(here)}
	switch {
	case o.edge(o.switched.from, here.asn), g.ordinaryWay(o, o.switched.from):
		return silent
	case !o.late && o.s.lastASN == here.asn:
		return goesOn
	}
	return fires
}

// cameFrom is the provider by which the session's own client was last learned.
func (o *observation) cameFrom() uint32 {
	if o.s.baseASN != 0 {
		return o.s.baseASN
	}
	return o.s.place.asn
}

// knownASN says whether a provider is one of the session's own, or one that its user has used for a day.
func (o *observation) knownASN(n *network) bool {
	if o.taught || n.asn == o.s.baseASN || o.learned(n) || o.u != nil && o.u.knowsASN(n.asn, o.now, learnedAfterMS) {
		return true
	}
	return o.trail.usual(n.asn)
}

// usual says whether a provider's network is among those that the session's own client was learned on.
func (t *trail) usual(asn uint32) bool {
	if t == nil {
		return false
	}
	for i := range t.networks {
		if k := &t.networks[i]; k.last != 0 && k.asn == asn && k.flags&networkUsual != 0 {
			return true
		}
	}
	return false
}

// cellularLeg says whether a move is one between wifi and a phone's carrier: to or from a cellular network, inside the country, and the client
// is the same.
func (o *observation) cellularLeg(here *network) bool {
	return (o.s.baseFlags|o.s.lastFlags|here.flags)&networkCellular != 0 && !differs(o.s.place.country, o.place.country) &&
		sameClient(&o.s.client, &o.print, o.s.kind == KindMobileApp)
}

func missingASNChange(g *Engine, o *observation) string {
	if why := missingASN(g, o); why != "" {
		return why
	}
	if o.compared && o.signals&networkChanged != 0 && o.cameFrom() == 0 {
		return "no asn of the network before"
	}
	return ""
}

func explainASN(_ *Engine, o *observation, p *rules.Params) explanation {
	x := explanation{reason: fmt.Sprintf("moved from AS%d to %s", o.switched.from, providerText(o.e)), facts: []Fact{
		{Name: "from_asn", Kind: FactInt, Int: int64(o.switched.from)},
		{Name: "to_asn", Kind: FactInt, Int: int64(o.place.asn)},
		{Name: "to_org", Text: o.e.Client.Geo.ASOrg},
		boolFact("cellular", o.switched.cellular),
	}, nearest: []Fact{{Name: "to_asn", Kind: FactInt, Int: int64(o.switched.from)}}}
	if o.switched.cellular {
		x.reason += ", by way of a cellular network"
		x.score = int(p.Num(asnCellularScore))
	}
	return x
}

// providerText names an event's provider: its number, and its organisation where it is known.
func providerText(e *Event) string {
	if org := e.Client.Geo.ASOrg; org != "" {
		return fmt.Sprintf("AS%d (%s)", e.Client.Geo.ASN.V, org)
	}
	return fmt.Sprintf("AS%d", e.Client.Geo.ASN.V)
}
