package detector

import (
	"maps"

	"github.com/sessionguard/sessionguard/rules"
)

// Stats are counters since New, and gauges of the state.
type Stats struct {
	Fates        [NumFates]uint64
	Sessions     int // live
	Users        int
	Evicted      uint64 // sessions and users forgotten for want of room
	Clamped      uint64 // events whose time was set to their record's timestamp
	Misrouted    uint64
	Dropped      uint64            // optional fields that came with a wrong JSON type
	Findings     map[string]uint64 // shown, by rule id, of enforced rules
	Shadow       map[string]uint64 // likewise of shadow rules
	NotEvaluable map[string]uint64 // by rule id
	Actions      [rules.NumActions]uint64
	Brakes       []Tripped // that hold answers back now
	ClockMS      int64     // the largest event time
}

// Stats gives a copy of the counters.
func (g *Engine) Stats() Stats {
	s := g.stats
	s.Findings, s.Shadow, s.NotEvaluable = maps.Clone(s.Findings), maps.Clone(s.Shadow), maps.Clone(s.NotEvaluable)
	s.Sessions, s.Users, s.Evicted, s.ClockMS = int(g.live), g.users.live(), g.evicted, g.clock
	s.Brakes = g.tripped()
	return s
}
