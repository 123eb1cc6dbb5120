package kafka

import (
	"io"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/sessionguard/sessionguard/rules"
)

// live is the judge of production.
type live struct{ *ingest.Worker }

func (s *Stage) liveJudge(set *rules.Set, db *geo.Databases, partitions int) judge {
	cfg := s.cfg.Engine
	cfg.Rules, cfg.GeoBuild, cfg.Partitions = set, buildOf(db), partitions
	return live{&ingest.Worker{Enricher: enrich.New(db, s.cfg.TrustGeo), Engine: detector.New(cfg)}}
}

// Adopt changes rules and geography; only at a checkpoint barrier.
func (l live) Adopt(set *rules.Set, db *geo.Databases) {
	l.Enricher.Adopt(db)
	l.Engine.Adopt(set, buildOf(db))
}

// ObserveOnly says whether answers are given; only at a checkpoint barrier.
func (l live) ObserveOnly(on bool) { l.Engine.ObserveOnly(on) }

func (l live) Snapshot(w io.Writer) error { return l.Engine.Snapshot(w) }
func (l live) Restore(r io.Reader) error  { return l.Engine.Restore(r) }
func (l live) Stats() detector.Stats      { return l.Engine.Stats() }

// buildOf names a build of geography; "" for none.
func buildOf(db *geo.Databases) string {
	if db == nil {
		return ""
	}
	return db.Build()
}
