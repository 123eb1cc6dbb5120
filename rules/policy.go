package rules

// Policy turns scores into one answer.
type Policy struct {
	HalfLifeMS int64
	Rungs      [][]Rung // by segment index, highest action first
	RepeatMS   [NumActions]int64
	Brake      [NumActions]Brake // of RequireReauth and RevokeSession (which counts both revokes); Count 0: none
}

// Rung is a step of the ladder with its conditions, all of which must hold.
type Rung struct {
	Action   Action
	Score    int
	Evidence int  // kinds of evidence whose decayed score is at least MinKindScore
	Proof    bool // a proof whose own decayed score reaches Score
}

// MinKindScore is the decayed score from which a kind of evidence counts as present: residue is not evidence.
const MinKindScore = 10

// Brake is a blast-radius limit: it trips when within PerMS both Count (of the whole bank) and Share of the live
// sessions are exceeded; the answer then falls to OnTrip.
type Brake struct {
	PerMS  int64
	Count  int
	Share  float64 // 0.005 is 0.5 %
	OnTrip Action
}

// Standing is a session's risk at one moment: decayed scores of the findings that count.
type Standing struct {
	Best   [NumKinds]int // best per kind, of rules that may raise to a revoke
	Capped [NumKinds]int // best per kind, of rules that may not (Rule.Reaches is RequireReauth or less)
	Proof  int           // best of the proofs
}

// Score is the sum over the kinds of the best score of each, whatever it may raise to.
func (s *Standing) Score() int {
	sum := 0
	for k := range NumKinds {
		sum += max(s.Best[k], s.Capped[k])
	}
	return sum
}

// Decay gives what is left of a score after a time, rounded down: a fixed-point table, the same on every machine.
func (p *Policy) Decay(score int, ageMS int64) int { panic("not built") }

// Action gives the highest rung of a segment's ladder whose conditions hold. Findings of capped rules count neither as
// a kind nor in the score of a revoke. A proof meets the evidence condition by itself.
func (p *Policy) Action(s *Standing, segment int) Action { panic("not built") }
