package bank

import (
	"math"
	"slices"
)

// wilson is the interval that holds the true share with 95 % confidence when k of n were seen (E. B. Wilson, Probable
// inference, the law of succession, and statistical inference, JASA 22, 1927). It is 0 to 1 when n is 0.
func wilson(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959963984540054 // the 97.5 % quantile of the normal distribution
	p, m := float64(k)/float64(n), float64(n)
	centre := p + z*z/(2*m)
	spread := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	scale := 1 + z*z/m
	return max(0, (centre-spread)/scale), min(1, (centre+spread)/scale)
}

// poissonUpper is the largest mean under which n or fewer events still come with a chance of 5 %: the exact one-sided upper 95 %
// bound of a Poisson mean (F. Garwood, Fiducial limits for the Poisson distribution, Biometrika 28, 1936). It is 3.00 when
// nothing was seen.
func poissonUpper(n int) float64 {
	low, high := float64(n), float64(n)+10+4*math.Sqrt(float64(n)+1)
	for range 60 {
		if middle := (low + high) / 2; poissonAtMost(n, middle) > 0.05 {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// poissonAtMost is the chance of n or fewer events at a mean. The terms are summed from the last one downwards, where they are
// largest for means above n.
func poissonAtMost(n int, mean float64) float64 {
	logFactorial, _ := math.Lgamma(float64(n) + 1)
	term := math.Exp(float64(n)*math.Log(mean) - mean - logFactorial)
	sum := 0.0
	for k := n; k >= 0 && term > sum*1e-16; k-- {
		sum += term
		term *= float64(k) / mean
	}
	return sum
}

// moreOften is the chance that of k1+k2 events, which came in n1 and n2 trials, at least k1 come in the first when both rates are the same
// (Przyborowski and Wilenski 1940): 1 where nothing was seen.
func moreOften(k1, n1, k2, n2 int) float64 {
	if k1 == 0 || n2 == 0 {
		return 1
	}
	p := float64(n1) / float64(n1+n2)
	sum, total := 0.0, k1+k2
	all, _ := math.Lgamma(float64(total) + 1)
	for k := k1; k <= total; k++ {
		in, _ := math.Lgamma(float64(k) + 1)
		out, _ := math.Lgamma(float64(total-k) + 1)
		sum += math.Exp(all - in - out + float64(k)*math.Log(p) + float64(total-k)*math.Log1p(-p))
	}
	return min(1, sum)
}

// quantile is the smallest value that at least the share q of the values do not exceed (nearest rank); 0 when there is none.
// It sorts them.
func quantile(values []int, q float64) int {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	rank := int(math.Ceil(q * float64(len(values))))
	return values[max(0, rank-1)]
}
