package detector

import (
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// crossReturnPaths is the parameter of cross_site.
const crossReturnPaths = 0

var crossSiteChange = detectorSpec{
	Detector: rules.Detector{
		Name: "cross_site",
		Doc: "A request that changes something came from another site, or without its CSRF token. Only where the browser sends the session by itself: " +
			"a token in a header has to be put there. A link from another site (GET) changes nothing, and a token that was in order vouches for a form.",
		Params: []rules.Param{
			{Name: "return_paths", Kind: rules.ListRef, List: rules.Texts,
				Doc: "paths to which others send the customer back with a form: payment providers, 3-D Secure, eID"},
		},
		Needs: []string{"http.sec_fetch_site"},
		Facts: []rules.Field{
			{Name: "sec_fetch_site", Type: rules.String, Doc: "where the request came from, as the browser says"},
			{Name: "csrf", Type: rules.String, Enum: CSRFs, Doc: "what the app's check found"},
			{Name: "method", Type: rules.String, Doc: "the request's method"},
		},
	},
	wakes:   crossSite,
	sees:    seesFirst,
	judge:   judgeCrossSite,
	missing: alwaysEvaluable,
	explain: explainCrossSite,
}

func judgeCrossSite(_ *Engine, o *observation, p *rules.Params) verdict {
	e := o.e
	if e.HTTP.CSRF == CSRFOK || !sentByBrowser(o) || !changesState(e) || p.List(crossReturnPaths).HasText(e.HTTP.Path) {
		return silent
	}
	return fires
}

// sentByBrowser says whether the session's id goes along with every request to the app, whoever caused it.
func sentByBrowser(o *observation) bool {
	kind, by := o.e.Session.Kind, o.e.Session.Transport
	if kind == 0 && o.s != nil {
		kind = o.s.kind
	}
	if by == 0 && o.s != nil {
		by = o.s.transport
	}
	return kind != KindMobileApp && kind != KindAPI && (by == TransportCookie || by == 0)
}

// changesState says whether an event is more than a look. A login is none that another site could cause: it may well send the customer back
// to it with a form.
func changesState(e *Event) bool {
	switch e.Type {
	case ActionRequested, ActionCompleted, CredentialChanged, FactorChanged:
		return true
	case SessionPresented:
		for _, m := range [...]string{"POST", "PUT", "PATCH", "DELETE"} {
			if strings.EqualFold(e.HTTP.Method, m) {
				return true
			}
		}
	}
	return false
}

func explainCrossSite(_ *Engine, o *observation, _ *rules.Params) explanation {
	h := &o.e.HTTP
	var why []string
	x := explanation{}
	if h.SecFetchSite == "cross-site" {
		why = append(why, "from another site")
		x.facts, x.nearest = append(x.facts, Fact{Name: "sec_fetch_site", Text: h.SecFetchSite}), append(x.nearest, Fact{Name: "sec_fetch_site", Text: "same-origin"})
	}
	if h.CSRF != 0 {
		csrf := word(CSRFs, h.CSRF)
		why = append(why, "with a CSRF token "+csrf)
		x.facts, x.nearest = append(x.facts, Fact{Name: "csrf", Text: csrf}), append(x.nearest, Fact{Name: "csrf", Text: "ok"})
	}
	what := h.Method
	if what == "" {
		what = o.e.Type.String()
	}
	x.facts = append(x.facts, Fact{Name: "method", Text: h.Method})
	x.reason = what + " " + strings.Join(why, ", ")
	return x
}
