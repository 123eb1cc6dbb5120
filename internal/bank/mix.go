package bank

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// AttackKind is a way of using a stolen session.
type AttackKind uint8

// The kinds. All steal the cookie of a browser session.
const (
	NoAttack          AttackKind = iota
	CookieTheftAbroad            // used from another country
	CookieTheftNearby            // used in the same city with another browser
	ScriptedReplay               // used by a script or a driven browser on a rented server
	TakingTurns                  // used while the victim goes on, with another browser
	UseAfterLogout               // used after the victim logged out, by an app that forgot to end the session
	NumAttackKinds    = int(iota)
)

var attackNames = [NumAttackKinds]string{"", "cookie-theft-abroad", "cookie-theft-same-city-other-browser", "scripted-replay", "taking-turns", "use-after-logout"}

func (k AttackKind) String() string { return attackNames[k] }

// AttackKinds lists the kinds, without NoAttack.
func AttackKinds() []AttackKind {
	kinds := make([]AttackKind, 0, NumAttackKinds-1)
	for k := NoAttack + 1; int(k) < NumAttackKinds; k++ {
		kinds = append(kinds, k)
	}
	return kinds
}

// Mix is how many attacks of each kind a world has, spread evenly over its time. Index NoAttack is unused.
type Mix [NumAttackKinds]int

// DefaultMix is six attacks of each kind, or one for every 2,000 customers and day where that is more.
func DefaultMix(users int, span time.Duration) Mix {
	var m Mix
	for _, k := range AttackKinds() {
		m[k] = max(6, int(float64(users)*span.Hours()/24/2000))
	}
	return m
}

// ParseMix reads the value of --attacks: "none", "default" (DefaultMix of users and span), or a list such as
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
		if k == NoAttack {
			return Mix{}, fmt.Errorf("read attacks %q: unknown kind %q; the kinds are %s; or write none or default", text, name, strings.Join(attackNames[1:], ", "))
		}
		n := 1
		if counted {
			var err error
			if n, err = strconv.Atoi(number); err != nil || n < 0 || n > 1_000_000 {
				return Mix{}, fmt.Errorf("read attacks %q: want a number from 0 to 1,000,000 of %s, not %q", text, name, number)
			}
		}
		m[k] += n
	}
	return m, nil
}

func attackNamed(name string) AttackKind {
	for _, k := range AttackKinds() {
		if attackNames[k] == name {
			return k
		}
	}
	return NoAttack
}
