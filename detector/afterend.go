package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// endGrace is the parameter of use_after_end.
const endGrace = 0

var useAfterEnd = detectorSpec{
	Detector: rules.Detector{
		Name: "use_after_end",
		Doc:  "A session was shown after it had ended: by anyone after a logout, a revoke or the account's end; by another client after a timeout or a rotation.",
		Params: []rules.Param{
			{Name: "grace", Kind: rules.Period, Default: 60_000, Min: 0, Max: 3600_000, Doc: "logouts arrive late and requests are retried"},
		},
		Needs: []string{"session.ended"},
		Facts: []rules.Field{
			{Name: "since_end_s", Type: rules.Integer, Unit: "s", Doc: "time since the session ended"},
			{Name: "end_reason", Type: rules.String, Enum: EndReasons, Doc: "why it ended"},
			{Name: "client", Type: rules.String, Doc: "same, another or unknown"},
		},
	},
	wakes:   sessionOver,
	sees:    seesFirst | seesRefused,
	judge:   judgeAfterEnd,
	missing: alwaysEvaluable,
	explain: explainAfterEnd,
}

// afterEnd is a presentation of an ended session.
type afterEnd struct {
	sinceMS int64
	client  string
}

func judgeAfterEnd(g *Engine, o *observation, p *rules.Params) verdict {
	s := o.s
	o.after = afterEnd{sinceMS: o.now - s.ended, client: g.comparedClient(o)}
	if !presents(o.e) || o.after.sinceMS <= p.MS(endGrace) {
		return silent
	}
	if final(s.endReason) && o.e.Outcome != OutcomeFailure || o.after.client == "another" {
		return fires
	}
	return silent
}

// comparedClient says whether the event's client is the session's: "unknown" is never "another". A device that proves the session's key is the
// session's, whatever else differs (W3C Device Bound Session Credentials). Another hello alone, of one browser and device, is not another client
// where sessions commonly begin with it: a gateway that opens TLS has been put before the client, or taken away.
func (g *Engine) comparedClient(o *observation) string {
	own, now := &o.s.client, &o.print
	switch {
	case !own.known() || !now.known():
		return "unknown"
	case o.e.Device.Binding == BindingValid && o.key != 0 && o.key == o.s.boundKey,
		sameClient(own, now, o.s.kind == KindMobileApp), desktopSwitch(own, now) && o.atHome():
		return "same"
	case own.sameButHello(now) && g.commonHello(o):
		return "unknown"
	}
	return "another"
}

// sameButHello says whether two clients are told apart by their TLS hello alone: one full user agent, and no device.id against it.
func (p *print) sameButHello(now *print) bool {
	return p.agent != 0 && p.agent == now.agent && !differs(p.device, now.device) && !differs(p.brand, now.brand)
}

// presents says whether an event shows the session's id to the app.
func presents(e *Event) bool {
	switch e.Type {
	case SessionPresented, SessionRenewed, SessionPrivilegeChanged, TokenRefreshed, ActionRequested, ActionCompleted:
		return true
	}
	return false
}

func explainAfterEnd(_ *Engine, o *observation, p *rules.Params) explanation {
	why := word(EndReasons, o.s.endReason)
	how := map[string]string{"same": "by the same client", "another": "by another client", "unknown": "by an unknown client"}[o.after.client]
	return explanation{reason: fmt.Sprintf("shown %s after %s, %s", span(o.after.sinceMS), why, how), facts: []Fact{
		{Name: "since_end_s", Kind: FactInt, Int: o.after.sinceMS / 1000},
		{Name: "end_reason", Text: why},
		{Name: "client", Text: o.after.client},
	}, nearest: []Fact{bound("since_end_s", "<=", p.MS(endGrace)/1000)}}
}

func word(list []string, e Enum) string {
	if e == 0 || int(e) > len(list) {
		return "an unknown reason"
	}
	return list[e-1]
}
