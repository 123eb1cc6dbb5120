package bank

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// bearing is what the honest customers of one group had to bear, in sessions.
type bearing struct {
	sessions, stepUps, revokes, asked int
	people                            map[string]bool // who were asked for a step-up
}

// of is the bearing of a session's group.
func (h *honestScore) of(s *scoredSession) *bearing {
	b := h.groups[s.group]
	if b == nil {
		b = &bearing{people: map[string]bool{}}
		h.groups[s.group] = b
	}
	return b
}

// Shared is the name of the tally that adds all groups up but Others.
const Shared = "shared networks"

// GroupTally is the score among the customers who live behind one kind of shared network, or behind none.
type GroupTally struct {
	Group    string `json:"group"`    // as on the labels; Shared for all together that share a network
	Sessions int    `json:"sessions"` // honest
	StepUps  Rate   `json:"step_ups"`
	Asked    Rate   `json:"asked"` // step-ups, and armed sessions that were asked before an action
	Revokes  Rate   `json:"revokes"`
	People   int    `json:"customers_asked"` // for a step-up; in a replay nobody answers, and the same customer may be asked again

	// PMore is how probable at least so many step-ups are when the true rate is that of Others: small means that the group is asked more
	// often. It is the one-sided exact conditional test of two Poisson rates (J. Przyborowski, H. Wilenski, Biometrika 31, 1940), which takes
	// sessions as independent. 1 for Others.
	PMore float64 `json:"p_more_step_ups"`

	// Attacks on sessions of these customers, of the kinds that can be seen.
	Attacks      int `json:"attacks"`
	Detected     int `json:"detected"`
	BeforeAction int `json:"before_money_moved"`
}

// groupTallies is nil where no label has a group.
func (s *Score) groupTallies() []GroupTally {
	names := slices.Sorted(maps.Keys(s.honest.groups))
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" || name == Others })
	if len(names) == 0 {
		return nil
	}
	others, together := s.groupBearing(Others), bearing{}
	people := 0
	of := groupTally(Others, others, others)
	var list []GroupTally
	for _, name := range names {
		b := s.groupBearing(name)
		together.sessions += b.sessions
		together.stepUps += b.stepUps
		together.revokes += b.revokes
		together.asked += b.asked
		people += len(b.people)
		list = append(list, groupTally(name, b, others))
	}
	all := groupTally(Shared, together, others)
	all.People = people
	list = append(list, all, of)
	s.countAttacksByGroup(list)
	return list
}

func (s *Score) groupBearing(name string) bearing {
	if b := s.honest.groups[name]; b != nil {
		return *b
	}
	return bearing{}
}

func groupTally(name string, b, others bearing) GroupTally {
	t := GroupTally{Group: name, Sessions: b.sessions, StepUps: rate(b.stepUps, b.sessions), Asked: rate(b.asked, b.sessions), Revokes: rate(b.revokes, b.sessions), People: len(b.people), PMore: 1}
	if name != Others {
		t.PMore = moreOften(b.stepUps, b.sessions, others.stepUps, others.sessions)
	}
	return t
}

// countAttacksByGroup counts each attack for its group, and those of all but Others together.
func (s *Score) countAttacksByGroup(list []GroupTally) {
	for _, a := range s.order {
		if attackNamed(a.kind).Blind() != "" || a.answeredMS() == 0 && s.lastMS-a.firstMS < chanceMS {
			continue
		}
		for i := range list {
			if g := &list[i]; g.Group == a.group || g.Group == Shared && a.group != Others && a.group != "" {
				g.count(a)
			}
		}
	}
}

func (g *GroupTally) count(a *outcome) {
	g.Attacks++
	at := a.answeredMS()
	if at == 0 {
		return
	}
	g.Detected++
	if a.takenMS == 0 || at < a.takenMS {
		g.BeforeAction++
	}
}

func (b *Scoreboard) writeGroups(t *strings.Builder) {
	if len(b.Groups) == 0 {
		return
	}
	fmt.Fprintf(t, "\n%-17s %37s %23s %9s  %s\n", "", "step-ups", "ended", "p of more", "attacks that can be seen")
	fmt.Fprintf(t, "%-17s %9s %5s %6s %7s %6s %6s %8s %7s %9s  %7s %8s %6s\n", "customers behind", "sessions", "n", "who", "/10k", "upper", "n", "/10k", "upper", "step-ups", "attacks", "answered", "money")
	for _, g := range b.Groups {
		fmt.Fprintf(t, "%-17s %9d %5d %6d %7.2f %6.2f %6d %8.2f %7.2f %9.3f  %7d %8d %6d\n", g.Group, g.Sessions, g.StepUps.Sessions, g.People, g.StepUps.Per10k, g.StepUps.Upper10k,
			g.Revokes.Sessions, g.Revokes.Per10k, g.Revokes.Upper10k, g.PMore, g.Attacks, g.Detected, g.BeforeAction)
	}
}
