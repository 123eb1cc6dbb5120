package bank

import (
	"fmt"
	"time"
)

// Config is a world. The zero value of each field but Attacks has a default.
type Config struct {
	Users   int           // customers; default 2,000. Memory grows with them, about 1.5 KiB each, and not with For
	Seed    uint64        // of all randomness
	Start   time.Time     // of event time; default DefaultStart
	For     time.Duration // event time until the world ends; default 24 h
	Attacks Mix           // how many of which; the zero Mix is none

	AttacksAfter time.Duration // event time before the first attack, in which the bank learns what is normal

	// SharedNetworks is the share of the customers who live behind shared networks: secure web gateways (SASE), company VPNs, CGNAT,
	// private relays, offices with one exit, and dual stack. The others then live behind none. Labels carry the group. 0 is the default
	// population, which has some of each and no groups.
	SharedNetworks float64

	// DeployEvery is how much event time passes from one release of the app servers to the next, each of which forgets sessions that apps
	// still hold: their ids come back as session.unknown_id. 0: none.
	DeployEvery time.Duration

	// Geo writes client.geo into every event, for a reader that trusts it (replay --trust-geo) and has no databases.
	Geo bool
	// Labels writes the extension attributes label, attack and attackid.
	Labels bool
}

// DefaultStart is when a world begins unless Config says otherwise: a Monday morning, so that a short world is awake.
var DefaultStart = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)

func (c Config) withDefaults() Config {
	if c.Users == 0 {
		c.Users = 2000
	}
	if c.Start.IsZero() {
		c.Start = DefaultStart
	}
	if c.For == 0 {
		c.For = 24 * time.Hour
	}
	return c
}

func (c Config) validate() error {
	switch {
	case c.Users < 1 || c.Users > 10_000_000:
		return fmt.Errorf("use %d users: want 1 to 10,000,000", c.Users)
	case !(c.SharedNetworks >= 0 && c.SharedNetworks <= 1):
		return fmt.Errorf("put a share of %v behind shared networks: want 0 to 1", c.SharedNetworks)
	case c.DeployEvery < 0:
		return fmt.Errorf("deploy every %s: want 0 or a positive duration", c.DeployEvery)
	case c.For < 0:
		return fmt.Errorf("simulate for %s: want a positive duration", c.For)
	}
	for k, n := range c.Attacks {
		if n < 0 {
			return fmt.Errorf("run %d attacks of %s: want 0 or more", n, AttackKind(k))
		}
	}
	return nil
}

// The default world of the demo: an afternoon and an evening pass in half a minute.
const (
	demoUsers    = 10_000
	demoSpeed    = 480           // event time over wall time: 30 s are four hours
	demoAttacks  = 2             // of each kind in 30 s of wall time
	demoStart    = 8 * time.Hour // after DefaultStart
	demoAttackIn = 30 * time.Second
)

// Demo is a world that lasts the given wall time when it is played at the returned speed (event time over wall time):
// about 1,000 events a second, and in every 30 s two attacks of each kind, the first within the first second.
func Demo(wall time.Duration, seed uint64) (Config, float64) {
	c := Config{Users: demoUsers, Seed: seed, Start: DefaultStart.Add(demoStart), For: wall * demoSpeed}
	c.Attacks = EveryKind(max(1, int(wall*demoAttacks/demoAttackIn)))
	return c, demoSpeed
}
