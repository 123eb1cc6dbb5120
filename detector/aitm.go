package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of aitm_first_use.
const (
	aitmWindow = iota
	aitmFirstUses
)

var aitmFirstUse = detectorSpec{
	Detector: rules.Detector{
		Name: "aitm_first_use",
		Doc: "The customer logged in from a hosting or anonymised network that is not known of him, and the session's first use came from another provider: " +
			"he was phished by a proxy between him and the bank (adversary in the middle), and the thief took the session along.",
		Params: []rules.Param{
			{Name: "window", Kind: rules.Period, Default: 30 * 60_000, Min: 1000, Max: 24 * 3600_000, Doc: "between the login and that use (Elastic, Okta AiTM session cookie replay: 30 min)"},
			{Name: "first_uses", Default: 4, Min: 1, Max: 100, Doc: "which events after the login are the session's first uses: the phishing page itself loads a few (a proposal)"},
		},
		Needs: []string{"session.created"},
		Facts: []rules.Field{
			{Name: "login_asn", Type: rules.ASN, Doc: "the provider of the login"},
			{Name: "use_asn", Type: rules.ASN, Doc: "the provider of this use"},
			{Name: "since_login_s", Type: rules.Integer, Unit: "s", Doc: "time since the login"},
			{Name: "uses", Type: rules.Integer, Doc: "events of the session since the login, this one included"},
		},
	},
	wakes:   networkChanged,
	judge:   judgeFirstUse,
	missing: missingFirstUse,
	explain: explainFirstUse,
}

// hidden are the networks that a phishing proxy logs in from: rented servers, and what hides them. A VPN and a relay are none: people log in
// through them from home, and switch them off.
const hidden = Tor | PublicProxy | ResidentialProxy | Hosting

// noteLogin marks a session that a person's client began on such a network, which the user does not use.
func (g *Engine) noteLogin(o *observation) {
	if o.s.flags &^= beganHidden; o.byProxy() && !o.learned(o.networkHere()) {
		o.s.flags |= beganHidden
	}
}

// byProxy says whether a login may have come through a phishing proxy. One by a program is the back channel of an identity provider (server
// to server): its address says nothing of the customer. One with a device.id that the customer is known by did not come through a proxy,
// for the bank's cookies are not sent to another's site.
func (o *observation) byProxy() bool {
	kinds, a, u := o.e.Client.Geo.Anonymous, &o.e.Client.Agent, o.u
	if kinds&hidden == 0 || kinds&(Relay|VPN) != 0 || a.Scripted || a.Engine == NoEngine || o.s.kind == KindAPI {
		return false
	}
	return u == nil || o.print.device == 0 || !u.owns(o.print.device, o.now, 0)
}

// firstUse says whether the event may be a first use from elsewhere after such a login.
func (o *observation) firstUse() bool {
	return o.s != nil && o.s.flags&beganHidden != 0 && o.s.moved == 0 && !o.late && presents(o.e) && o.e.Client.IP.IsValid()
}

func judgeFirstUse(g *Engine, o *observation, p *rules.Params) verdict {
	s := o.s
	if !o.firstUse() || o.now-s.created > p.MS(aitmWindow) || float64(s.events) > p.Num(aitmFirstUses) {
		return silent
	}
	if missingFirstUse(g, o) != "" {
		return notEvaluable
	}
	if s.lastASN == o.place.asn || o.learned(o.networkHere()) {
		return silent
	}
	return fires
}

func missingFirstUse(g *Engine, o *observation) string {
	switch {
	case !o.firstUse():
		return ""
	case o.s.client.agent == 0 && o.print.agent != 0:
		return "no user agent at the login: it may be an identity provider's"
	case o.s.lastASN == 0:
		return "no asn at the login"
	}
	return missingASN(g, o)
}

func explainFirstUse(_ *Engine, o *observation, p *rules.Params) explanation {
	since := o.now - o.s.created
	return explanation{reason: fmt.Sprintf("logged in through AS%d, first used from AS%d %s later", o.s.lastASN, o.place.asn, span(since)), facts: []Fact{
		{Name: "login_asn", Kind: FactInt, Int: int64(o.s.lastASN)},
		{Name: "use_asn", Kind: FactInt, Int: int64(o.place.asn)},
		{Name: "since_login_s", Kind: FactInt, Int: since / 1000},
		{Name: "uses", Kind: FactInt, Int: int64(o.s.events)},
	}, nearest: []Fact{bound("since_login_s", ">", p.MS(aitmWindow)/1000), bound("uses", ">", int64(p.Num(aitmFirstUses)))}}
}
