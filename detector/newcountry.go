package detector

import (
	"fmt"
	"strings"

	"github.com/sessionguard/sessionguard/rules"
)

// newCountryUnseen is the parameter of new_country, and the first of new_device_new_country.
const newCountryUnseen = 0

// unseenParam is how long a country must be unseen to count as new.
func unseenParam() rules.Param {
	return rules.Param{Name: "unseen", Kind: rules.Period, Default: unseenDays * dayMS, Min: dayMS, Max: 180 * dayMS,
		Doc: "a country counts as new again when the user was not seen in it for so long (BuffaLogs: 30 days)"}
}

var newCountry = detectorSpec{
	Detector: rules.Detector{
		Name:   "new_country",
		Doc:    "A session of the user is in a country in which he was not seen lately. It is a rule about habits: not evaluable until he has 10 sessions on 5 days.",
		Params: []rules.Param{unseenParam()},
		Facts: []rules.Field{
			{Name: "country", Type: rules.Country, Doc: "the country of this event"},
			{Name: "known_countries", Type: rules.String, Doc: "the user's countries, with the latest first"},
			{Name: "unseen_days", Type: rules.Integer, Unit: "d", Doc: "days since the user was last seen in the country; absent when he never was"},
			{Name: "sessions", Type: rules.Integer, Doc: "sessions of the user that are known"},
			{Name: "own_device", Type: rules.Bool, Doc: "the session shows a device.id that the user has had for a day; without a proof of a key, or a clock set to the country, it may be a copy"},
		},
	},
	wakes:   networkChanged | firstLook,
	sees:    seesFirst,
	judge:   judgeNewCountry,
	missing: missingHabitCountry,
	placed:  true,
	explain: explainNewCountry,
}

// foreign is a country held against the user's.
type foreign struct {
	newCountry bool
	newASN     bool
}

func judgeNewCountry(g *Engine, o *observation, p *rules.Params) verdict {
	switch {
	case !o.personal():
		return silent
	case missingHabitCountry(g, o) != "":
		return notEvaluable
	case o.familiarHere(g), o.travelled(), o.u.inCountry(o.place.country, o.now, daysOf(p.MS(newCountryUnseen))):
		return silent
	}
	return fires
}

func daysOf(ms int64) uint16 { return uint16(ms / dayMS) }

// personal says whether the event is one of a person on a session of a known user: aggregators (kind api) have no habits.
func (o *observation) personal() bool {
	return o.u != nil && o.s != nil && o.s.kind != KindAPI && o.e.Client.IP.IsValid() && o.e.User.ActorID == ""
}

// familiarHere says whether the event's network needs no comparison with the user's countries: he has used it for a day, a step-up vouched for
// it, another of his live sessions is at the very address, or the bank itself explains the place.
func (o *observation) familiarHere(g *Engine) bool {
	if o.taught || o.learned(o.networkHere()) || g.explained(o.u, &o.place, o.now) {
		return true
	}
	// A provider of his that comes out in another country is an error of geography: providers do not move (C10, C3).
	known := o.sameAsBase() || o.proven() || o.u.knowsASN(o.place.asn, o.now, learnedAfterMS)
	g.eachOther(o, func(s *session) { known = known || s.place.to != 0 && s.place.sameAddress(&o.place) })
	return known
}

// proven says whether the device is one that the user has had for a day, and proved by its key that it is: who only copied a cookie or a
// device's id cannot.
func (o *observation) proven() bool {
	return o.e.Device.Binding == BindingValid && o.u.owns(o.print.device, o.now, learnedAfterMS)
}

// missingHabitCountry says why a country cannot be held against the user's: it has none of its own, or his habits are not known yet.
func missingHabitCountry(_ *Engine, o *observation) string {
	switch {
	case !o.personal():
		return ""
	case o.countryWhy != 0:
		return o.countryWhy.String()
	}
	if why := o.cold(networkChanged | firstLook); why != "" || o.u.countryList() != "" {
		return why
	}
	return "no country of the user is known"
}

// cold says why a habit cannot be judged on an event that a rule about it looks at.
func (o *observation) cold(wakes signal) string {
	if o.signals&wakes == 0 || o.u.habitual() {
		return ""
	}
	return fmt.Sprintf("cold start: %d of %d sessions on %d of %d days", min(o.u.logins, coldSessions), coldSessions, min(o.u.days, coldDays), coldDays)
}

func explainNewCountry(_ *Engine, o *observation, p *rules.Params) explanation {
	here := countryText(o.place.country)
	x := explanation{reason: fmt.Sprintf("first time in %s; known: %s", here, o.u.countryList()), facts: []Fact{
		{Name: "country", Text: here},
		{Name: "known_countries", Text: o.u.countryList()},
		{Name: "sessions", Kind: FactInt, Int: int64(o.u.logins)},
		boolFact("own_device", o.u.owns(o.print.device, o.now, learnedAfterMS)),
	}}
	if v := o.u.countryOf(o.place.country); v != nil {
		unseen := int64(day(o.now)) - int64(v.last)
		x.reason = fmt.Sprintf("in %s again after %d days; known: %s", here, unseen, o.u.countryList())
		x.facts = append(x.facts, Fact{Name: "unseen_days", Kind: FactInt, Int: unseen})
		x.nearest = []Fact{bound("unseen_days", "<=", p.MS(newCountryUnseen)/dayMS)}
	} else {
		x.nearest = []Fact{{Name: "country", Text: o.u.countryList()}}
	}
	return x
}

// countryList names the user's countries, the latest first.
func (u *user) countryList() string {
	var names []string
	for before := uint16(1<<16 - 1); ; {
		latest := uint16(0)
		for i := range u.countries {
			if l := u.countries[i].last; l < before {
				latest = max(latest, l)
			}
		}
		if latest == 0 {
			return strings.Join(names, ", ")
		}
		for i := range u.countries {
			if u.countries[i].last == latest {
				names = append(names, countryText(u.countries[i].country))
			}
		}
		before = latest
	}
}
