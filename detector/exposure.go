package detector

import (
	"fmt"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// weakMinBits is the parameter of weak_id.
const weakMinBits = 0

var weakID = detectorSpec{
	Detector: rules.Detector{
		Name: "weak_id",
		Doc:  "The app attests that its session ids hold too little entropy. The id itself says nothing: what we see is an opaque handle.",
		Params: []rules.Param{
			{Name: "min_bits", Default: 64, Min: 1, Max: strongIDBits, Doc: "least entropy (OWASP Session Management Cheat Sheet and NIST SP 800-63B-4: 64 bits; ASVS 7.2.3: 128)"},
		},
		Needs: []string{"session.id_bits"},
		Facts: []rules.Field{
			{Name: "id_bits", Type: rules.Integer, Unit: "bit", Doc: "as the app attests"},
		},
	},
	wakes: exposed,
	sees:  seesFirst,
	judge: func(_ *Engine, o *observation, p *rules.Params) verdict {
		if bits := o.e.Session.IDBits; bits.Set && bits.V >= 0 && bits.V < int64(p.Num(weakMinBits)) {
			return fires
		}
		return silent
	},
	missing: alwaysEvaluable,
	explain: func(_ *Engine, o *observation, p *rules.Params) explanation {
		bits := o.e.Session.IDBits.V
		return explanation{reason: fmt.Sprintf("the session's id holds %d bits of entropy", bits),
			facts:   []Fact{{Name: "id_bits", Kind: FactInt, Int: bits}},
			nearest: []Fact{bound("id_bits", ">=", int64(p.Num(weakMinBits)))}}
	},
}

// exposedFormScore is the parameter of exposed_id.
const exposedFormScore = 0

var exposedID = detectorSpec{
	Detector: rules.Detector{
		Name: "exposed_id",
		Doc: "The session's id travels in a URL, from where it leaks by history, logs and Referer; or, weaker, in a hidden field of a form, where every " +
			"script on the page reads it.",
		Params: []rules.Param{
			{Name: "form_score", Default: 10, Min: 1, Max: 100, Doc: "score of a hidden field"},
		},
		Needs: []string{"session.transport"},
		Facts: []rules.Field{
			{Name: "transport", Type: rules.String, Enum: Transports, Doc: "how the id was shown"},
			{Name: "usual_transport", Type: rules.String, Enum: Transports, Doc: "how it was shown first: an app that uses cookies should not take an id from elsewhere"},
		},
	},
	wakes: exposed,
	sees:  seesFirst,
	judge: func(_ *Engine, o *observation, _ *rules.Params) verdict {
		if t := o.e.Session.Transport; t == TransportURL || t == TransportForm {
			return fires
		}
		return silent
	},
	missing: alwaysEvaluable,
	explain: explainExposed,
}

func explainExposed(_ *Engine, o *observation, p *rules.Params) explanation {
	by, x := o.e.Session.Transport, explanation{reason: "the session's id was shown in a URL", nearest: []Fact{{Name: "transport", Text: "cookie"}}}
	if by == TransportForm {
		x.reason, x.score = "the session's id was shown in a hidden field of a form", int(p.Num(exposedFormScore))
	}
	x.facts = []Fact{{Name: "transport", Text: word(Transports, by)}}
	if usual := o.usualTransport(); usual != 0 {
		x.facts = append(x.facts, Fact{Name: "usual_transport", Text: word(Transports, usual)})
		if usual != by {
			x.reason += "; it began in a " + word(Transports, usual)
		}
	}
	return x
}

func (o *observation) usualTransport() Enum {
	if o.s == nil {
		return 0
	}
	return o.s.transport
}

var weakCookie = detectorSpec{
	Detector: rules.Detector{
		Name: "weak_cookie",
		Doc:  "The app attests that the session's cookie lacks an attribute that protects it. An attribute that is not reported is not missing.",
		Params: []rules.Param{
			{Name: "attributes", Kind: rules.WordSet, Words: cookieAttributes, Doc: "those that must be there (NIST SP 800-63B-4 5.1.1, OWASP ASVS 3.3.1 to 3.3.4)"},
		},
		Needs: []string{"session.cookie.secure"},
		Facts: []rules.Field{
			{Name: "missing", Type: rules.String, Doc: "the attributes that the cookie lacks"},
		},
	},
	wakes: exposed,
	sees:  seesFirst,
	judge: func(_ *Engine, o *observation, p *rules.Params) verdict {
		if len(lacking(&o.e.Session, p)) > 0 {
			return fires
		}
		return silent
	},
	missing: alwaysEvaluable,
	explain: func(_ *Engine, o *observation, p *rules.Params) explanation {
		missing := strings.Join(lacking(&o.e.Session, p), ", ")
		return explanation{reason: "the session's cookie is without " + missing, facts: []Fact{{Name: "missing", Text: missing}},
			nearest: []Fact{{Name: "missing", Text: "none"}}}
	},
}

// cookieAttributes are what protects a cookie.
var cookieAttributes = []string{"secure", "http_only", "same_site", "host_prefix"}

// lacking lists the attributes that a session's cookie is stated to lack. A session that travels otherwise has no cookie.
func lacking(s *Session, p *rules.Params) (missing []string) {
	if s.Transport != 0 && s.Transport != TransportCookie {
		return nil
	}
	for i, bare := range [...]bool{s.CookieSecure == False, s.CookieHTTPOnly == False, s.CookieSameSite != "" && !keepsSite(s.CookieSameSite), s.CookieHostPrefix == False} {
		if bare && p.Has(0, i) {
			missing = append(missing, cookieAttributes[i])
		}
	}
	return missing
}
