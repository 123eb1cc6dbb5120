package detector

import (
	"fmt"
	"slices"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of shared_session_devices.
const (
	devicesMin = iota
	devicesWindow
	devicesNetwork
)

var sharedSessionDevices = detectorSpec{
	Detector: rules.Detector{
		Name: "shared_session_devices",
		Doc:  "One session is in use on several devices, by their device.id. Who clears cookies gets a new one where he is: another network must come with it.",
		Params: []rules.Param{
			{Name: "min_devices", Default: 2, Min: 2, Max: maxHands, Doc: "different device.id of one session (Elastic counts four, Splunk two)"},
			{Name: "window", Kind: rules.Period, Default: 24 * 3600_000, Min: 60_000, Max: 30 * 24 * 3600_000, Doc: "they were all seen within this time"},
			{Name: "require_network_change", Kind: rules.Toggle, Default: 1, Doc: "only on a network that is neither the session's nor the user's"},
		},
		Needs: []string{"device.id"},
		Facts: []rules.Field{
			{Name: "devices", Type: rules.Integer, Doc: "different device.id within the window"},
			{Name: "network_changed", Type: rules.Bool, Doc: "this one came from a network that is new to session and user"},
		},
	},
	wakes:   clientChanged,
	judge:   judgeDevices,
	missing: missingDevice,
	explain: explainDevices,
}

// devices is how many devices one session has.
type devices struct {
	count int
	moved bool
}

func judgeDevices(g *Engine, o *observation, p *rules.Params) verdict {
	o.devices = devices{}
	here := o.print.device
	if here == 0 {
		return notEvaluable
	}
	if !differs(g.own(o).device, here) {
		return silent
	}
	o.devices = devices{count: g.devicesOf(o, p.MS(devicesWindow)), moved: !o.atHome()}
	if o.devices.count < int(p.Num(devicesMin)) || p.On(devicesNetwork) && (!o.devices.moved || g.ofHome(o)) {
		return silent
	}
	return fires
}

// devicesOf counts the devices that showed the session within a time of the event.
func (g *Engine) devicesOf(o *observation, windowMS int64) int {
	var seen [2*maxHands + 2]uint32
	list := append(seen[:0], o.print.device)
	add := func(device uint32, at int64) {
		if device != 0 && abs(o.now-at) <= windowMS && !slices.Contains(list, device) {
			list = append(list, device)
		}
	}
	add(o.s.client.device, o.s.last)
	if o.s.hands != 0 {
		h := g.hands.at(o.s.hands)
		for i := range h.of {
			add(h.of[i].faces[0].device, h.of[i].seen)
			add(h.of[i].faces[1].device, h.of[i].seen)
		}
	}
	return len(list)
}

// ofHome says whether the event's client was learned on a network of the session's own: an app's second id, or cookies that were cleared.
func (g *Engine) ofHome(o *observation) bool {
	if o.s.hands == 0 {
		return false
	}
	h := g.hands.at(o.s.hands)
	i := h.whose(o)
	return i != 0 && i != nobody && h.of[i-1].atHome != 0
}

func missingDevice(_ *Engine, o *observation) string {
	if o.print.device == 0 {
		return "no device.id"
	}
	return ""
}

func explainDevices(_ *Engine, o *observation, p *rules.Params) explanation {
	d := &o.devices
	where := "on the session's own network"
	nearest := []Fact{bound("devices", "<", int64(p.Num(devicesMin)))}
	if d.moved {
		where = "the last from a network that is new to it"
	}
	if p.On(devicesNetwork) {
		nearest = append(nearest, boolFact("network_changed", false))
	}
	return explanation{reason: fmt.Sprintf("one session on %d devices, %s", d.count, where), facts: []Fact{
		{Name: "devices", Kind: FactInt, Int: int64(d.count)},
		boolFact("network_changed", d.moved),
	}, nearest: nearest}
}
