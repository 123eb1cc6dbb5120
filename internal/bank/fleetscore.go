package bank

import (
	"fmt"
	"slices"
	"strings"
)

// fleetScore is one operator's thefts, and what happened to honest sessions that used his exit.
type fleetScore struct {
	kind       string
	thefts     []*outcome // as they began
	bystanders bearing
}

func (s *Score) fleet(id string) *fleetScore {
	f := s.fleets[id]
	if f == nil {
		f = &fleetScore{}
		s.fleets[id] = f
		s.fleetOrder = append(s.fleetOrder, f)
	}
	return f
}

// wasBeside notes that a session used the exit of a fleet, in honest hands.
func (s *Score) wasBeside(session *scoredSession, campaign string) {
	if campaign == "" || session.beside != "" || session.visitedMS != 0 {
		return
	}
	session.beside = campaign
	s.fleet(campaign).bystanders.sessions++
}

// bystanderWasAsked counts what an answer did to a session that had used a fleet's exit.
func (s *Score) bystanderWasAsked(was, is *scoredSession) {
	if is.beside == "" {
		return
	}
	b := &s.fleet(is.beside).bystanders
	if is.stepUp && !was.stepUp {
		b.stepUps++
	}
	if is.revoke && !was.revoke {
		b.revokes++
	}
}

// FleetTally is the score of the fleets of one kind: thefts of many sessions by one operator. What is asked of a detector is that
// one theft that is proved (the first revoke among them) answers all the others.
type FleetTally struct {
	Attack    string `json:"attack"`
	Fleets    int    `json:"fleets"`
	Thefts    int    `json:"thefts"`
	Confirmed int    `json:"confirmed"` // fleets of which a session was revoked

	// Of the confirmed fleets, after the first revoke: the other sessions that the thief went on with or that were revoked.
	Others  int `json:"others"`
	Over    int `json:"over"`    // not among them: those that he was through with before
	Revoked int `json:"revoked"` // of Others
	// Of the revoked, the thief's requests after the first revoke, up to and with the one that was decided on.
	ByFirst    int `json:"by_first_further_request"` // revoked before his second further request
	FurtherP50 int `json:"further_requests_p50"`
	FurtherP90 int `json:"further_requests_p90"`
	FurtherMax int `json:"further_requests_max"`

	// Honest sessions that used the fleet's exit at the time or later.
	Bystanders       int `json:"bystanders"`
	BystanderStepUps int `json:"bystander_step_ups"`
	BystanderRevokes int `json:"bystander_revokes"`

	further []int
}

// fleetTallies are by kind, as they came.
func (s *Score) fleetTallies() []FleetTally {
	var list []FleetTally
	for _, f := range s.fleetOrder {
		if len(f.thefts) == 0 {
			continue // an exit whose operator found nothing to steal
		}
		i := slices.IndexFunc(list, func(t FleetTally) bool { return t.Attack == f.kind })
		if i < 0 {
			i = len(list)
			list = append(list, FleetTally{Attack: f.kind})
		}
		list[i].add(f)
	}
	for i := range list {
		t := &list[i]
		t.FurtherP50, t.FurtherP90, t.FurtherMax = quantile(t.further, 0.5), quantile(t.further, 0.9), quantile(t.further, 1)
	}
	return list
}

func (t *FleetTally) add(f *fleetScore) {
	t.Fleets++
	t.Thefts += len(f.thefts)
	t.Bystanders += f.bystanders.sessions
	t.BystanderStepUps += f.bystanders.stepUps
	t.BystanderRevokes += f.bystanders.revokes
	first := f.firstRevoked()
	if first == nil {
		return
	}
	t.Confirmed++
	for _, a := range f.thefts {
		if a != first {
			t.addOther(a, first.revokedMS)
		}
	}
}

func (f *fleetScore) firstRevoked() *outcome {
	var first *outcome
	for _, a := range f.thefts {
		if a.revokedMS != 0 && (first == nil || a.revokedMS < first.revokedMS) {
			first = a
		}
	}
	return first
}

// addOther counts a theft of a fleet that was confirmed at a time.
func (t *FleetTally) addOther(a *outcome, confirmedMS int64) {
	last := a.requestsUntil(confirmedMS)
	switch {
	case a.revokedMS != 0:
		further := a.requestsUntil(a.revokedMS) - last
		t.Others++
		t.Revoked++
		t.further = append(t.further, further)
		if further <= 1 {
			t.ByFirst++
		}
	case last == len(a.requestsMS):
		t.Over++
	default:
		t.Others++
	}
}

func (b *Scoreboard) writeFleets(t *strings.Builder) {
	if len(b.Fleets) == 0 {
		return
	}
	fmt.Fprintf(t, "\n%-22s %6s %6s %9s %39s %11s %s\n", "", "", "", "", "others, after the first revoke", "requests", "honest, same exit")
	fmt.Fprintf(t, "%-22s %6s %6s %9s %8s %7s %5s %6s %4s %4s %4s %8s %7s %6s\n", "fleet", "fleets", "thefts", "confirmed",
		"others", "revoked", "over", "by 1st", "p50", "p90", "max", "sessions", "step-up", "revoke")
	for _, f := range b.Fleets {
		fmt.Fprintf(t, "%-22s %6d %6d %9d %8d %7d %5d %6d %4d %4d %4d %8d %7d %6d\n", f.Attack, f.Fleets, f.Thefts, f.Confirmed,
			f.Others, f.Revoked, f.Over, f.ByFirst, f.FurtherP50, f.FurtherP90, f.FurtherMax, f.Bystanders, f.BystanderStepUps, f.BystanderRevokes)
	}
}
