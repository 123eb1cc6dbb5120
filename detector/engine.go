package detector

import (
	"io"

	"github.com/sessionguard/sessionguard/rules"
)

// Config is what an engine needs. Every field but Rules may be left zero.
type Config struct {
	Rules       *rules.Set
	GeoBuild    string    // named on every decision
	HashKey     [2]uint64 // of the keyed hashes by which sessions and users are known; the same over restarts
	Partitions  int       // of the input topic, for the brake's share; 0 is 1
	ObserveOnly bool      // every decision is shadow, no command is made
	MaxSessions int       // 0: DefaultMaxSessions
	MaxUsers    int       // 0: DefaultMaxUsers
}

// Engine is one partition's state and judgement. It is not safe for concurrent use: one goroutine owns it.
type Engine struct{ cfg Config }

// New makes an empty engine.
func New(cfg Config) *Engine { return &Engine{cfg: cfg} }

// Observe shows the engine one event and gives what it brought. The event must be enriched. Outcome's slices are valid
// until the next call.
func (g *Engine) Observe(e *Event) Outcome { panic("not built") }

// Adopt changes rules and the name of the GeoIP build; call it only at a checkpoint barrier.
func (g *Engine) Adopt(set *rules.Set, geoBuild string) { panic("not built") }

// Snapshot writes the whole state, versioned and with a checksum. The same state gives the same bytes.
func (g *Engine) Snapshot(w io.Writer) error { panic("not built") }

// Restore replaces the state by a snapshot's. On an error the engine is as it was.
func (g *Engine) Restore(r io.Reader) error { panic("not built") }

// Hash is a digest of the whole state, for tests that compare histories.
func (g *Engine) Hash() [16]byte { panic("not built") }

// Stats are counters since New, and gauges of the state.
type Stats struct {
	Fates        [NumFates]uint64
	Sessions     int // live
	Users        int
	Evicted      uint64
	Clamped      uint64
	Misrouted    uint64
	Findings     map[string]uint64 // by rule id, enforced
	Shadow       map[string]uint64 // by rule id
	NotEvaluable map[string]uint64 // by rule id
	Actions      [rules.NumActions]uint64
	BrakeTripped bool
	ClockMS      int64
}

// Stats gives a copy of the counters.
func (g *Engine) Stats() Stats { panic("not built") }

// Language gives the language that the engine's rules are written in. It is the same value at every call; do not change it.
func Language() *rules.Language { panic("not built") }
