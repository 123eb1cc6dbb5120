package bank

import (
	"fmt"
	"slices"
	"strings"
)

// NamedTally counts the networks that were named for guessing session ids.
type NamedTally struct {
	Networks int `json:"networks"`
	Honest   int `json:"honest"` // where no thief guessed
}

// Named counts that a network (a /24 or /48, as on the labels) was named for guessing session ids, by a rule, because of an event at a time. Attacks that
// guess from there and have begun are answered by it.
func (s *Score) Named(network, rule string, atMS int64) {
	guilty := false
	for _, a := range s.order {
		if !slices.Contains(a.networks, network) || atMS < a.firstMS {
			continue
		}
		guilty = true
		if a.namedMS == 0 || atMS < a.namedMS {
			a.namedMS = atMS
		}
		if a.rule == "" {
			a.rule = rule
		}
	}
	s.named[network] = s.named[network] || guilty
}

func (s *Score) namedTally() NamedTally {
	t := NamedTally{Networks: len(s.named)}
	for _, guilty := range s.named {
		if !guilty {
			t.Honest++
		}
	}
	return t
}

func (b *Scoreboard) writeNamed(t *strings.Builder) {
	if b.Named != (NamedTally{}) {
		fmt.Fprintf(t, "\nnetworks named for guessing session ids: %d, of which nobody guessed from %d\n", b.Named.Networks, b.Named.Honest)
	}
}
