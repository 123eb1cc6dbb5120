package geo

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
)

func TestCacheSharesOnlyWhatIsTheSame(t *testing.T) {
	db := open(t, Files{City: smallCity(t), ASN: smallASN(t)})
	c := NewCache(64)
	f := func(ip string, wantHit bool) {
		t.Helper()
		hits := c.Hits
		got, want := lookup(db, c, ip), lookup(db, nil, ip)
		if got != want {
			t.Errorf("%s: cached %+v, direct %+v", ip, got, want)
		}
		if hit := c.Hits > hits; hit != wantHit {
			t.Errorf("%s: hit %v, want %v", ip, hit, wantHit)
		}
	}
	f("81.2.69.1", false)
	f("81.2.69.200", true)  // both databases answer for a /16: the /24 shares
	f("81.2.70.200", false) // another /24
	f("89.160.20.112", false)
	f("89.160.20.113", false) // the ASN database answers for a /28: each address is on its own
	f("89.160.20.113", true)
	f("89.160.20.1", false)
	f("2a02:1200:0:1::1", false)
	f("2a02:1200:0:2::1", true)
	f("10.0.0.1", false)
	f("10.0.0.2", true)
}

// Whatever the order and however small the cache, an answer is the one of a lookup without it.
func TestCacheNeverChangesAnAnswer(t *testing.T) {
	db := open(t, Files{City: smallCity(t), ASN: smallASN(t)})
	random := rand.New(rand.NewPCG(1, 2))
	for _, entries := range []int{1, 2, 8, 64} {
		c := NewCache(entries)
		for range 5000 {
			a := netip.AddrFrom4([4]byte{89, 160, byte(20 + random.IntN(3)), byte(random.IntN(256))})
			var e detector.Event
			e.Client.IP = a
			db.Lookup(c, &e)
			if want, _, _ := db.find(a); e.Client.Geo != want {
				t.Fatalf("%d entries, %s: cached %+v, direct %+v", entries, a, e.Client.Geo, want)
			}
		}
		if held := 2 * len(c.places); held > max(entries, 2) {
			t.Errorf("a cache of %d entries holds %d", entries, held)
		}
	}
}

func TestCacheEmptiesItselfForOtherDatabases(t *testing.T) {
	first := open(t, Files{City: smallCity(t)})
	second := open(t, Files{City: smallCity(t), ASN: smallASN(t)})
	c := NewCache(16)
	lookup(first, c, "81.2.69.1")
	if got := lookup(second, c, "81.2.69.1"); got.ASN.V != 20712 || got.Build != second.Build() {
		t.Errorf("after a change of databases: %+v", got)
	}
}

func TestHitDoesNotAllocate(t *testing.T) {
	db := open(t, Files{City: smallCity(t), ASN: smallASN(t)})
	c := NewCache(16)
	for _, ip := range []string{"81.2.69.1", "89.160.20.112", "2a02:1200::1", "10.0.0.1"} {
		var e detector.Event
		e.Client.IP = netip.MustParseAddr(ip)
		if n := testing.AllocsPerRun(100, func() { db.Lookup(c, &e) }); n != 0 {
			t.Errorf("%s: %v allocations", ip, n)
		}
	}
}

func BenchmarkLookupHit(b *testing.B) {
	db := open(b, Files{City: smallCity(b), ASN: smallASN(b)})
	c := NewCache(DefaultCacheEntries)
	var e detector.Event
	e.Client.IP = netip.MustParseAddr("81.2.69.142")
	b.ReportAllocs()
	for b.Loop() {
		db.Lookup(c, &e)
	}
}

func BenchmarkLookupMiss(b *testing.B) {
	db := open(b, Files{City: smallCity(b), ASN: smallASN(b)})
	var e detector.Event
	e.Client.IP = netip.MustParseAddr("81.2.69.142")
	b.ReportAllocs()
	for b.Loop() {
		db.Lookup(nil, &e)
	}
}
