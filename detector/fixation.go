package detector

import (
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// fixationAny is the parameter of session_fixation.
const fixationAny = 0

var sessionFixation = detectorSpec{
	Detector: rules.Detector{
		Name: "session_fixation",
		Doc: "A session kept at login the id that another client, or another network, had shown before it: somebody may have planted the id in the " +
			"customer's browser. A login that changes the id is in order.",
		Params: []rules.Param{
			{Name: "any_unrotated", Kind: rules.Toggle, Default: 0,
				Doc: "any id that stays the same at login counts, also on one client and network (OWASP ASVS 7.2.4): for apps that always rotate"},
		},
		Needs: []string{"session.presented"},
		Facts: []rules.Field{
			{Name: "shown_before_s", Type: rules.Integer, Unit: "s", Doc: "time between the id's first showing and the login"},
			{Name: "client", Type: rules.String, Doc: "same, another or unknown, held against who showed it first"},
			{Name: "network", Type: rules.String, Doc: "same or another, likewise"},
		},
	},
	wakes:   claimed,
	judge:   judgeFixation,
	missing: alwaysEvaluable,
	explain: explainFixation,
}

// fixation is a login held against who showed the session before it.
type fixation struct {
	sinceMS int64
	client  string
	moved   bool
}

func judgeFixation(g *Engine, o *observation, p *rules.Params) verdict {
	g.locate(o)
	v := g.visitors.at(o.s.life.visitor)
	o.fixation = fixation{sinceMS: o.now - v.network.last, client: v.shownBy.compare(&o.print, o.inApp())}
	f := &o.fixation
	f.moved = v.movedTo(o, f.client)
	if f.sinceMS >= 0 && (f.client == "another" || f.moved || p.On(fixationAny)) {
		return fires
	}
	return silent
}

// movedTo says whether the login came from another network than the visitor's. One provider, a cellular leg, a relay, and the other address
// family of a client that is not known to be another, are none.
func (v *visitor) movedTo(o *observation, client string) bool {
	here, there := o.networkHere(), &v.network
	switch {
	case there.is(here), there.asn != 0 && there.asn == here.asn, (there.flags|here.flags)&(networkCellular|networkShared) != 0:
		return false
	}
	return (there.flags^here.flags)&networkV6 == 0 || client == "another"
}

func explainFixation(_ *Engine, o *observation, _ *rules.Params) explanation {
	f := &o.fixation
	where, by := "same", []string{}
	if f.client == "another" {
		by = append(by, "by another client")
	}
	if f.moved {
		where, by = "another", append(by, "from another network")
	}
	reason := "the id of " + span(f.sinceMS) + " before the login is still in use"
	if len(by) > 0 {
		reason = "the id was shown " + strings.Join(by, " and ") + " " + span(f.sinceMS) + " before the login, which did not change it"
	}
	x := explanation{reason: reason, facts: []Fact{
		{Name: "shown_before_s", Kind: FactInt, Int: f.sinceMS / 1000},
		{Name: "client", Text: f.client},
		{Name: "network", Text: where},
	}}
	if f.client == "another" {
		x.nearest = append(x.nearest, Fact{Name: "client", Text: "same"})
	}
	if f.moved {
		x.nearest = append(x.nearest, Fact{Name: "network", Text: "same"})
	}
	return x
}
