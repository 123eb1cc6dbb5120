package useragent

import (
	"math/bits"

	"github.com/dchest/siphash"

	"github.com/sessionguard/sessionguard/detector"
)

// DefaultCacheEntries bounds one owner's cache to about 1 MiB of today's user agents.
const DefaultCacheEntries = 2048

// Cache is one owner's bounded cache of parsed user agents, keyed by the whole of what was sent. It is not safe for concurrent
// use. It holds copies: nothing of it aliases an event. Two entries share a place; a new one drives out the one that was
// not used last. What is in the cache changes how fast an answer comes, never the answer.
type Cache struct {
	Hits, Misses uint64

	places [][2]entry
	shift  uint
	key    []byte
}

type entry struct {
	key   string // "": empty
	agent detector.Agent
}

// NewCache makes a cache of at least 2 entries, rounded up to a power of two.
func NewCache(entries int) *Cache {
	order := bits.Len(uint(max(entries, 2)-1)) - 1
	return &Cache{places: make([][2]entry, 1<<order), shift: uint(64 - order)}
}

// Parse is the package's Parse with a memory. It does not allocate for what it still remembers. The Agent's Name stays valid.
func (c *Cache) Parse(userAgent string, h Hints) detector.Agent {
	if userAgent == "" && h.absent() {
		return detector.Agent{}
	}
	userAgent, h = capped(userAgent, h)
	c.setKey(userAgent, &h)
	place := &c.places[siphash.Hash(hashKey0, hashKey1, c.key)>>c.shift]
	switch {
	case place[0].key == string(c.key):
		c.Hits++
		return place[0].agent
	case place[1].key == string(c.key):
		c.Hits++
		place[0], place[1] = place[1], place[0]
		return place[0].agent
	}
	c.Misses++
	place[0], place[1] = entry{string(c.key), Parse(userAgent, h)}, place[0]
	return place[0].agent
}

func (c *Cache) setKey(userAgent string, h *Hints) {
	k := appendText(c.key[:0], userAgent)
	k = append(k, byte(h.Mobile))
	k = appendText(appendText(appendText(k, h.Platform), h.PlatformVersion), h.Model)
	for i := range h.Brands {
		k = appendText(appendText(k, cut(h.Brands[i].Brand, maxHintBytes)), cut(h.Brands[i].Version, maxHintBytes))
	}
	c.key = k
}
