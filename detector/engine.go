package detector

import "github.com/sessionguard/sessionguard/rules"

// Config is what an engine needs. Every field but Rules may be left zero.
type Config struct {
	Rules       *rules.Set
	Stage       Stage
	GeoBuild    string    // named on every decision
	HashKey     [2]uint64 // of the keyed hashes by which sessions and users are known; the same over restarts
	Partitions  int       // of the input topic, for the brake's share; 0 is 1
	ObserveOnly bool      // every decision is shadow, no command is made
	MaxSessions int       // 0: DefaultMaxSessions
	MaxUsers    int       // 0: DefaultMaxUsers
}

// Stage is what an engine is shown. Both have the same code, rules and protocol.
type Stage uint8

const (
	// FirstStage is shown session events, by user, and judges sessions.
	FirstStage Stage = iota
	// SecondStage is shown what the first one observed, by what is counted over users, and gives verdicts.
	SecondStage
)

// Defaults of the populations of one partition: about 2 GB when full, and 0.9 GB more where every session has refresh tokens.
const (
	DefaultMaxSessions = 1 << 21
	DefaultMaxUsers    = 1 << 20
)

// MaxLateMS is how far an event may lie behind the partition's clock and still be evaluated.
const MaxLateMS = 24 * 3600_000

// Engine is one partition's state and judgement. It is not safe for concurrent use: one goroutine owns it.
type Engine struct {
	cfg    Config
	set    *rules.Set
	ruleID map[uint32]*rules.Rule // by the hash that marks carry

	state
	hash    hasher
	obs     observation
	found   []candidate
	scratch risk
	last    measured
	shown   Event // the customer's event that an observation or verdict stands for
	stats   Stats
	out     Outcome

	idleLimitMS int64 // the shortest that a rule sets
	lifetimeMS  int64 // likewise

	namesLast     bool // in rule tests, whose authors know no ids, an acknowledgement is of the last command and a verdict of the last decision
	wholeRollout  bool // in rule tests a rollout is 100 %
	forcedSegment int  // in rule tests: the segment to judge under
	mute          bool // in a benchmark: the second stage is told nothing
}

// state is all that a snapshot holds.
type state struct {
	clock      int64 // the largest event time
	sessions   slab[session]
	trails     slab[trail]
	risks      slab[risk]
	hands      slab[hands]
	releases   slab[release]
	hellos     slab[release]
	users      slab[user]
	spendings  slab[spending]
	truths     slab[truth]
	egresses   slab[egress] // second stage
	ways       slab[way]    // second stage
	known      slab[known]  // first stage: what the second one knows
	names      names
	brakes     slab[brakeState]
	visitors   slab[visitor]
	nodes      slab[node]
	claims     slab[claim]
	newcomers  slab[newcomer]
	thieves    slab[thieves]
	probes     slab[probe]
	knocks     slab[knock]   // what was not told yet of unknown ids; all or none
	tried      slab[pairSet] // unknown ids, and who showed them
	told       slab[pairSet] // first sights that the second stage was told of
	texts      textStore
	families   slab[family]
	pasts      slab[past]
	tallies    slab[tally]
	live       uint32 // sessions that have not ended
	hand       uint32 // where the sweep of sessions goes on
	userHand   uint32
	familyHand uint32
	pastHand   uint32 // the newest of pasts
	nodeHand   uint32
	claimHand  uint32
	credit     int64  // for asking all partitions, in events
	arrivals   uint32 // newcomers ever
	evicted    uint64
	resumed    uint64 // hash of the event that lifted the brakes last
	doubted    period // in which a brake held answers back, last: places that were new then may be a bad database's

	unenforcedAt int64 // the last use of a session that we had revoked; 0: never

	sessionAt map[key]uint32
	userAt    map[key]uint32
	wayAt     map[knownKey]uint32
	knownAt   map[knownKey]uint32
	familyAt  map[key]uint32
	nodeAt    map[key]uint32
	claimAt   map[key]uint32 // by session
}

// New makes an empty engine.
func New(cfg Config) *Engine {
	cfg.Partitions = max(cfg.Partitions, 1)
	if cfg.MaxSessions == 0 {
		cfg.MaxSessions = DefaultMaxSessions
	}
	if cfg.MaxUsers == 0 {
		cfg.MaxUsers = DefaultMaxUsers
	}
	g := &Engine{cfg: cfg, hash: hasher{k0: cfg.HashKey[0], k1: cfg.HashKey[1], buf: make([]byte, 0, 1024)}}
	g.state.index()
	g.credit = g.maxCredit()
	g.brakes.take() // brakeReauth
	g.brakes.take() // brakeRevoke
	g.stats.Findings, g.stats.Shadow, g.stats.NotEvaluable = map[string]uint64{}, map[string]uint64{}, map[string]uint64{}
	g.stats.Verdicts = map[string]Verdicts{}
	g.Adopt(cfg.Rules, cfg.GeoBuild)
	return g
}

// Adopt changes rules and the name of the GeoIP build; call it only at a checkpoint barrier.
func (g *Engine) Adopt(set *rules.Set, geoBuild string) {
	g.set, g.cfg.Rules, g.cfg.GeoBuild = set, set, geoBuild
	g.ruleID = make(map[uint32]*rules.Rule, len(set.Rules))
	for _, r := range set.Rules {
		g.ruleID[ruleHash(r.ID)] = r
	}
	g.idleLimitMS, g.lifetimeMS = g.shortest(&idleTimeout, idleLimit), g.shortest(&absoluteLifetime, lifetimeLimit)
}

// ObserveOnly says whether decisions are shadow and no command is made; call it only at a checkpoint barrier.
func (g *Engine) ObserveOnly(on bool) { g.cfg.ObserveOnly = on }

// Observe shows the engine one event and gives what it brought. The event must be enriched. Outcome's slices are valid
// until the next call.
func (g *Engine) Observe(e *Event) Outcome {
	g.out.Decisions, g.out.Commands, g.out.Observations = g.out.Decisions[:0], g.out.Commands[:0], g.out.Observations[:0]
	g.out.Fate = g.observe(e)
	g.stats.Fates[g.out.Fate]++
	if e.Clamped {
		g.stats.Clamped++
	}
	g.stats.Dropped += uint64(e.Dropped)
	if e.Record.Misrouted {
		g.stats.Misrouted++
	}
	return g.out
}

func (g *Engine) observe(e *Event) Fate {
	if g.clock != 0 && e.TimeMS < g.clock-MaxLateMS {
		return TooLate
	}
	if e.Type != ObservationVerdict { // it tells of another partition's time
		g.clock = max(g.clock, e.TimeMS)
	}
	g.found = g.found[:0]
	id := g.hash.id(e.Source, e.ID)
	if id%sweepEvery == 1 { // by the event alone, so that a replay forgets at the same moments
		g.sweep()
	}
	if !g.concerns(e) {
		return Ignored
	}
	o := &g.obs
	*o = observation{e: e, now: e.TimeMS, id: id, doubted: g.doubted, measured: &g.last}
	if g.repeated(o) {
		return Duplicate
	}
	g.earn()
	if e.Background == True { // the second stage is told of none
		if asksForMuch(e) { // the app may wait for the answer
			g.decide(o, true)
		}
		g.remember(o, 0)
		return Evaluated
	}
	if len(g.set.Segments) > 1 {
		if o.segment = g.forcedSegment; o.segment == 0 {
			o.segment = g.set.Segment(o)
		}
	}
	if g.cfg.Stage == SecondStage {
		g.weigh(o)
		g.remember(o, 0)
		return Evaluated
	}
	if _, exempt := g.set.Exempt(o, o.segment, o.now); exempt && e.Type != OperatorControl { // a person is obeyed
		return Exempt
	}
	g.route(o)
	return Evaluated
}

// concerns says whether the stage looks at an event. What the product's own stages tell each other counts from them alone.
func (g *Engine) concerns(e *Event) bool {
	switch e.Type {
	case UnknownType, Tick:
		return false
	case SessionObservation:
		return g.cfg.Stage == SecondStage && e.Source == Source
	case ObservationVerdict:
		return g.cfg.Stage == FirstStage && e.Source == Source
	}
	return g.cfg.Stage == FirstStage
}

// repeated looks session and user up and says whether the event was seen before.
func (g *Engine) repeated(o *observation) bool {
	e := o.e
	if e.Session.ID != "" {
		o.sessionKey = g.hash.key(sessionKey, e.Tenant, e.Session.ID)
		if o.session = g.sessionAt[o.sessionKey]; o.session != 0 {
			o.s = g.sessions.at(o.session)
			if g.expired(o.s) {
				g.evict(o.session)
				o.session, o.s = 0, nil
			} else if o.s.saw(o.id) {
				return true
			}
		}
	}
	g.findUser(o)
	return o.id == g.resumed || o.u != nil && contains(&o.u.repeats, o.id) // also of a session that began after it
}

func (g *Engine) findUser(o *observation) {
	if id := o.e.User.ID; id != "" {
		o.userKey = g.hash.key(userKey, o.e.Tenant, id)
		if o.user = g.userAt[o.userKey]; o.user != 0 && g.forgotten(g.users.at(o.user)) {
			g.dropUser(o.user)
			o.user = 0
		}
	} else if o.s != nil {
		o.user = g.userOf(o.s)
	}
	if o.user != 0 {
		o.u = g.users.at(o.user)
	}
}

// remember notes the event's id, and the time at which its place was learned.
func (g *Engine) remember(o *observation, learnedMS int64) {
	switch {
	case o.s != nil:
		o.s.remember(o.id, learnedMS)
	case o.u != nil:
		o.u.remember(o.id)
	}
}
