package geo

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"github.com/sessionguard/sessionguard/detector"
)

// DefaultCacheEntries bounds one owner's cache to about 1 MiB.
const DefaultCacheEntries = 4096

// Cache is one owner's bounded cache of answers, keyed by network. It is not safe for concurrent use. It holds answers of one
// Databases and empties itself when it is used with another.
//
// An answer is kept under the shortest of a few prefix lengths (v4: 24, 32; v6: 48, 64, 128) that lies inside the
// network for which every database gives that answer. So neighbours share an entry, and no neighbour gets an answer that is
// not its own. Two entries share a place; a new one drives out the one that was not used last. What is in the cache changes
// how fast an answer comes, never the answer.
type Cache struct {
	Hits, Misses uint64
	Failures     uint64 // lookups in which a database gave an error and so no answer

	db     *Databases
	places [][2]entry
	shift  uint
}

type entry struct {
	network netip.Prefix // not valid: empty
	geo     detector.Geo
}

// NewCache makes a cache of at least 2 entries, rounded up to a power of two.
func NewCache(entries int) *Cache {
	order := bits.Len(uint(max(entries, 2)-1)) - 1
	return &Cache{places: make([][2]entry, 1<<order), shift: uint(64 - order)}
}

var lengths4, lengths6 = []int{24, 32}, []int{48, 64, 128}

// lookup gives what d knows of a. The answer is valid until the next lookup.
func (c *Cache) lookup(d *Databases, a netip.Addr) *detector.Geo {
	if c.db != d {
		clear(c.places)
		c.db = d
	}
	lengths := lengths6
	if a.Is4() {
		lengths = lengths4
	}
	for _, length := range lengths {
		network, _ := a.Prefix(length)
		if e := c.touch(network); e != nil {
			c.Hits++
			return &e.geo
		}
	}
	c.Misses++
	g, length, failures := d.find(a)
	c.Failures += uint64(failures)
	i := 0
	for lengths[i] < length {
		i++
	}
	network, _ := a.Prefix(lengths[i])
	return &c.insert(entry{network, g}).geo
}

func (c *Cache) touch(network netip.Prefix) *entry {
	place := c.place(network)
	if place[0].network == network {
		return &place[0]
	}
	if place[1].network != network {
		return nil
	}
	place[0], place[1] = place[1], place[0]
	return &place[0]
}

func (c *Cache) insert(e entry) *entry {
	place := c.place(e.network)
	place[0], place[1] = e, place[0]
	return &place[0]
}

// place spreads networks by a fixed mix (the 64-bit finaliser of SplitMix64): which entries meet is the same in every run.
func (c *Cache) place(network netip.Prefix) *[2]entry {
	b := network.Addr().As16()
	h := binary.BigEndian.Uint64(b[:8]) ^ bits.RotateLeft64(binary.BigEndian.Uint64(b[8:]), 31) ^ uint64(network.Bits())
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return &c.places[(h^h>>31)>>c.shift]
}
