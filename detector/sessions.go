package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of concurrent_sessions.
const (
	togetherWindow = iota
	togetherMin
	togetherBrowsers
	togetherApps
)

var concurrentSessions = detectorSpec{
	Detector: rules.Detector{
		Name: "concurrent_sessions",
		Doc:  "More live sessions of one user are in use at once than a customer has. Sessions of one client that the user has had for a day, on one network, count once; sessions of kind api not at all.",
		Params: []rules.Param{
			{Name: "window", Kind: rules.Period, Default: 35 * 60_000, Min: 60_000, Max: 24 * 3600_000, Doc: "at once means used within this time (Elastic: 35 min)"},
			{Name: "min_sessions", Default: 3, Min: 2, Max: 8, Doc: "so many at least (Elastic: 3)"},
			{Name: "browsers", Default: 1, Min: 0, Max: 8, Doc: "with no more sessions in a browser than this"},
			{Name: "apps", Default: 2, Min: 0, Max: 8, Doc: "and no more of a mobile app than this, it is what a customer of a bank has, and silent: one browser, a phone and a tablet"},
		},
		Facts: []rules.Field{
			{Name: "sessions", Type: rules.Integer, Doc: "live sessions in use within the window, that of the event included"},
			{Name: "browsers", Type: rules.Integer, Doc: "of them in a browser, or of an unknown kind"},
			{Name: "apps", Type: rules.Integer, Doc: "of them of a mobile app"},
		},
	},
	wakes:   firstLook,
	sees:    seesFirst,
	judge:   judgeTogether,
	missing: alwaysEvaluable,
	explain: explainTogether,
}

// together is which sessions of a user are in use at once.
type together struct {
	browsers, apps int
	clients        [8]inUse // those that were counted
}

// inUse is a client on a network.
type inUse struct {
	client  *print
	network network
	own     bool // counts once on its network
}

func judgeTogether(g *Engine, o *observation, p *rules.Params) verdict {
	if !o.personal() {
		return silent
	}
	t := &o.together
	*t = together{}
	for _, own := range [...]bool{false, true} { // those that count by themselves come first
		t.count(own, o.s.kind, inUse{&o.print, *o.networkHere(), o.s.created == 0 || o.isOwn(&o.print)})
		g.eachOther(o, func(s *session) {
			if s.kind != KindAPI && abs(o.now-s.last) <= p.MS(togetherWindow) {
				t.count(own, s.kind, inUse{&s.client, s.baseNetwork(), s.created == 0 || o.isOwn(&s.client)})
			}
		})
	}
	if t.sessions() >= int(p.Num(togetherMin)) && (t.browsers > int(p.Num(togetherBrowsers)) || t.apps > int(p.Num(togetherApps))) {
		return fires
	}
	return silent
}

func (t *together) sessions() int { return t.browsers + t.apps }

// isOwn says whether a client is one that the user has had for a day, or one of which nothing is known; of a customer of whom no client is
// known so long, each is.
func (o *observation) isOwn(p *print) bool {
	if !o.u.settledIn(o.now) {
		return true
	}
	id := p.device
	if id == 0 {
		id = p.family()
	}
	return id == 0 || o.u.owns(id, o.now, learnedAfterMS)
}

// count adds a session, but one of the user's own client on a network that is counted already: a browser that signs in anew for every tab is
// one customer. A client that he does not have counts as often as it was seen to sign in: an id of which no login is known may be the renewal
// of another.
func (t *together) count(own bool, kind Enum, c inUse) {
	n := t.sessions()
	if c.own != own {
		return
	}
	for _, k := range t.clients[:n] {
		if c.own && k.network.is(&c.network) && sameClient(k.client, c.client, kind == KindMobileApp) {
			return
		}
	}
	if n == len(t.clients) {
		return
	}
	t.clients[n] = c
	if kind == KindMobileApp {
		t.apps++
	} else {
		t.browsers++
	}
}

func explainTogether(_ *Engine, o *observation, p *rules.Params) explanation {
	t := &o.together
	return explanation{reason: fmt.Sprintf("%d sessions in use within %s: %d in browsers, %d of apps", t.sessions(), span(p.MS(togetherWindow)), t.browsers, t.apps), facts: []Fact{
		{Name: "sessions", Kind: FactInt, Int: int64(t.sessions())},
		{Name: "browsers", Kind: FactInt, Int: int64(t.browsers)},
		{Name: "apps", Kind: FactInt, Int: int64(t.apps)},
	}, nearest: []Fact{bound("sessions", "<", int64(p.Num(togetherMin)))}}
}
