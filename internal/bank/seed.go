package bank

import (
	"math"
	"math/rand/v2"
)

// seed makes dice whose answer to a question is always the same, whoever asks and when: what a family's two copies of
// a computer, or two requests on one day, must agree on.
type seed uint64

func newSeed(r *rand.Rand) seed { return seed(r.Uint64()) }

// roll is uniform in [0, 1).
func (s seed) roll(question uint64) float64 {
	return float64(scatter(uint64(s)+scatter(question))>>11) / (1 << 53)
}

// wait is exponential with a mean of 1.
func (s seed) wait(question uint64) float64 { return -math.Log(1 - s.roll(question)) }
