package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

var tlsFingerprintChange = detectorSpec{
	Detector: rules.Detector{
		Name:  "tls_fingerprint_change",
		Doc:   "The ciphers of the TLS hello (JA4's second part) changed within one transport, while the browser and its version stayed: another program behind a copied user agent. Resumption changes the other parts. An update explains it, and so does what at least five users show for more than a day: the same change, or sessions that begin with this hello behind this browser at this provider (a gateway that opens TLS).",
		Needs: []string{"client.ja4", "client.user_agent"},
		Facts: []rules.Field{
			{Name: "transport", Type: rules.String, Enum: []string{"tcp", "quic"}, Doc: "over which both hellos came"},
			{Name: "client", Type: rules.String, Doc: "the client that the user agent names, before and now"},
			{Name: "ja4", Type: rules.String, Doc: "JA4 of this event"},
		},
	},
	wakes:   clientChanged,
	judge:   judgeTLS,
	missing: missingTLS,
	explain: explainTLS,
}

func judgeTLS(g *Engine, o *observation, _ *rules.Params) verdict {
	if missingTLS(g, o) != "" {
		return notEvaluable
	}
	own, now := g.own(o), &o.print
	if !sameFace(own, now) || own.updated(now) || own.agent == 0 {
		return silent
	}
	if change := g.hash.tlsChange(own, now); change != 0 && !g.released(change) && !g.commonHello(o) {
		return fires
	}
	return silent
}

// updated says whether a newer or older version of the same client explains what changed. An app's own number need not be in the version that
// is compared: any other text of its user agent is another build.
func (p *print) updated(now *print) bool {
	if p.major != now.major || differs(p.osMajor, now.osMajor) {
		return true
	}
	return now.agent != p.agent && (now.flags&printNative != 0 || now.major == 0)
}

func missingTLS(g *Engine, o *observation) string {
	if o.print.ja4TCP == 0 && o.print.ja4QUIC == 0 {
		return "no ja4"
	}
	return missingAgent(g, o)
}

func explainTLS(g *Engine, o *observation, _ *rules.Params) explanation {
	client, transport := g.clientText(&o.print), "tcp"
	if o.print.ja4QUIC != 0 {
		transport = "quic"
	}
	return explanation{reason: fmt.Sprintf("%s says hello with other ciphers than before", client), facts: []Fact{
		{Name: "transport", Text: transport},
		{Name: "client", Text: client},
		{Name: "ja4", Text: o.e.Client.JA4},
	}, nearest: []Fact{{Name: "ja4", Text: "the second part as before"}}}
}
