package detector

import "math"

// truth is where the bank itself saw the customer: a card at a terminal, a cash machine, a branch, or a journey that he announced. No
// address is as sure. Few users have one at a time: it lives in a slab of its own.
type truth struct {
	places [4]witness
}

// witness is one such place.
type witness struct {
	at     int64 // 0 is free
	until  int64 // when it is forgotten
	lat    int32 // micro-degrees
	lon    int32
	radius uint32 // m
	kind   Enum   // PlaceKinds
	_      [3]uint8
}

const (
	// truthMS is how long a place that the bank saw is kept: a day, at the accuracy of a city (E8: privacy).
	truthMS = 24 * 3600_000
	// noticeMS bounds how far ahead a customer's own notice of a journey reaches, where it says until when.
	noticeMS = 30 * 24 * 3600_000
	// truthNearM is how far from a witness an address may be placed and still be explained by it: the databases' error on fixed networks.
	truthNearM = 50_000
	// cityMicroDeg is the accuracy at which places are kept: a tenth of a degree is about ten kilometres, a city.
	cityMicroDeg = 100_000
)

// witnessed takes a place.observed event in. Coordinates that are none are left out: the rest of the event says nothing of a place.
func (g *Engine) witnessed(o *observation) {
	p := &o.e.Place
	lat, lon := p.Lat.V, p.Lon.V
	if o.u == nil || !p.Lat.Set || !p.Lon.Set || math.IsNaN(lat) || math.IsNaN(lon) || math.Abs(lat) > 90 || math.Abs(lon) > 180 || p.Kind == 0 {
		return
	}
	w := witness{at: o.now, until: o.now + truthMS, kind: p.Kind, lat: coarse(lat), lon: coarse(lon)}
	if p.RadiusKM.Set && p.RadiusKM.V >= 0 && p.RadiusKM.V <= maxRadiusKM {
		w.radius = uint32(math.Round(p.RadiusKM.V * 1000))
	}
	if until := o.e.Control.Until; p.Kind == PlaceTravelNotice && until.Set {
		w.until = min(max(until.MS, o.now), o.now+noticeMS)
	}
	if g.clock > w.until {
		return
	}
	if o.u.truth == 0 {
		o.u.truth = g.truths.take()
	}
	g.truths.at(o.u.truth).put(w, g.clock)
}

func coarse(deg float64) int32 { return int32(math.Round(deg*1e6/cityMicroDeg)) * cityMicroDeg }

// put keeps a witness in a free place, one that is over, or the oldest one's.
func (t *truth) put(w witness, now int64) {
	oldest := 0
	for i := range t.places {
		if t.places[i].until < now {
			t.places[i] = witness{}
		}
		if t.places[i].at < t.places[oldest].at {
			oldest = i
		}
	}
	t.places[oldest] = w
}

// forgetTruth gives back what is over: the bank keeps no diary of its customers.
func (g *Engine) forgetTruth(u *user) {
	if u.truth == 0 {
		return
	}
	for i := range g.truths.at(u.truth).places {
		if g.truths.at(u.truth).places[i].until >= g.clock {
			return
		}
	}
	g.truths.give(u.truth)
	u.truth = 0
}

// eachWitness shows where the bank saw the user within a day of a time, and the journeys that he announced for it.
func (g *Engine) eachWitness(u *user, at int64, show func(*witness)) {
	if u == nil || u.truth == 0 {
		return
	}
	t := g.truths.at(u.truth)
	for i := range t.places {
		w := &t.places[i]
		switch {
		case w.at == 0, w.until < g.clock:
		case w.kind == PlaceTravelNotice && at >= w.at && at <= w.until, w.kind != PlaceTravelNotice && abs(at-w.at) <= truthMS:
			show(w)
		}
	}
}

// place gives the witness's place as journeys are measured by it.
func (w *witness) place() place {
	return place{lat: w.lat, lon: w.lon, radius: w.radius, flags: placeLocated | placeRadius}
}

// explained says whether the bank's own knowledge explains that a user is at a place at a time (Unix ms), as far as it is known now: he
// was seen near by, or had announced it. A journey to that place is then no evidence.
func (g *Engine) explained(u *user, p *place, at int64) (yes bool) {
	if !isLocated(p) {
		return false
	}
	g.eachWitness(u, at, func(w *witness) {
		here := w.place()
		near := int64(truthNearM) + int64(w.radius)
		if p.flags&placeRadius != 0 {
			near += int64(p.radius)
		}
		yes = yes || haversineM(&here, p) <= min(near, truthReachM+int64(w.radius))
	})
	return yes
}

// truthReachM bounds what an inexact address is explained by: a radius that spans a country explains nothing.
const truthReachM = 200_000
