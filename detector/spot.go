package detector

import "math"

// spot is a place to a tenth of a degree, or where coordinates are not known a country: as coarsely as homes are compared, and as much of a
// customer's place as leaves his partition.
type spot struct {
	lat, lon int16 // tenths of a degree
	country  uint16
	located  uint16
}

const (
	tenthDegree = 100_000 // micro-degrees
	// spotApartM is how far apart two homes, or a home and an exit, must be: farther than the databases err within one town.
	spotApartM = 100_000
)

// spotOf gives a place's spot.
func spotOf(p *place) spot {
	s := spot{country: p.country}
	if isLocated(p) {
		s.lat, s.lon, s.located = int16(p.lat/tenthDegree), int16(p.lon/tenthDegree), 1
	}
	return s
}

// apart says whether two spots are surely not one place, beyond a slack in metres.
func (s spot) apart(t spot, slackM int64) bool {
	if s.located&t.located == 0 {
		return differs(s.country, t.country)
	}
	a := place{lat: int32(s.lat) * tenthDegree, lon: int32(s.lon) * tenthDegree}
	b := place{lat: int32(t.lat) * tenthDegree, lon: int32(t.lon) * tenthDegree}
	return haversineM(&a, &b) > spotApartM+slackM
}

// home is where a user's sessions usually are: the spot that has the majority of the days on which one was placed (Boyer and Moore, MJRTY,
// 1981). It takes as many days elsewhere as it had to lose it, thirty at most.
type home struct {
	spot
	name  uint32 // city or region, as a number of Engine.names
	day   uint16 // of the last vote
	votes uint16
}

const maxHomeVotes = 30

// settle lets the first place of a day at which nothing was found vote for where the user's home is. A cellular gateway is not where its phones
// are, and nobody lives among servers.
func (g *Engine) settle(o *observation) {
	h := &o.u.home
	if o.travelWhy != 0 || o.place.flags&(placeCellular|placeServers) != 0 || day(o.now) <= h.day {
		return
	}
	h.day = day(o.now)
	switch here := spotOf(&o.place); {
	case h.votes > 0 && !here.apart(h.spot, 0):
		h.votes = min(h.votes+1, maxHomeVotes)
	case h.votes > 0:
		h.votes--
	default:
		g.namePlace(o)
		h.spot, h.name, h.votes = here, o.place.name, 1
	}
}

// tell writes a home into an observation.
func (g *Engine) tellHome(h *home, to *Observation) {
	if h.located != 0 {
		to.HomeLat, to.HomeLon = Real{float64(h.lat) / 10, true}, Real{float64(h.lon) / 10, true}
	}
	to.HomeCountry, to.HomeCity = countryText(h.country), g.names.text(h.name)
}

// homeOf reads the home from an observation; false where it has none.
func homeOf(from *Observation) (spot, bool) {
	s := spot{country: countryCode(from.HomeCountry)}
	lat, lon := from.HomeLat.V*10, from.HomeLon.V*10
	if from.HomeLat.Set && from.HomeLon.Set && math.Abs(lat) <= 900 && math.Abs(lon) <= 1800 {
		s.lat, s.lon, s.located = int16(math.Round(lat)), int16(math.Round(lon)), 1
	}
	return s, s != spot{}
}
