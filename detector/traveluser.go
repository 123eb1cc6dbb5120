package detector

import (
	"fmt"

	"github.com/sessionguard/sessionguard/rules"
)

// travelUserWithin is a parameter of impossible_travel_user, after those of impossible_travel, which it has in the same order.
const travelUserWithin = travelUnknownCellularKM + 1

var impossibleTravelUser = detectorSpec{
	Detector: rules.Detector{
		Name: "impossible_travel_user",
		Doc:  "Two live sessions of one user are in places too far apart for the time between. It addresses the session whose network the user has known for less time; two known devices of one user may be far apart (a phone and the PC at home).",
		Params: append(travelParams(), rules.Param{Name: "within", Kind: rules.Period, Default: 24 * 3600_000, Min: 1000, Max: 30 * 24 * 3600_000,
			Doc: "the other session was in use within this time (Panther keeps a day)"}),
		Facts: []rules.Field{
			{Name: "min_distance_km", Type: rules.Integer, Unit: "km", Doc: "distance less both accuracy radii"},
			{Name: "min_speed_kmh", Type: rules.Integer, Unit: "km/h", Doc: "min_distance_km over the time between and the skew"},
			{Name: "elapsed_s", Type: rules.Integer, Unit: "s", Doc: "time between the two uses"},
			{Name: "from", Type: rules.String, Doc: "the other session's place, or where the bank itself saw the customer: ip, city, country, lat, lon, accuracy_radius_km, asn"},
			{Name: "to", Type: rules.String, Doc: "the place of this event, likewise"},
		},
	},
	wakes:   networkChanged | firstLook,
	sees:    seesFirst,
	judge:   judgeTravelUser,
	missing: missingUserPlace,
	placed:  true,
	explain: explainTravelUser,
}

func judgeTravelUser(g *Engine, o *observation, p *rules.Params) verdict {
	o.apartBy = journey{}
	switch {
	case o.u == nil || !o.e.Client.IP.IsValid() || o.s.kind == KindAPI || o.taught:
		return silent
	case missingUserPlace(g, o) != "":
		return notEvaluable
	case g.excuses(o, p), o.proven(), o.u.knowsASN(o.place.asn, o.now, learnedAfterMS):
		return silent
	}
	here := o.networkHere()
	g.eachOther(o, func(s *session) {
		if g.comparable(o, s, p) && o.newerThan(here, s) {
			o.apartBy.take(measureJourney(&s.place.place, &o.place, s.place.since(o.now), p))
		}
	})
	if o.signals&firstLook != 0 || o.stays() {
		g.eachContradiction(o, p, o.apartBy.take)
	}
	if o.apartBy.impossible {
		return fires
	}
	return silent
}

// doubtOthers lets the user's other live sessions be looked at again where this one, which is in order, is far from them: the one of them whose
// network is the newer answers for it at its next use.
func (g *Engine) doubtOthers(o *observation) {
	if !o.personal() || !isLocated(&o.place) {
		return
	}
	g.eachOther(o, func(s *session) {
		if isLocated(&s.place.place) && s.place.since(o.now) <= dayMS && haversineM(&s.place.place, &o.place) > doubtM {
			s.flags &^= settled
		}
	})
}

// doubtM is how far apart two sessions of a user must be to be looked at again: the distance from which a journey is judged at all.
const doubtM = 500_000

// comparable says whether another session's place can be held against the event's: a live one of a person, in use within the time, at another
// address, that is not itself under an answer, and not one that the user's two known devices explain.
func (g *Engine) comparable(o *observation, s *session, p *rules.Params) bool {
	if s.kind == KindAPI || s.place.to == 0 || o.doubted.holds(s.place.from) || !isLocated(&s.place.place) || s.place.since(o.now) > p.MS(travelUserWithin) || s.place.sameAddress(&o.place) ||
		g.throughEgress(o.e.Tenant, &s.place.place, o.s.first) || o.roamsBeside(s) || o.exitBeside(s) {
		return false
	}
	a, b := o.print.device, s.client.device
	return a == b || !o.u.owns(a, o.now, learnedAfterMS) || !o.u.owns(b, o.now, learnedAfterMS)
}

// newerThan says whether the event's network is one that the user has known for less time than the other session's: a network that he never
// used before is newer than any.
func (o *observation) newerThan(here *network, s *session) bool {
	mine, theirs := o.u.network(here), o.u.network(s.place.network())
	return mine == nil || theirs != nil && theirs.first < mine.first && mine.knownFor(o.now) < learnedAfterMS
}

// network gives a place's network prefix.
func (p *place) network() *network {
	n := network{last: 1, asn: p.asn}
	n.prefix, n.flags = prefix(p.addr(), prefixV4, prefixV6)
	return &n
}

// since is how far from a time the stay was in use; 0 within it.
func (st *stay) since(now int64) int64 { return max(0, now-st.to, st.from-now) }

// take keeps the faster of two journeys, an impossible one before any other.
func (j *journey) take(k journey) {
	if k.impossible && !j.impossible || k.impossible == j.impossible && k.speedKMH > j.speedKMH {
		*j = k
	}
}

// eachContradiction shows the journeys to the event's place from where the bank itself saw the customer. A network that the user knows is
// not contradicted: another member of the household may hold his card; of a company's network, which may rotate its exits, it is enough that he
// knows the provider. Nor is a cellular one: who roams comes out at home (home routing). Nor an
// aggregator's, whose servers are where they are (C21).
func (g *Engine) eachContradiction(o *observation, p *rules.Params, show func(journey)) {
	if o.u == nil || o.u.truth == 0 || o.s.kind == KindAPI || o.place.flags&placeCellular != 0 || o.learned(o.networkHere()) ||
		o.place.flags&placeCompany != 0 && o.u.knowsASN(o.place.asn, o.now, learnedAfterMS) {
		return
	}
	g.eachWitness(o.u, o.now, func(w *witness) {
		if w.kind != PlaceTravelNotice {
			from := w.place()
			show(measureJourney(&from, &o.place, o.now-w.at, p))
		}
	})
}

// stays says whether the session is where it was: no journey of its own brought it there.
func (o *observation) stays() bool { return o.s.lastIP == o.e.Client.IP.As16() }

// missingUserPlace says why the event's place cannot be held against the user's other places.
func missingUserPlace(_ *Engine, o *observation) string {
	if o.u == nil || o.s == nil || o.s.kind == KindAPI || !o.e.Client.IP.IsValid() {
		return ""
	}
	return o.travelWhy.String()
}

func explainTravelUser(g *Engine, o *observation, p *rules.Params) explanation {
	x := explainJourney(g, o, &o.apartBy, p)
	if o.apartBy.from.ip != ([16]byte{}) {
		x.reason = fmt.Sprintf("another live session: %s", x.reason)
	}
	return x
}
