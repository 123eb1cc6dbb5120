package detector

import (
	"math"

	"github.com/sessionguard/sessionguard/rules"
)

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
	// cityErrorM is how far that moves a place at most: half the diagonal of such a square at the equator.
	cityErrorM = 7_900
)

// witnessed takes a place.observed event in. Coordinates that are none are left out: the rest of the event says nothing of a place.
func (g *Engine) witnessed(o *observation) {
	p := &o.e.Place
	lat, lon := p.Lat.V, p.Lon.V
	if o.u == nil || !p.Lat.Set || !p.Lon.Set || math.IsNaN(lat) || math.IsNaN(lon) || math.Abs(lat) > 90 || math.Abs(lon) > 180 || p.Kind == 0 {
		return
	}
	w := witness{at: o.now, until: o.now + truthMS, kind: p.Kind, lat: coarse(lat), lon: coarse(lon), radius: cityErrorM}
	if p.RadiusKM.Set && p.RadiusKM.V >= 0 && p.RadiusKM.V <= maxRadiusKM {
		w.radius += uint32(math.Round(p.RadiusKM.V * 1000))
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
	g.doubtFarFrom(o, &w)
}

func coarse(deg float64) int32 { return int32(math.Round(deg*1e6/cityMicroDeg)) * cityMicroDeg }

// doubtFarFrom lets the user's sessions be looked at again that are far from where the bank saw him.
func (g *Engine) doubtFarFrom(o *observation, w *witness) {
	if w.kind == PlaceTravelNotice {
		return
	}
	here := w.place()
	g.eachOther(o, func(s *session) {
		if isLocated(&s.place.place) && haversineM(&s.place.place, &here) > doubtM {
			s.flags &^= settled
		}
	})
}

// put keeps a witness: over an older one of the same kind at the same place, else in a free place, else over the oldest. A journey that the
// customer announced makes room for no payment: it is the one thing that is known ahead.
func (t *truth) put(w witness, now int64) {
	t.forget(now)
	slot := 0
	for i := range t.places {
		old := &t.places[i]
		if old.kind == w.kind && old.lat == w.lat && old.lon == w.lon {
			if w.at >= old.at {
				*old = w
			}
			return
		}
		if old.rank(w.kind) < t.places[slot].rank(w.kind) {
			slot = i
		}
	}
	t.places[slot] = w
}

// rank orders what makes room for a witness of a kind: what is free, then the oldest, and announced journeys last.
func (w *witness) rank(of Enum) int64 {
	if w.kind == PlaceTravelNotice && of != PlaceTravelNotice {
		return math.MaxInt64
	}
	return w.at
}

// forget wipes out what is over, and says whether nothing is left: the bank keeps no diary of its customers.
func (t *truth) forget(now int64) (empty bool) {
	for i := range t.places {
		if t.places[i].until < now {
			t.places[i] = witness{}
		}
	}
	return t.places == [4]witness{}
}

// forgetTruth wipes out what is over of a user's, and gives the record back when nothing is left.
func (g *Engine) forgetTruth(u *user) {
	if u.truth != 0 && g.truths.at(u.truth).forget(g.clock) {
		g.truths.give(u.truth)
		u.truth = 0
	}
}

// lasting gives what is not over, for a snapshot: no place is written where it would outlast its day. What is left out changes nothing, for
// nobody is shown it either.
func (t *truth) lasting(now int64) truth {
	kept := *t
	kept.forget(now)
	return kept
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
func (g *Engine) explained(u *user, p *place, at int64) bool {
	seen, announced := g.knownNear(u, p, at)
	return seen || announced
}

// excuses says the same of the event's place. That he was seen elsewhere too late to be there counts over what he had announced.
func (g *Engine) excuses(o *observation, p *rules.Params) bool {
	seen, announced := g.knownNear(o.u, &o.place, o.now)
	if seen || !announced {
		return seen
	}
	g.eachContradiction(o, p, func(j journey) { announced = announced && !j.impossible })
	return announced
}

// knownNear says whether the bank saw the user near a place, and whether he had announced to be there.
func (g *Engine) knownNear(u *user, p *place, at int64) (seen, announced bool) {
	if !isLocated(p) {
		return false, false
	}
	g.eachWitness(u, at, func(w *witness) {
		here := w.place()
		near := int64(truthNearM) + int64(w.radius)
		if p.flags&placeRadius != 0 {
			near += int64(p.radius)
		}
		if haversineM(&here, p) <= min(near, truthReachM+int64(w.radius)) {
			announced, seen = announced || w.kind == PlaceTravelNotice, seen || w.kind != PlaceTravelNotice
		}
	})
	return seen, announced
}

// truthReachM bounds what an inexact address is explained by: a radius that spans a country explains nothing.
const truthReachM = 200_000
