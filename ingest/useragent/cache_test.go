package useragent

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/sessionguard/sessionguard/detector"
)

func TestCacheGivesWhatParseGives(t *testing.T) {
	for _, entries := range []int{1, 2, 64} {
		c := NewCache(entries)
		for i := range 500 {
			userAgent := fmt.Sprintf("App%d/1.0", i*7%40)
			h := Hints{Platform: []string{"", "Windows", "Android"}[i%3]}
			if got, want := c.Parse(userAgent, h), Parse(userAgent, h); got != want {
				t.Fatalf("%d entries, %q %v: %+v, want %+v", entries, userAgent, h, got, want)
			}
		}
		if held := 2 * len(c.places); held > max(entries, 2) {
			t.Errorf("a cache of %d entries holds %d", entries, held)
		}
	}
}

// The strings of an event alias a buffer that the next event overwrites.
func TestCacheCopies(t *testing.T) {
	c := NewCache(16)
	buffer := []byte("MyBank/7.12.0 (Android 14)")
	aliased := unsafe.String(&buffer[0], len(buffer))
	first := c.Parse(aliased, Hints{})
	copy(buffer, "XXXXXX")
	if first.Name != "MyBank" {
		t.Errorf("the name became %q with the buffer", first.Name)
	}
	if again := c.Parse("MyBank/7.12.0 (Android 14)", Hints{}); again != first || c.Hits != 1 {
		t.Errorf("the key changed with the buffer: %+v, %d hits", again, c.Hits)
	}
}

func TestHitDoesNotAllocate(t *testing.T) {
	c := NewCache(16)
	userAgent := windows + "Chrome/142.0.0.0 Safari/537.36"
	h := Hints{Brands: []detector.Brand{{Brand: "Google Chrome", Version: "142"}}, Platform: "Windows"}
	c.Parse(userAgent, h)
	if n := testing.AllocsPerRun(100, func() { c.Parse(userAgent, h) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCacheHit(b *testing.B) {
	c := NewCache(DefaultCacheEntries)
	userAgent := windows + "Chrome/142.0.0.0 Safari/537.36"
	h := Hints{Brands: []detector.Brand{{Brand: "Not/A)Brand", Version: "8"}, {Brand: "Chromium", Version: "142"}, {Brand: "Google Chrome", Version: "142"}}, Platform: "Windows"}
	b.ReportAllocs()
	for b.Loop() {
		c.Parse(userAgent, h)
	}
}
