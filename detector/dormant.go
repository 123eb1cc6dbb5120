package detector

import (
	"fmt"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// dormantIdle is the parameter of dormant_revived.
const dormantIdle = 0

// dormantIdleDefaultMS is 15 minutes.
const dormantIdleDefaultMS = 15 * 60_000

var dormantRevived = detectorSpec{
	Detector: rules.Detector{
		Name: "dormant_revived",
		Doc:  "A session that lay idle comes back to life at another provider and with another client. A laptop that is closed at the office and opened at home keeps its client; an update is no other client.",
		Params: []rules.Param{
			{Name: "idle", Kind: rules.Period, Default: dormantIdleDefaultMS, Min: 60_000, Max: 30 * 24 * 3600_000, Doc: "how long it lay idle (Okta's idle limit for administrators)"},
		},
		Needs: []string{"client.user_agent"},
		Facts: []rules.Field{
			{Name: "idle_s", Type: rules.Integer, Unit: "s", Doc: "time since the session's previous event"},
			{Name: "from_asn", Type: rules.Integer, Doc: "the provider before"},
			{Name: "to_asn", Type: rules.Integer, Doc: "the provider now"},
			{Name: "changed", Type: rules.String, Doc: "the parts of the client that changed"},
		},
	},
	wakes:   clientChanged,
	judge:   judgeDormant,
	missing: missingDormant,
	explain: explainDormant,
}

// revival is how a session came back to life.
type revival struct {
	changed []string
	fromASN uint32
}

func judgeDormant(g *Engine, o *observation, p *rules.Params) verdict {
	o.revival = revival{fromASN: o.s.lastASN}
	if o.idleMS <= p.MS(dormantIdle) || o.signals&networkChanged == 0 || o.taught {
		return silent
	}
	if o.print.agent == 0 || missingASN(g, o) != "" || o.s.lastASN == 0 {
		return notEvaluable
	}
	if o.place.asn == o.s.lastASN || o.atHome() {
		return silent
	}
	if o.revival.changed = g.becameAnother(o); len(o.revival.changed) == 0 {
		return silent
	}
	return fires
}

// becameAnother names what makes the event's client another one, as fingerprint_drift with its defaults and tls_fingerprint_change see it; nothing
// for an update, or for a change that is no more than that.
func (g *Engine) becameAnother(o *observation) (changed []string) {
	own, distance := g.own(o), 0.0
	if !g.released(g.hash.stackChange(own, &o.print)) {
		for i, is := range driftOf(o, own) {
			if is && driftParts[i].Default > 0 {
				distance += driftParts[i].Default
				changed = append(changed, driftParts[i].Name)
			}
		}
	}
	if distance < driftThresholdDefault {
		changed = nil
	}
	if judgeTLS(g, o, nil) == fires {
		changed = append(changed, "ja4")
	}
	return changed
}

// missingDormant says what a session that comes back after the shipped time lacks; to one that never lay idle nothing is missing.
func missingDormant(g *Engine, o *observation) string {
	if o.signals&networkChanged == 0 || o.idleMS <= dormantIdleDefaultMS {
		return ""
	}
	if why := missingAgent(g, o); why != "" {
		return why
	}
	return missingASN(g, o)
}

func explainDormant(_ *Engine, o *observation, p *rules.Params) explanation {
	r := &o.revival
	changed := strings.Join(r.changed, ", ")
	return explanation{reason: fmt.Sprintf("idle for %s, then at AS%d instead of AS%d with another client (%s)", span(o.idleMS), o.place.asn, r.fromASN, changed), facts: []Fact{
		{Name: "idle_s", Kind: FactInt, Int: o.idleMS / 1000},
		{Name: "from_asn", Kind: FactInt, Int: int64(r.fromASN)},
		{Name: "to_asn", Kind: FactInt, Int: int64(o.place.asn)},
		{Name: "changed", Text: changed},
	}, nearest: []Fact{bound("idle_s", "<=", p.MS(dormantIdle)/1000)}}
}
