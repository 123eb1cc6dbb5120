package rules

import "math/bits"

// Policy turns scores into one answer. It is immutable and safe for concurrent use.
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

// towards gives the score and the number of kinds that count for an action: capped rules do not count for a revoke.
func (s *Standing) towards(a Action) (score, kinds int) {
	for k, best := range s.Best {
		if a < RevokeSession {
			best = max(best, s.Capped[k])
		}
		score += best
		if best >= MinKindScore {
			kinds++
		}
	}
	return score, kinds
}

// halves holds 2^(-1/2), 2^(-1/4), ... 2^(-1/2^24) as 63-bit fractions, rounded down. They are written out so that no
// machine's floating point has a say; policy_test.go computes them anew.
var halves = [24]uint64{
	0x5a827999fcef3242, 0x6ba27e656b4eb57a, 0x75606373ee921c97, 0x7a92be8a92436616,
	0x7d41d96db915019d, 0x7e9f06067a4360ba, 0x7f4f08ae3dc7c425, 0x7fa765aca88f6452,
	0x7fd3ab290e46d768, 0x7fe9d3a8e07bf085, 0x7ff4e9597bed93aa, 0x7ffa748dff8dc61e,
	0x7ffd3a3f50020332, 0x7ffe9d1dbc0a75a9, 0x7fff4e8e6306ed58, 0x7fffa74712c3cdfd,
	0x7fffd3a381b1fa28, 0x7fffe9d1beed0189, 0x7ffff4e8defb81d7, 0x7ffffa746f5f012f,
	0x7ffffd3a37a7d0a8, 0x7ffffe9d1bd1fc58, 0x7fffff4e8de8832d, 0x7fffffa746f422d6,
}

// Decay gives what is left of a score after a time: score * 2^(-age/half-life), rounded down, from whole-number arithmetic
// that is the same on every machine. At whole half-lives it is exact. A negative age (a late event) counts as none, and so
// does a half-life of 0.
func (p *Policy) Decay(score int, ageMS int64) int {
	if score <= 0 {
		return 0
	}
	if ageMS <= 0 || p.HalfLifeMS <= 0 {
		return score
	}
	whole, rest := ageMS/p.HalfLifeMS, ageMS%p.HalfLifeMS
	if whole > 62 {
		return 0
	}
	if rest == 0 {
		return score >> whole
	}
	hi, lo := bits.Mul64(uint64(score), fraction(uint64(rest), uint64(p.HalfLifeMS)))
	return int((hi<<1 | lo>>63) >> whole)
}

// fraction gives 2^(-rest/whole) as a 63-bit fraction, for 0 < rest < whole: the product of the halves that the binary
// digits of rest/whole name.
func fraction(rest, whole uint64) uint64 {
	f := uint64(1) << 63
	for _, half := range halves {
		rest <<= 1
		if rest >= whole {
			rest -= whole
			hi, lo := bits.Mul64(f, half)
			f = hi<<1 | lo>>63
		}
	}
	return f
}

// Action gives the highest rung of a segment's ladder whose conditions hold. Findings of capped rules count neither as
// a kind nor in the score of a revoke. A proof meets the evidence condition by itself.
func (p *Policy) Action(s *Standing, segment int) Action {
	for i := range p.Rungs[segment] {
		if r := &p.Rungs[segment][i]; r.holds(s) {
			return r.Action
		}
	}
	return None
}

func (r *Rung) holds(s *Standing) bool {
	score, kinds := s.towards(r.Action)
	proven := s.Proof >= MinKindScore
	return score >= r.Score && (kinds >= r.Evidence || proven) && (!r.Proof || s.Proof >= r.Score)
}
