package bank

import (
	"math"
	"testing"
)

func TestWilsonInterval(t *testing.T) {
	f := func(k, n int, low, high float64) {
		t.Helper()
		gotLow, gotHigh := wilson(k, n)
		if math.Abs(gotLow-low) > 5e-5 || math.Abs(gotHigh-high) > 5e-5 {
			t.Errorf("%d of %d: got %.4f to %.4f, want %.4f to %.4f", k, n, gotLow, gotHigh, low, high)
		}
	}
	// Newcombe 1998 (Statistics in Medicine 17), table I, method 3.
	f(81, 263, 0.2553, 0.3662)
	f(15, 148, 0.0624, 0.1605)
	f(0, 20, 0, 0.1611)
	f(1, 29, 0.0061, 0.1718)
	f(0, 0, 0, 1)
}

func TestPoissonUpperBound(t *testing.T) {
	f := func(n int, want float64) {
		t.Helper()
		if got := poissonUpper(n); math.Abs(got-want) > 5e-4 {
			t.Errorf("%d events: got %.4f, want %.4f", n, got, want)
		}
	}
	// Half the 95 % quantile of chi-square with 2n+2 degrees of freedom.
	f(0, 2.9957)
	f(1, 4.7439)
	f(2, 6.2958)
	f(3, 7.7537)
	f(5, 10.5130)
	f(10, 16.9622)
	if got := poissonUpper(100_000); math.Abs(got-100_521) > 3 { // n + 1.645 sqrt(n) + (1.645^2 + 2)/3
		t.Errorf("100,000 events: got %.1f", got)
	}
}

func TestQuantileIsOneOfTheValues(t *testing.T) {
	f := func(values []int, q float64, want int) {
		t.Helper()
		if got := quantile(values, q); got != want {
			t.Errorf("%v at %v: got %d, want %d", values, q, got, want)
		}
	}
	f(nil, 0.5, 0)
	f([]int{7}, 0.9, 7)
	f([]int{3, 1, 2, 4}, 0.5, 2)
	f([]int{5, 1, 2, 3, 4}, 0.5, 3)
	f([]int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 0.9, 9)
	f([]int{1, 2}, 0, 1)
}
