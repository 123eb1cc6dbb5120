package detector

import (
	"fmt"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of alternating_clients.
const (
	turnsMinSwitches = iota
	turnsMinSightings
	turnsWindow
)

var alternatingClients = detectorSpec{
	Detector: rules.Detector{
		Name: "alternating_clients",
		Doc:  "Two clients take turns on the session: one that left came back while the other was active. One change can be an update; going to and fro takes two pairs of hands. The network is not looked at.",
		Params: []rules.Param{
			{Name: "min_switches", Default: 3, Min: 2, Max: maxVisits - 1, Doc: "changes from one of the two to the other: A, B, A, B are three"},
			{Name: "min_sightings", Default: 2, Min: 1, Max: 100, Doc: "how often each of the two must have been seen"},
			{Name: "window", Kind: rules.Period, Default: 10 * 60_000, Min: 1000, Max: 24 * 3600_000, Doc: "from the first of these changes to the last"},
		},
		Needs: []string{"client.user_agent", "client.ja4", "device.id"},
		Facts: []rules.Field{
			{Name: "switches", Type: rules.Integer, Doc: "changes from one client to the other within the window"},
			{Name: "elapsed_s", Type: rules.Integer, Unit: "s", Doc: "time from the first of them to the last"},
			{Name: "one", Type: rules.String, Doc: "the client of this event"},
			{Name: "other", Type: rules.String, Doc: "the client that it takes turns with"},
			{Name: "differ_in", Type: rules.String, Doc: "the parts that tell the two apart"},
		},
	},
	wakes:   inHands,
	judge:   judgeTurns,
	missing: missingClient,
	explain: explainTurns,
}

// turns is how two hands take turns.
type turns struct {
	one, other print
	switches   int
	elapsedMS  int64
}

// judgeTurns fires on the event by which the session changes hands once more.
func judgeTurns(g *Engine, o *observation, p *rules.Params) verdict {
	o.turns = turns{}
	if missingClient(g, o) != "" {
		return notEvaluable
	}
	h := *g.hands.at(o.s.hands)
	if !o.shows() {
		return silent
	}
	i, changed := h.note(o)
	if i == nobody || !changed || o.inHand() { // a gateway that opens TLS makes two of one device, whose key is one (C24)
		return silent
	}
	for j := uint8(1); j <= maxHands; j++ {
		if j != i && h.takeTurns(o, i, j, p) {
			return fires
		}
	}
	return silent
}

// takeTurns looks at two hands alone: whether enough changes between them, that of this event among them, lie close enough together.
func (h *hands) takeTurns(o *observation, i, j uint8, p *rules.Params) bool {
	var starts [maxVisits]int64 // of the visits of the two, joined where only a third hand stood between them
	n, here, last := 0, 0, uint8(0)
	var sightings [maxHands + 1]float64
	for _, v := range h.visits {
		if v.hand != i && v.hand != j {
			continue
		}
		sightings[v.hand] += float64(v.sightings)
		if v.hand != last {
			starts[n], last = v.from, v.hand
			n++
		}
		if v.hand == i && v.from <= o.now {
			here = n - 1
		}
	}
	if min(sightings[i], sightings[j]) < p.Num(turnsMinSightings) {
		return false
	}
	for first := 1; first < n; first++ { // the change by which a row of changes begins
		end := first
		for end+1 < n && starts[end+1]-starts[first] <= p.MS(turnsWindow) {
			end++
		}
		if switches := end - first + 1; float64(switches) >= p.Num(turnsMinSwitches) && here >= first-1 && here <= end {
			o.turns = turns{one: *h.of[i-1].face(&o.print), other: h.of[j-1].faces[0], switches: switches, elapsedMS: starts[end] - starts[first]}
			return true
		}
	}
	return false
}

func missingClient(_ *Engine, o *observation) string {
	if !o.print.known() {
		return "no user agent, ja4 or device.id"
	}
	return ""
}

func explainTurns(g *Engine, o *observation, p *rules.Params) explanation {
	t := &o.turns
	one, other := g.clientText(&t.one), g.clientText(&t.other)
	parts := strings.Join(differences(&t.one, &t.other), ", ")
	return explanation{
		reason: fmt.Sprintf("%s and %s take turns: %d changes in %s (they differ in %s)", one, other, t.switches, span(t.elapsedMS), parts),
		facts: []Fact{
			{Name: "switches", Kind: FactInt, Int: int64(t.switches)},
			{Name: "elapsed_s", Kind: FactInt, Int: t.elapsedMS / 1000},
			{Name: "one", Text: one},
			{Name: "other", Text: other},
			{Name: "differ_in", Text: parts},
		}, nearest: []Fact{bound("switches", "<", int64(p.Num(turnsMinSwitches)))},
	}
}

// differences names what tells two clients apart.
func differences(a, b *print) (parts []string) {
	for _, part := range [...]struct {
		name    string
		differs bool
	}{
		{"browser", browserDiffers(a, b)}, {"engine", differs(a.engine, b.engine)}, {"os", differs(a.os, b.os)}, {"device_class", differs(a.class, b.class)},
		{"device.id", differs(a.device, b.device)}, {"ja4", differs(a.ja4TCP, b.ja4TCP) || differs(a.ja4QUIC, b.ja4QUIC)},
	} {
		if part.differs {
			parts = append(parts, part.name)
		}
	}
	return parts
}
