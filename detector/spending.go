package detector

import (
	"math"
	"slices"

	"github.com/sessionguard/sessionguard/rules"
)

// spending is a user's last transfers: what amounts are usual. Amounts are as they came; those of two currencies are not compared.
type spending struct {
	amounts    [32]float32
	currencies [32]uint16 // 1 + the three letters in base 26; 0: none was given
	asked      float32    // the last transfer asked for and not yet done: its completion is not a second one
	askedIn    uint16
	count      uint8
	next       uint8
}

// learnTransfer takes a transfer into what is usual for its user, unless the session stands at arm or above.
func (g *Engine) learnTransfer(o *observation) {
	e := o.e
	if e.Type != ActionRequested && e.Type != ActionCompleted || e.Action.Kind != ActionTransfer || o.u == nil || !usable(e.Action.Amount) || g.stands(o, rules.Arm) {
		return
	}
	if o.u.spending == 0 {
		o.u.spending = g.spendings.take()
	}
	g.spendings.at(o.u.spending).learn(float32(e.Action.Amount.V), currencyCode(e.Action.Currency), e.Type == ActionRequested)
}

// usable says whether an amount can be compared.
func usable(amount Real) bool {
	return amount.Set && amount.V >= 0 && amount.V <= math.MaxFloat32
}

func (s *spending) learn(amount float32, currency uint16, asked bool) {
	if !asked && s.asked == amount && s.askedIn == currency {
		s.asked = 0
		return
	}
	if asked {
		s.asked, s.askedIn = amount, currency
	}
	s.amounts[s.next], s.currencies[s.next] = amount, currency
	s.next = (s.next + 1) % uint8(len(s.amounts))
	s.count = min(s.count+1, uint8(len(s.amounts)))
}

// quantile gives the smallest amount of a currency that a share of the transfers does not exceed (nearest rank), of at least so many; 0
// where there are fewer.
func (s *spending) quantile(share float64, currency uint16, atLeast int) float64 {
	var sorted [32]float32
	n := 0
	for i := range s.count {
		if s.currencies[i] == currency {
			sorted[n] = s.amounts[i]
			n++
		}
	}
	if n == 0 || n < atLeast {
		return 0
	}
	slices.Sort(sorted[:n])
	return float64(sorted[max(0, int(math.Ceil(share*float64(n)))-1)])
}

// currencyCode numbers an ISO 4217 code; 0 for what is none.
func currencyCode(s string) (n uint16) {
	if len(s) != 3 {
		return 0
	}
	for i := range 3 {
		c := s[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			return 0
		}
		n = n*26 + uint16(c-'A')
	}
	return n + 1
}

// stands says whether the session stands at an action or above.
func (g *Engine) stands(o *observation, act rules.Action) bool {
	if o.s == nil || o.s.risk == 0 {
		return false
	}
	standing := g.risks.at(o.s.risk).standing(&g.set.Policy, o.now, false)
	return g.set.Policy.Action(&standing, o.segment) >= act
}
