package detector

import (
	_ "embed"
	"strings"
	"sync"
)

// The time zone that a client's clock is set to is a witness of its own: a phone takes it from the network that it is in, also where its
// traffic leaves through its carrier at home. A thief who copied the customer's client brings the clock of the customer's home.

//go:embed zones.txt
var zonesText string

// zoneCountries gives the country of each IANA time zone.
var zoneCountries = sync.OnceValue(func() map[string]uint16 {
	zones := map[string]uint16{}
	for line := range strings.Lines(zonesText) {
		words := strings.Fields(line)
		if words[0] == "#" {
			continue
		}
		for _, zone := range words[1:] {
			zones[zone] = countryCode(words[0])
		}
	}
	return zones
})

// clockIn says whether the client's clock is set to the time zone of a country.
func (o *observation) clockIn(country uint16) bool {
	return country != 0 && zoneCountries()[o.e.Client.Timezone] == country
}

// sameClock says whether the client's clock is set as it was when the session was learned.
func (o *observation) sameClock() bool {
	return o.print.timezone != 0 && o.s.client.timezone == o.print.timezone
}

// roamed says whether a journey of the session is none: one end is a carrier's exit, and the clock was all the time set to the country of the
// other end, where the phone is.
func (o *observation) roamed(from *place) bool {
	return o.sameClock() && o.elsewhereOn(from, &o.place)
}

// roamsBeside says whether the event and another session of the user are at one place, and one of the two comes by way of a carrier's exit
// elsewhere.
func (o *observation) roamsBeside(s *session) bool {
	return (o.place.flags&placeCellular != 0 || o.print.timezone != 0 && s.client.timezone == o.print.timezone) && o.elsewhereOn(&s.place.place, &o.place)
}

// elsewhereOn says whether one of two places is a carrier's exit in another country than the client's clock is set to, and the other one is
// in the clock's country.
func (o *observation) elsewhereOn(a, b *place) bool {
	exit := func(cell, real *place) bool {
		return cell.flags&placeCellular != 0 && cell.country != real.country && o.clockIn(real.country)
	}
	return exit(a, b) || exit(b, a)
}

// travelled says whether a device that the user has had for a day is where its clock says that it is: it took the customer there. In
// mid-session the clock must have been set so when the session began.
func (o *observation) travelled() bool {
	return o.clockIn(o.place.country) && (o.signals&firstLook != 0 || o.sameClock()) && o.print.device != 0 && o.u.owns(o.print.device, o.now, learnedAfterMS)
}
