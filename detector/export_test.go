package detector

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sessionguard/sessionguard/rules"
)

// AssignText sets a field of an event by its name from text, for transcripts: a "_" in it is a space, but in a word of a closed list.
func AssignText(e *Event, name, text string) error {
	i, ok := Language().Field(name)
	if !ok {
		return fmt.Errorf("no field %q", name)
	}
	f := &Language().Fields[i]
	if !slices.Contains(f.Enum, text) {
		text = strings.ReplaceAll(text, "_", " ")
	}
	v, err := valueOf(f.Type, text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	assign(e, rules.Setting{Field: i, Value: v})
	return nil
}

func valueOf(t rules.Type, text string) (v rules.Value, err error) {
	v.Present, v.Str = true, text
	switch t {
	case rules.Integer, rules.ASN:
		v.Int, err = strconv.ParseInt(text, 10, 64)
	case rules.Number:
		v.Num, err = strconv.ParseFloat(text, 64)
	case rules.Bool:
		v.Bool, err = strconv.ParseBool(text)
	case rules.IP:
		v.IP, err = netip.ParseAddr(text)
	case rules.Strings:
		v.Strs = strings.Split(text, ",")
	case rules.Duration:
		var d time.Duration
		d, err = time.ParseDuration(text)
		v.Int = d.Milliseconds()
	}
	return v, err
}

// Woken says whether the last event gave a signal that any detector wakes by.
func (g *Engine) Woken() bool {
	for _, d := range detectors {
		if d.wakes&g.obs.signals != 0 {
			return true
		}
	}
	return false
}

// Population is how many records of each kind an engine holds.
type Population struct{ Sessions, Users, Trails, Risks, Families, Visitors, Spendings, Pasts, Tallies int }

// PopulationOf counts the records of an engine, those that are free for reuse left out.
func PopulationOf(g *Engine) Population {
	return Population{Sessions: g.sessions.live(), Users: g.users.live(), Trails: g.trails.live(), Risks: g.risks.live(),
		Families: g.families.live(), Visitors: g.visitors.live(), Spendings: g.spendings.live(), Pasts: g.pasts.live(), Tallies: g.tallies.live()}
}

// KnowledgeOf lists what a first stage's engine was told of networks, in order.
func KnowledgeOf(g *Engine) (list []string) {
	for slot := uint32(1); slot <= g.known.used; slot++ {
		if k := g.known.at(slot); k.knownKey != (knownKey{}) {
			list = append(list, fmt.Sprintf("%+v", *k))
		}
	}
	slices.Sort(list)
	return list
}

// MaxKnown bounds it.
const MaxKnown = maxKnown

// GraphOf counts what a second stage's engine holds of networks.
func GraphOf(g *Engine) (egresses, ways int) { return g.egresses.live(), g.ways.live() }

// MaxGraph bounds it.
func MaxGraph() (egresses, ways int) { return maxEgresses, maxWays }

// Mute makes an engine tell the second stage nothing, as if there were none.
func Mute(g *Engine) { g.mute = true }

// Waiting is how many unknown ids the second stage is yet to be told of.
func Waiting(g *Engine) (n uint32) {
	for slot := uint32(1); slot <= g.knocks.used; slot++ {
		n += g.knocks.at(slot).untold
	}
	return n
}
