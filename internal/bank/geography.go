package bank

import (
	"time"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// geography is what the databases of the moment say of every network.
type geography struct {
	build   int
	builtMS int64 // when it came into use
	untilMS int64 // the next look at the calendar
	places  []internet.Place
	moved   []int    // per network, the build that placed it last
	json    []string // per network, client.geo
}

func newGeography(in *internet.Internet, atMS int64) geography {
	g := geography{places: make([]internet.Place, len(in.Networks)), moved: make([]int, len(in.Networks)), json: make([]string, len(in.Networks)), untilMS: atMS + hourMS}
	for i := range in.Networks {
		g.put(in, i, in.Networks[i].Place)
	}
	return g
}

func (g *geography) put(in *internet.Internet, network int, p internet.Place) {
	g.places[network], g.moved[network] = p, g.build
	g.json[network] = renderGeo(&in.Networks[network], p)
}

// read takes a newer database when there is one. A world without client.geo has readers of its own, whose files it
// cannot change.
func (b *Bank) readGeography() {
	g := &b.geo
	if !b.cfg.Geo || b.nowMS < g.untilMS {
		return
	}
	g.untilMS = b.nowMS + hourMS
	build := internet.Build(b.cfg.Start, time.UnixMilli(b.nowMS))
	if build == g.build {
		return
	}
	g.build, g.builtMS = build, b.nowMS
	for i := range b.net.Networks {
		if p := b.net.Known(i, build); p != g.places[i] {
			g.put(b.net, i, p)
		}
	}
}

// freshMS is how long after a database update what it moved is news: customers come about once a day.
const freshMS = 3 * dayMS

// justMoved says whether the databases have placed a network anew while its users were away.
func (b *Bank) justMoved(network int32) Cause {
	g := &b.geo
	if g.build > 0 && g.moved[network] == g.build && b.nowMS-g.builtMS < freshMS {
		return CauseGeoUpdate
	}
	return 0
}

// farKM is from where on the place in a database counts as wrong: that much beyond its radius.
const farKM = 100

// misplaced says what is wrong with the place that databases give a network, for somebody who is truly at a place in or
// near a city.
func (b *Bank) misplaced(network, city int32, lat, lon float64) Cause {
	p := &b.geo.places[network]
	foreign := p.Country != internet.Cities[city].Country && p.Country != internet.Cities[b.net.Networks[network].Site].Country
	switch far := foreign || internet.DistanceKM(p.Lat, p.Lon, lat, lon) > p.RadiusKM+farKM; {
	case b.net.Networks[network].Kind == internet.Mobile && far:
		return CauseCGNAT
	case far:
		return CauseGeoError
	case p.City < 0:
		return CauseCountryLevel
	}
	return 0
}
