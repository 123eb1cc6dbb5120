package bank

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// AttackKind is a way of using somebody else's session or account. What each is stands in attackTable.
type AttackKind uint8

// The kinds, in the order of tables. Their names are stable: scoreboards of different versions are compared by them.
const (
	NoAttack AttackKind = iota

	// A stolen cookie of a browser session, used...
	CookieTheftAbroad  // from another country
	CookieTheftNearby  // in the same city, with another browser
	ScriptedReplay     // by a script or a driven browser on a rented server
	TakingTurns        // while the victim goes on, with another browser
	UseAfterLogout     // after the victim logged out, at an app that forgot to end the session
	CookieTheftCloned  // elsewhere in the country, with a copy of the victim's client
	ResidentialProxy   // through a household of the victim's city, with a copy of her client
	HeadlessReplay     // by a headless browser that hides it
	CopiedAgent        // by a program that shows the victim's user agent
	ClientDowngrade    // in an older version of the victim's browser
	InconsistentClient // in an anti-detect browser that contradicts itself
	SeveralDevices     // with another device id
	AnonymizerEntered  // through Tor, a VPN or a public proxy, with a copy of the victim's client
	HostingMove        // from a rented server, with a copy of the victim's client
	KnownBadSource     // from an address that is on a list
	DormantRevived     // hours after the victim left, elsewhere
	UseAfterExpiry     // after it expired, at an app that forgot to end it
	RotatedIDReplay    // by an id that rotation had replaced
	BoundCookieTheft   // without the key that the session is bound to
	CookieTampered     // after changing what the cookie says
	SharedByUsers      // under the thief's own login
	SessionFixation    // after the thief planted it before the login
	KillChain          // from another network, for a limit, a payee and a transfer
	FactorTakeover     // from another network, to enrol the thief's own factor
	RefreshTokenReplay // the app's refresh token
	CanarySession      // a session that was planted to be stolen
	AiTMPhishing       // a login through the thief's proxy
	CredentialStuffing // a guessed password after others that were wrong
	StolenPassword     // a stolen password, abroad
	StolenPasswordNear // a stolen password, in the victim's city
	SessionFarm        // a stolen password, in several sessions at once
	DeviceMalware      // the victim's own phone, remotely controlled, and its app says so
	SilentMalware      // the victim's own computer, remotely controlled, and nothing says so
	CrossSiteRequest   // the victim's own browser, sent by another site
	InhumanSpeed       // the victim's own browser, driven by a program
	UnattendedDevice   // the victim's own computer, left alone
	SameNATClone       // a copy of the victim's client behind her own address
	SameOperatorClone  // a copy of the victim's client at a neighbour's, with the same operator

	// Not among EveryKind: they are asked for by name, so that the events of older mixes stay the same.
	FleetTakeover         // one operator over 50 stolen cookies, some of which are found out early
	FleetAlike            // the same over cookies of browsers like his own
	SilentFleet           // one operator over a few, while nobody looks
	SessionIDGuessing     // ids that the app never issued, by the hundred
	FixationClone         // a planted session, used in a copy of the victim's client at a neighbour's
	RefreshTokenElsewhere // the app's refresh token, shown by somebody whom the token service does not know, or knows as another
	NumAttackKinds        = int(iota)
	lastUsual             = SameOperatorClone
)

func (k AttackKind) String() string { return attackTable[k].name }

// Blind says what would show the attack, "" where the shipped rules can see it with the fields at hand.
func (k AttackKind) Blind() string { return attackTable[k].blind }

// AttackKinds lists the kinds of EveryKind, without NoAttack.
func AttackKinds() []AttackKind { return kindsTo(lastUsual) }

// allKinds lists the others too.
func allKinds() []AttackKind { return kindsTo(AttackKind(NumAttackKinds - 1)) }

func kindsTo(last AttackKind) []AttackKind {
	kinds := make([]AttackKind, 0, last)
	for k := NoAttack + 1; k <= last; k++ {
		kinds = append(kinds, k)
	}
	return kinds
}

// Mix is how many attacks of each kind a world has, spread evenly over its time. Index NoAttack is unused.
type Mix [NumAttackKinds]int

// DefaultMix is six attacks of each kind, or one for every 2,000 customers and day where that is more.
func DefaultMix(users int, span time.Duration) Mix {
	return EveryKind(max(6, int(float64(users)*span.Hours()/24/2000)))
}

// EveryKind is n attacks of each kind that has one thief, one victim and its traces in one partition; the others are asked for by name.
func EveryKind(n int) Mix {
	var m Mix
	for _, k := range AttackKinds() {
		m[k] = n
	}
	return m
}

// ParseMix reads the value of --attacks: "none", "default" (DefaultMix of users and span), "all=N" (EveryKind), or a list such as
// "cookie-theft-abroad=3,scripted-replay=1" of how many attacks of a kind there are; a kind without a number has one.
// The error lists the kinds.
func ParseMix(text string, users int, span time.Duration) (Mix, error) {
	switch text {
	case "none":
		return Mix{}, nil
	case "default":
		return DefaultMix(users, span), nil
	}
	var m Mix
	for part := range strings.SplitSeq(text, ",") {
		name, number, counted := strings.Cut(strings.TrimSpace(part), "=")
		k := attackNamed(name)
		if k == NoAttack && name != All {
			return Mix{}, fmt.Errorf("read attacks %q: unknown kind %q; the kinds are %s; or write none, default or all=N", text, name, attackNames())
		}
		n := 1
		if counted {
			var err error
			if n, err = strconv.Atoi(number); err != nil || n < 0 || n > 1_000_000 {
				return Mix{}, fmt.Errorf("read attacks %q: want a number from 0 to 1,000,000 of %s, not %q", text, name, number)
			}
		}
		if name == All {
			m = EveryKind(n)
		} else {
			m[k] += n
		}
	}
	return m, nil
}

func attackNames() string {
	var names []string
	for _, k := range allKinds() {
		names = append(names, k.String())
	}
	return strings.Join(names, ", ")
}

// attackNamed is NoAttack for a name that is none.
func attackNamed(name string) AttackKind {
	for _, k := range allKinds() {
		if k.String() == name {
			return k
		}
	}
	return NoAttack
}
