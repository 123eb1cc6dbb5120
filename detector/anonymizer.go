package detector

import "github.com/sessionguard/sessionguard/rules"

// Parameters of anonymizer_entered.
const (
	veilVPNScore = iota
	veilProxyScore
	veilLentScore
)

var anonymizerEntered = detectorSpec{
	Detector: rules.Detector{
		Name: "anonymizer_entered",
		Doc:  "The session went from a plain network to one that hides where its user is: Tor, a VPN or a public proxy. A household's line that is lent out (a residential proxy) counts where the user is not known to use it. A relay is none, and neither is an egress learned here.",
		Params: []rules.Param{
			{Name: "vpn_score", Default: 20, Min: 0, Max: 10000, Doc: "score of a VPN: many customers use one, so that it arms and asks nothing"},
			{Name: "proxy_score", Default: 20, Min: 0, Max: 10000, Doc: "score of a public proxy: lists of them hold households whose router was abused for a day, so it weighs as a VPN does and not as Tor"},
			{Name: "residential_score", Default: 20, Min: 0, Max: 10000, Doc: "score of a residential proxy: thieves rent them near their victims, and whoever lends his line out sits behind it"},
		},
		Facts: []rules.Field{
			{Name: "anonymizer", Type: rules.String, Enum: []string{"tor", "vpn", "public_proxy", "residential_proxy"}, Doc: "what was entered"},
			{Name: "before", Type: rules.String, Enum: []string{"plain", "vpn", "public_proxy", "residential_proxy"}, Doc: "what the session was on"},
			{Name: "asn", Type: rules.ASN, Doc: "the provider of this event"},
		},
	},
	wakes:   networkChanged,
	judge:   judgeAnonymizer,
	missing: missingGeography,
	explain: explainAnonymizer,
}

// veil is what hides a network's users, in the order of how well.
type veil uint8

const (
	plain veil = iota
	hosted
	lent
	proxied
	tunnelled
	onioned
)

// veilOf gives what hides the users of an event's network.
func veilOf(geo *Geo) veil {
	switch {
	case geo.Anonymous&Tor != 0:
		return onioned
	case geo.Anonymous&Relay != 0: // many lists call a relay a VPN too: it shows the region and hides nobody from a bank
		return plain
	case geo.Anonymous&VPN != 0:
		return tunnelled
	case geo.Anonymous&PublicProxy != 0:
		return proxied
	case geo.Anonymous&Hosting != 0:
		return hosted
	case geo.Anonymous&ResidentialProxy != 0:
		return lent
	}
	return plain
}

// anonymous says whether it hides its users by intent; of two that do, only Tor after one that is not is a step.
func (v veil) anonymous() bool { return v >= lent }

var veilNames = [...]string{"plain", "plain", "residential_proxy", "public_proxy", "vpn", "tor"}

func judgeAnonymizer(g *Engine, o *observation, _ *rules.Params) verdict {
	here := veilOf(&o.e.Client.Geo)
	switch {
	case missingGeography(g, o) != "":
		return notEvaluable
	case !here.anonymous(), o.vouched(), o.travelWhy == learnedEgress, o.sameAsBase():
		return silent
	case here == lent && o.learned(o.networkHere()):
		return silent
	case o.s.baseVeil.anonymous() && here != onioned, o.s.baseVeil == onioned:
		return silent
	case !o.late && o.s.lastVeil.anonymous() && (here != onioned || o.s.lastVeil == onioned):
		return goesOn
	}
	return fires
}

// vouched says whether a passed step-up of this session was on this network: the user's long acquaintance with it does not count.
func (o *observation) vouched() bool {
	k := o.trail.find(o.networkHere())
	return k != nil && k.flags&networkLearned != 0
}

// sameAsBase says whether the event's address is the one that the session's own client was last learned at: nothing moved, whatever the
// database says now.
func (o *observation) sameAsBase() bool {
	return sameHost(o.s.baseIP, o.e.Client.IP.As16())
}

// missingGeography says why nothing is known of an address.
func missingGeography(_ *Engine, o *observation) string {
	switch why := unroutable(o.e.Client.IP); {
	case why != 0:
		return why.String()
	case o.e.Client.Geo.Build == "":
		return noGeography.String()
	}
	return ""
}

func explainAnonymizer(_ *Engine, o *observation, p *rules.Params) explanation {
	v := veilOf(&o.e.Client.Geo)
	x := explanation{reason: "moved to " + map[veil]string{onioned: "Tor", tunnelled: "a VPN", proxied: "a public proxy", lent: "a residential proxy"}[v], facts: []Fact{
		{Name: "anonymizer", Text: veilNames[v]},
		{Name: "before", Text: veilNames[o.s.baseVeil]},
		{Name: "asn", Kind: FactInt, Int: int64(o.place.asn)},
	}, nearest: []Fact{{Name: "before", Text: veilNames[v]}}}
	switch v {
	case tunnelled:
		x.score = int(p.Num(veilVPNScore))
	case proxied:
		x.score = int(p.Num(veilProxyScore))
	case lent:
		x.score = int(p.Num(veilLentScore))
	}
	return x
}
