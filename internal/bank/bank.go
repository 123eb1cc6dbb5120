package bank

import (
	"fmt"
	"math/rand/v2"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// Bank is a world that runs.
type Bank struct {
	cfg       Config
	net       *internet.Internet
	geo       geography
	kiosks    []device // per city
	customers []customer
	agents    map[agentKey]*agent // looked up, never walked

	nowMS, endMS int64
	agenda       agenda
	pending      []Published // caused by the last entry, not yet returned
	returned     int         // of pending

	sessions map[string]*session // live ones, and ended ones that a thief still holds, by every id they had
	live     []*session          // sessions that live: where thieves look
	fleets   []*fleet            // that have begun
	exits    []exit              // of all fleets
	decoy    *customer           // of planted sessions, nil until one is used
	chunk    []byte              // events are cut from it
	idPrefix string
}

// New makes a world. Errors say what of the config cannot be used.
func New(cfg Config) (*Bank, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("make synthetic bank: %w", err)
	}
	b := &Bank{
		cfg: cfg, net: internet.New(), agents: map[agentKey]*agent{}, sessions: map[string]*session{},
		nowMS: cfg.Start.UnixMilli(), endMS: cfg.Start.Add(cfg.For).UnixMilli(),
		idPrefix: fmt.Sprintf("%08x", uint32(cfg.Seed^cfg.Seed>>32)),
	}
	b.geo = newGeography(b.net, b.nowMS)
	b.kiosks = b.installKiosks()
	b.populate()
	b.planAttacks()
	b.planCampaigns()
	if cfg.DeployEvery > 0 {
		b.in(cfg.DeployEvery.Milliseconds(), &deploy{})
	}
	return b, nil
}

// Internet is the internet that the world's people use; its WriteDatabases makes their addresses known.
func (b *Bank) Internet() *internet.Internet { return b.net }

// Next returns the next event, and false when the world's time is over.
func (b *Bank) Next() (Published, bool) {
	for b.returned == len(b.pending) {
		b.pending, b.returned = b.pending[:0], 0
		if len(b.agenda.entries) == 0 || b.agenda.entries[0].atMS >= b.endMS {
			return Published{}, false
		}
		e := b.agenda.next()
		b.nowMS = e.atMS
		b.readGeography()
		e.who.act(b)
	}
	p := b.pending[b.returned]
	b.pending[b.returned] = Published{}
	b.returned++
	return p, true
}

// in puts an actor on the agenda, ms from now.
func (b *Bank) in(ms int64, who actor) { b.agenda.add(b.nowMS+max(0, ms), who) }

// The purposes of random streams, so that a customer's and a thief's never coincide.
const (
	streamCustomer = iota << 40
	streamAttack
	streamPlan
	streamKiosk
	streamCampaign
)

func (b *Bank) stream(purpose, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(b.cfg.Seed, scatter(purpose+n)))
}

// scatter makes distant seeds of neighbouring numbers (the finaliser of SplitMix64).
func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// between is a uniform whole number of [lo, hi].
func between(r *rand.Rand, lo, hi int64) int64 { return lo + r.Int64N(hi-lo+1) }

func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
