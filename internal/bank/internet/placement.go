package internet

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Place is where a database build puts a network.
type Place struct {
	City     int     // index into Cities; -1 where the build knows the country only
	Country  string  // ISO 3166-1 alpha-2
	Lat, Lon float64 // degrees
	RadiusKM float64 // accuracy radius
}

// Known is what the n-th database build says of a network, counted from 0, the build that WriteDatabases writes. Every
// later build places some networks anew.
func (in *Internet) Known(network, build int) Place {
	n := &in.Networks[network]
	for b := build; b > 0; b-- {
		if roll(network, b, 0) < shareMoved {
			return known(n, network, b)
		}
	}
	return n.Place
}

// Build is the number of the build in use at a time: MaxMind publishes on Tuesdays and Fridays, and the bank takes the
// file at noon UTC. The builds before start, the day when a world begins, count as the first.
func Build(start, at time.Time) int { return max(0, published(at)-published(start)) }

// published counts the Tuesdays and Fridays, each at noon, up to a time.
func published(at time.Time) int {
	days := int(math.Floor(float64(at.Unix()-43200) / 86400))
	week, weekday := (days+3)/7, (days+3)%7 // weekday 0 is Monday: 1970-01-01 was a Thursday
	n := 2 * week
	if weekday >= 1 {
		n++
	}
	if weekday >= 4 {
		n++
	}
	return n
}

// How wrong databases are. Over four of them, arXiv 2605.21937 ("Lost in the Prefix") finds a median error of 3 to
// 16 km on fixed networks and of 179 to 207 km on mobile ones, and 9 to 20 % failures in Europe. Which error it is
// - another city, another country, the country only - is plausible, not measured.
const (
	shareMoved = 0.012 // of the networks are placed anew by a build; Gouel 2021 (arXiv 2107.03988) sees churn in every build

	fixedRight, fixedOtherCity, fixedCountryOnly    = 0.88, 0.07, 0.04 // the others: another country
	mobileRight, mobileOtherCity, mobileCountryOnly = 0.30, 0.46, 0.23
	serverRight, serverOtherCity, serverCountryOnly = 0.95, 0.02, 0.02
	medianErrorKM                                   = 8.0
	countryRadiusKM                                 = 500
)

// An accuracy radius holds the true place in two cases of three (MaxMind's definition); a test holds that these do.
var (
	fixedRadiiKM  = []float64{5, 10, 10, 20, 20, 20, 50, 100}
	mobileRadiiKM = []float64{50, 100, 200, 500, 500, 1000}
)

// known draws what a build says of a network.
func known(n *Network, id, build int) Place {
	right, other, country := fixedRight, fixedOtherCity, fixedCountryOnly
	radii := fixedRadiiKM
	switch n.Kind {
	case Mobile:
		right, other, country, radii = mobileRight, mobileOtherCity, mobileCountryOnly, mobileRadiiKM
	case Relay, UnlistedRelay, Tor, VPN, Hosting:
		right = 1 // their operators publish where they are
	case Gateway, CloudEdge, Satellite, Tunnel:
		right, other, country = serverRight, serverOtherCity, serverCountryOnly
	}
	radius := radii[int(roll(id, build, 1)*float64(len(radii)))]
	x, which := roll(id, build, 2), roll(id, build, 3)
	switch home := Cities[n.Site].Country; {
	case x < right:
		return near(n.Site, id, build, radius)
	case x < right+other:
		cities := citiesOf(home)
		return near(cities[int(which*float64(len(cities)))], id, build, radius)
	case x < right+other+country:
		return centroid(home)
	}
	abroad := nearestAbroad(n.Site)
	return near(abroad[int(which*float64(len(abroad)))], id, build, radius)
}

// nearestAbroad are the cities in other countries to which a city's networks are misplaced: operators and the ranges
// that they buy are of one part of the world.
func nearestAbroad(city int) []int {
	var list []int
	for i := range Cities {
		if Cities[i].Country != Cities[city].Country {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(apartKM(city, a), apartKM(city, b)) })
	return list[:6]
}

// near is a point at an exponentially distributed distance from a city's centre.
func near(city, id, build int, radius float64) Place {
	km := math.Min(60, -math.Log(1-roll(id, build, 4))*medianErrorKM/math.Ln2)
	angle := 2 * math.Pi * roll(id, build, 5)
	c := &Cities[city]
	return Place{
		City: city, Country: c.Country, RadiusKM: radius,
		Lat: round4(c.Lat + km/kmPerDegree*math.Sin(angle)),
		Lon: round4(c.Lon + km/kmPerDegree*math.Cos(angle)/math.Cos(c.Lat*math.Pi/180)),
	}
}

const kmPerDegree = 111.2

// centroid is the middle of a country, as databases give it for a network of which they know no more.
func centroid(country string) Place {
	cities := citiesOf(country)
	p := Place{City: -1, Country: country, RadiusKM: countryRadiusKM}
	for _, c := range cities {
		p.Lat += Cities[c].Lat / float64(len(cities))
		p.Lon += Cities[c].Lon / float64(len(cities))
	}
	p.Lat, p.Lon = round4(p.Lat), round4(p.Lon)
	return p
}

func round4(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// roll is the die for one question about a network in a build, uniform in [0, 1) and always the same (SplitMix64).
func roll(id, build, question int) float64 {
	x := uint64(id)<<32 + uint64(build)<<8 + uint64(question) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return float64((x^x>>31)>>11) / (1 << 53)
}
