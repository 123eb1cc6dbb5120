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
	Untold       uint64    // unknown session ids of which the second stage never heard: a flood came from more networks than are told apart
	Brakes       []Tripped // that hold answers back now
	ClockMS      int64     // the largest event time

	Answers        Answers // of the auth service, to commands
	UnknownAnswers uint64  // to commands that are not known, or without a result
	Unanswered     int     // commands in force that were not answered within 30 s, of the last few thousand decisions

	RevokesNotEnforced uint64 // uses of sessions that we had revoked
	Unenforced         bool   // there was one within the last 15 min of event time: a person must look

	Verdicts        map[string]Verdicts // of analysts, by rule id
	Lately          map[string]Verdicts // likewise, on decisions of the last PrecisionDays, each decision counted by its last verdict
	UnknownVerdicts uint64              // on decisions that are not remembered, or without a label
	Confirmed       uint64              // sessions that were confirmed stolen
}

// Stats gives a copy of the counters.
func (g *Engine) Stats() Stats {
	s := g.stats
	s.Findings, s.Shadow, s.NotEvaluable = maps.Clone(s.Findings), maps.Clone(s.Shadow), maps.Clone(s.NotEvaluable)
	s.Sessions, s.Users, s.Evicted, s.ClockMS = int(g.live), g.users.live(), g.evicted, g.clock
	s.Verdicts, s.Lately, s.Unanswered = maps.Clone(s.Verdicts), g.lately(), g.unanswered()
	s.Unenforced = g.unenforcedAt != 0 && g.clock-g.unenforcedAt < unenforcedMS
	s.Brakes = g.tripped()
	return s
}
