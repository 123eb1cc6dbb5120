package detector

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// What is told is told once in two weeks, whatever else is told meanwhile, as long as there is room; and a snapshot remembers it.
func TestTellOnceInTwoWeeks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var table slab[pairSet]
	pairs := make([]uint64, 100_000)
	now := int64(20_000 * dayMS)
	for i := range pairs {
		if pairs[i] = r.Uint64(); !tellOnce(&table, maxToldSets, pairs[i], now) {
			t.Fatalf("pair %d is not told", i)
		}
	}
	again := func(days int64) (n int) {
		for _, p := range pairs {
			if tellOnce(&table, maxToldSets, p, now+days*dayMS) {
				n++
			}
		}
		return n
	}
	if n := again(toldForDays - 1); n != 0 {
		t.Errorf("%d pairs are told again within two weeks", n)
	}
	if n := again(-1); n != 0 {
		t.Errorf("%d pairs are told again by a late event", n)
	}
	if n := again(toldForDays); n != len(pairs) {
		t.Errorf("after two weeks %d of %d pairs are told again", n, len(pairs))
	}
	if !soundPairs(&table, maxToldSets) {
		t.Errorf("a table of %d sets is not sound", table.used)
	}
	var wire bytes.Buffer
	section := sectionOf("told", &table)
	if err := section.write(&wire); err != nil {
		t.Fatal(err)
	}
	from, restored := section.describe(), slab[pairSet]{}
	if err := sectionOf("told", &restored).fill(newChecked(&wire), from); err != nil {
		t.Fatal(err)
	}
	table = restored
	if n := again(toldForDays + 1); n != 0 {
		t.Errorf("%d pairs are forgotten by a restart", n)
	}
}

// The table never grows beyond its bounds: then the oldest of a set are told again.
func TestTellOnceIsBounded(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var table slab[pairSet]
	for i := range 100_000 {
		if pair := r.Uint64(); !tellOnce(&table, 64, pair, 20_000*dayMS) || tellOnce(&table, 64, pair, 20_000*dayMS) {
			t.Fatalf("pair %d: what is new is told, and what was told last is remembered", i)
		}
	}
	if table.used != 64 {
		t.Errorf("%d sets", table.used)
	}
}
