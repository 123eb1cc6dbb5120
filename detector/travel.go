package detector

import (
	"fmt"
	"math"

	"github.com/sessionguard/sessionguard/rules"
)

// Parameters of impossible_travel, in the order of their Params.
const (
	travelMaxSpeedKMH = iota
	travelMinDistanceKM
	travelSubtractAccuracy
	travelAccuracyFactor
	travelSkew
	travelUnknownRadiusKM
	travelUnknownCellularKM
)

var impossibleTravel = detectorSpec{
	Detector: rules.Detector{
		Name:   "impossible_travel",
		Doc:    "The session was in two places too far apart for the time between, even if both places are as near as their accuracy allows.",
		Params: travelParams(),
		Facts: []rules.Field{
			{Name: "min_distance_km", Type: rules.Integer, Unit: "km", Doc: "distance less both accuracy radii"},
			{Name: "min_speed_kmh", Type: rules.Integer, Unit: "km/h", Doc: "min_distance_km over the time between and the skew"},
			{Name: "elapsed_s", Type: rules.Integer, Unit: "s", Doc: "time between the two events"},
			{Name: "from", Type: rules.String, Doc: "the place before: ip, city, country, lat, lon, accuracy_radius_km, asn"},
			{Name: "to", Type: rules.String, Doc: "the place of this event, likewise"},
		},
	},
	wakes:   networkChanged,
	judge:   judgeTravel,
	missing: missingJourney,
	placed:  true,
	explain: explainTravel,
}

// travelParams are those of impossible_travel; impossible_travel_user measures by the same.
func travelParams() []rules.Param {
	return []rules.Param{
		{Name: "max_speed_kmh", Default: 1000, Min: 1, Max: 100000, Sane: [2]float64{300, 1200}, Doc: "faster than an airliner (authentik, Datadog and MozDef use 1000)"},
		{Name: "min_distance_km", Default: 500, Min: 0, Max: 20037, Sane: [2]float64{100, 5000}, Doc: "below it the error of geography outweighs the signal (Elastic and Datadog use 500)"},
		{Name: "subtract_accuracy", Kind: rules.Toggle, Default: 1, Doc: "take both accuracy radii off the distance"},
		{Name: "accuracy_factor", Default: 1, Min: 0, Max: 10, Doc: "how many radii: one holds 67 % of addresses (MaxMind)"},
		{Name: "skew", Kind: rules.Period, Default: 120_000, Min: 0, Max: 3600_000, Doc: "added to the time between, for clocks that differ"},
		{Name: "unknown_radius_km", Default: 50, Min: 0, Max: 1000, Doc: "radius of a place that has none"},
		{Name: "unknown_radius_cellular_km", Default: 100, Min: 0, Max: 1000, Doc: "likewise on a cellular network, whose gateways are far from its users"},
	}
}

// journey is the fastest pair of an event and a neighbour in event time.
type journey struct {
	from       place
	fromAt     int64
	distanceM  int64 // lower bound
	elapsedMS  int64
	speedKMH   int64 // lower bound, rounded down
	impossible bool
}

// judgeTravel holds the event's place against its neighbours in event time: d_low = max(0, haversine - k(r_a + r_b)) and
// v_low = d_low / (|dt| + skew); a journey is impossible when d_low >= min_distance_km and v_low > max_speed_kmh.
func judgeTravel(g *Engine, o *observation, p *rules.Params) verdict {
	o.travel = journey{}
	switch {
	case o.taught, g.excuses(o, p):
		return silent
	case missingJourney(g, o) != "":
		return notEvaluable
	}
	for _, n := range o.neighbours(isLocated) {
		if n.at == 0 || o.noJourney(&n) {
			continue
		}
		j := measureJourney(&n.place, &o.place, o.now-n.at, p)
		j.fromAt = n.at
		o.travel.take(j)
	}
	if !o.stays() {
		g.eachContradiction(o, p, o.travel.take)
	}
	if o.travel.impossible {
		return fires
	}
	return silent
}

func measureJourney(a, b *place, dtMS int64, p *rules.Params) journey {
	j := journey{from: *a, elapsedMS: max(dtMS, -dtMS), distanceM: haversineM(a, b)}
	if p.On(travelSubtractAccuracy) {
		slack := p.Num(travelAccuracyFactor) * (radius(a, p) + radius(b, p)) * 1000
		j.distanceM = max(0, j.distanceM-int64(slack))
	}
	if between := j.elapsedMS + p.MS(travelSkew); between > 0 {
		j.speedKMH = j.distanceM * 3600 / between
		j.impossible = float64(j.distanceM)*3600 > p.Num(travelMaxSpeedKMH)*float64(between)
	} else {
		j.speedKMH, j.impossible = j.distanceM*3600, j.distanceM > 0
	}
	j.impossible = j.impossible && float64(j.distanceM) >= p.Num(travelMinDistanceKM)*1000
	return j
}

// radius is a place's accuracy in km.
func radius(a *place, p *rules.Params) float64 {
	switch {
	case a.flags&placeRadius != 0:
		return float64(a.radius) / 1000
	case a.flags&placeCellular != 0:
		return p.Num(travelUnknownCellularKM)
	}
	return p.Num(travelUnknownRadiusKM)
}

// seen is a place at a time.
type seen struct {
	place place
	at    int64
}

func isLocated(p *place) bool { return p.flags&placeLocated != 0 }

// missingJourney says why the event, or the place that it came from, cannot be part of a journey.
func missingJourney(_ *Engine, o *observation) string { return o.missingPlace(o.travelWhy, isLocated) }

// missingPlace gives the reason of the event, else of the session's last network when there is no other place to compare with.
func (o *observation) missingPlace(why placeWhy, usable func(*place) bool) string {
	if why == 0 && o.compared && o.s.lastWhy != 0 {
		if n := o.neighbours(usable); n[0].at == 0 && n[1].at == 0 {
			why = o.s.lastWhy
		}
	}
	return why.String()
}

// neighbours gives the session's usable places just before and just after the event, in event time; at is 0 where there is none.
func (o *observation) neighbours(usable func(*place) bool) [2]seen {
	var n [2]seen
	o.s.eachStay(o.trail, func(st *stay) {
		if !usable(&st.place) || o.doubted.holds(st.from) {
			return
		}
		for _, at := range [2]int64{st.from, st.to} {
			n[0].nearer(st, at, o.now, at <= o.now)
			n[1].nearer(st, at, o.now, at > o.now)
		}
		for _, sec := range o.s.times {
			if at := int64(sec) * 1000; at > st.from && at < st.to {
				n[0].nearer(st, at, o.now, at <= o.now)
				n[1].nearer(st, at, o.now, at > o.now)
			}
		}
	})
	return n
}

func (n *seen) nearer(st *stay, at, now int64, side bool) {
	if side && at != 0 && (n.at == 0 || abs(at-now) < abs(n.at-now)) {
		n.place, n.at = st.place, at
	}
}

func abs(x int64) int64 { return max(x, -x) }

func explainTravel(g *Engine, o *observation, p *rules.Params) explanation {
	return explainJourney(g, o, &o.travel, p)
}

func explainJourney(g *Engine, o *observation, j *journey, p *rules.Params) explanation {
	g.namePlace(o)
	reason := fmt.Sprintf("%s to %s: at least %s km in %s", g.placeName(&j.from), g.placeName(&o.place), thousands(j.distanceM/1000), span(j.elapsedMS))
	if j.from.ip == ([16]byte{}) {
		reason = "from where the bank saw the customer, " + reason
	}
	return explanation{reason: reason, facts: []Fact{
		{Name: "min_distance_km", Kind: FactInt, Int: j.distanceM / 1000},
		{Name: "min_speed_kmh", Kind: FactInt, Int: j.speedKMH},
		{Name: "elapsed_s", Kind: FactInt, Int: j.elapsedMS / 1000},
		{Name: "from", Kind: FactObject, Sub: g.placeFacts(&j.from)},
		{Name: "to", Kind: FactObject, Sub: g.placeFacts(&o.place)},
	}, nearest: []Fact{bound("elapsed_s", ">=", j.possibleAfterS(p))}}
}

// possibleAfterS is how long the journey must take, in whole seconds, to be possible.
func (j *journey) possibleAfterS(p *rules.Params) int64 {
	return max(0, int64(math.Ceil(float64(j.distanceM)*3.6/p.Num(travelMaxSpeedKMH)))-p.MS(travelSkew)/1000)
}
