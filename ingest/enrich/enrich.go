// Package enrich adds to an event what the client did not say: geography and the parsed user agent.
package enrich

import (
	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/ingest/useragent"
)

// FromEvent is Geo.Build of a place that the event brought itself.
const FromEvent = "event"

// Enricher enriches the events of one owner. It is not safe for concurrent use.
type Enricher struct {
	db       *geo.Databases // nil: no geography
	places   *geo.Cache
	agents   *useragent.Cache
	trustGeo bool
	dropped  uint64
}

// New makes an enricher. db may be nil: then there is no geography. With trustGeo the place that an event brings is taken,
// as it is; without, it is dropped and counted.
func New(db *geo.Databases, trustGeo bool) *Enricher {
	return &Enricher{db: db, places: geo.NewCache(geo.DefaultCacheEntries), agents: useragent.NewCache(useragent.DefaultCacheEntries), trustGeo: trustGeo}
}

// Adopt changes the databases; call it only at a checkpoint barrier.
func (n *Enricher) Adopt(db *geo.Databases) { n.db = db }

// Enrich fills Client.Geo and Client.Agent. It does not allocate for a network and a user agent that it saw lately. The
// strings that it adds do not alias the event and stay valid.
func (n *Enricher) Enrich(e *detector.Event) {
	n.place(e)
	e.Client.Agent = n.agents.Parse(e.Client.UserAgent, useragent.HintsOf(e))
}

func (n *Enricher) place(e *detector.Event) {
	g := &e.Client.Geo
	g.Build = ""
	brought := *g != detector.Geo{}
	switch {
	case brought && (n.trustGeo || e.Type == detector.SessionObservation || e.Type == detector.ObservationVerdict): // those two: as the first stage saw it
		g.Build = FromEvent
		return
	case brought:
		n.dropped++
	}
	if n.db == nil {
		*g = detector.Geo{}
		return
	}
	n.db.Lookup(n.places, e)
}

// DroppedGeo counts the events whose own place was dropped.
func (n *Enricher) DroppedGeo() uint64 { return n.dropped }

// Stats counts what the caches did since New.
type Stats struct {
	GeoHits, GeoMisses     uint64
	GeoFailures            uint64 // lookups in which a database gave an error: no geography
	AgentHits, AgentMisses uint64
	DroppedGeo             uint64
}

// Stats gives a copy of the counters.
func (n *Enricher) Stats() Stats {
	return Stats{GeoHits: n.places.Hits, GeoMisses: n.places.Misses, GeoFailures: n.places.Failures,
		AgentHits: n.agents.Hits, AgentMisses: n.agents.Misses, DroppedGeo: n.dropped}
}
