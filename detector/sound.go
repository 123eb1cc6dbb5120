package detector

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sessionguard/sessionguard/rules"
)

// check holds every slot, name and text that a record refers to against what there is, so that a wrong snapshot is refused here and not found
// out by a panic later.
func (s *state) check() error {
	names := uint32(len(s.names.texts))
	return cmp.Or(s.checkBounds(), s.checkSessions(names), s.checkUsers(), s.checkAcross(names), s.checkPasts(names))
}

// soundAll says which record of a slab refers to what is not there; nil when none does.
func soundAll[T any](s *slab[T], name string, sound func(*T) bool) error {
	for slot := uint32(1); slot <= s.used; slot++ {
		if !sound(s.at(slot)) {
			return fmt.Errorf("%w: %s record %d refers to what is not there", ErrSnapshot, name, slot)
		}
	}
	return nil
}

// wholeTable says whether a table has a size that it may have: it grows to the most and gives nothing back.
func wholeTable[T any](s *slab[T], name string, most uint32, allOrNone bool) error {
	if s.used > most || len(s.free) > 0 || allOrNone && s.used != 0 && s.used != most {
		return fmt.Errorf("%w: %d %s records, %d of them free", ErrSnapshot, s.used, name, len(s.free))
	}
	return nil
}

// checkBounds does it for tables of fixed sizes, by which code finds its way without asking.
func (s *state) checkBounds() error {
	switch {
	case s.brakes.used < brakeRevoke:
		return fmt.Errorf("%w: it has no brakes", ErrSnapshot)
	case !s.texts.sound():
		return fmt.Errorf("%w: a text leads to what is not there", ErrSnapshot)
	case !soundPairs(&s.told, maxToldSets) || !soundPairs(&s.tried, maxTriedSets):
		return fmt.Errorf("%w: the tables of what was told have %d and %d sets", ErrSnapshot, s.told.used, s.tried.used)
	case s.known.used > maxKnown || s.ways.used > maxWays:
		return fmt.Errorf("%w: it knows of %d networks and %d ways", ErrSnapshot, s.known.used, s.ways.used)
	}
	return cmp.Or(wholeTable(&s.hellos, "hello", maxHellos, true), wholeTable(&s.knocks, "knock", allKnocks, true),
		wholeTable(&s.newcomers, "newcomer", maxNewcomers, false), wholeTable(&s.tallies, "tally", maxTallies, false))
}

// checkSessions does it for sessions and what belongs to them.
func (s *state) checkSessions(names uint32) error {
	return cmp.Or(
		soundAll(&s.sessions, "session", func(x *session) bool {
			return x.trail <= s.trails.used && x.risk <= s.risks.used && x.hands <= s.hands.used && x.user <= s.users.used && x.successor <= s.sessions.used &&
				x.life.visitor <= s.visitors.used && x.place.name <= names && x.client.sound(names) && int(x.next) < len(x.repeats)
		}),
		soundAll(&s.trails, "trail", func(t *trail) bool {
			return t.approver.name <= names && !slices.ContainsFunc(t.stays[:], func(st stay) bool { return st.name > names })
		}),
		soundAll(&s.risks, "risk", func(r *risk) bool { return r.sound(names) }),
		soundAll(&s.hands, "hands", func(h *hands) bool { return h.sound(names) }),
		soundAll(&s.visitors, "visitor", func(v *visitor) bool { return v.shownBy.name <= names }),
		soundAll(&s.families, "family", func(f *family) bool {
			return f.risk <= s.risks.used && !slices.ContainsFunc(f.shown[:], func(t shownToken) bool { return t.shownBy.name > names })
		}))
}

// checkUsers does it for users and what belongs to them.
func (s *state) checkUsers() error {
	return cmp.Or(
		soundAll(&s.users, "user", func(u *user) bool {
			return int(u.next) < len(u.repeats) && u.spending <= s.spendings.used && u.truth <= s.truths.used && slices.Max(u.recent[:]) <= s.sessions.used
		}),
		soundAll(&s.spendings, "spending", func(x *spending) bool { return int(x.next) < len(x.amounts) }))
}

// checkAcross does it for what is known over users: networks, providers, newcomers, claims.
func (s *state) checkAcross(names uint32) error {
	return cmp.Or(
		soundAll(&s.nodes, "network", func(n *node) bool {
			return n.probe <= s.probes.used && n.thieves <= s.thieves.used && n.egress <= s.egresses.used
		}),
		soundAll(&s.egresses, "egress", func(x *egress) bool { return x.sound(names) }),
		soundAll(&s.newcomers, "newcomer", func(x *newcomer) bool { return x.text <= s.texts.parts.used }),
		soundAll(&s.claims, "claim", func(c *claim) bool { return c.name <= s.texts.parts.used }))
}

// checkPasts does it for remembered decisions: a ring, whose newest is its last until it is full.
func (s *state) checkPasts(names uint32) error {
	if err := wholeTable(&s.pasts, "remembered decision", maxPasts, false); err != nil {
		return err
	}
	if s.pastHand > s.pasts.used || s.pastHand < s.pasts.used && s.pasts.used != maxPasts {
		return fmt.Errorf("%w: %d remembered decisions, the newest is number %d", ErrSnapshot, s.pasts.used, s.pastHand)
	}
	return soundAll(&s.pasts, "remembered decision", func(p *past) bool {
		return p.place.name <= names && p.client.sound(names) && int(p.action) < rules.NumActions && int(p.label) <= len(Labels) && max(p.why[0], p.why[1]) <= learnedEgress
	})
}

// sound says whether a print can be put into words.
func (p *print) sound(names uint32) bool {
	return p.name <= names && int(p.browser) < NumBrowsers && int(p.os) < NumOS
}

func (h *hands) sound(names uint32) bool {
	for i := range h.of {
		if !h.of[i].faces[0].sound(names) || !h.of[i].faces[1].sound(names) {
			return false
		}
	}
	return !slices.ContainsFunc(h.visits[:], func(v visit) bool { return v.hand > maxHands })
}
