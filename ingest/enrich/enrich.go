// Package enrich adds to an event what the client did not say: geography and the parsed user agent.
package enrich

import (
	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/geo"
)

// Enricher enriches the events of one owner. It is not safe for concurrent use.
type Enricher struct{}

// New makes an enricher. db may be nil: then there is no geography. With trustGeo the place that an event brings is taken;
// without, it is dropped and counted.
func New(db *geo.Databases, trustGeo bool) *Enricher { panic("not built") }

// Adopt changes the databases; call it only at a checkpoint barrier.
func (n *Enricher) Adopt(db *geo.Databases) { panic("not built") }

// Enrich fills Client.Geo and Client.Agent. It does not allocate for a network and a user agent that it saw lately.
func (n *Enricher) Enrich(e *detector.Event) { panic("not built") }

// DroppedGeo counts the events whose own place was dropped.
func (n *Enricher) DroppedGeo() uint64 { panic("not built") }
