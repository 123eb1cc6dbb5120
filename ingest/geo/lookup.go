package geo

import (
	"fmt"
	"net/netip"
	"sync"

	"github.com/sessionguard/sessionguard/detector"
)

// Lookup sets Client.Geo to what is known of Client.IP; absent where no database knows. Addresses that belong to nobody
// in particular (private, loopback, CGNAT and the like) and an absent address are not looked up. c is the
// caller's own cache and may be nil. With an address whose network is in c Lookup does not allocate.
func (d *Databases) Lookup(c *Cache, e *detector.Event) {
	if !e.Client.IP.IsValid() {
		e.Client.Geo = detector.Geo{}
		return
	}
	a := e.Client.IP.Unmap().WithZone("")
	if c == nil {
		e.Client.Geo, _, _ = d.find(a)
		return
	}
	e.Client.Geo = *c.lookup(d, a)
}

// find asks every database. bits is the length of the network, around a, in which all of them give this same answer. A
// database that fails adds nothing, and then the answer holds for a alone.
func (d *Databases) find(a netip.Addr) (g detector.Geo, bits, failures int) {
	if network, ok := reserved(a); ok {
		return detector.Geo{}, network.Bits(), 0
	}
	for _, s := range d.sources {
		network, err := s.lookup(a, &g)
		switch {
		case err != nil:
			failures++
			bits = a.BitLen()
		case network.Addr().Is4() == a.Is4():
			bits = max(bits, network.Bits())
		}
		// Else a is IPv4 and the network a v6 one above ::/96: the database has no IPv4 at all.
	}
	g.Region, g.City = d.strings.intern(g.Region), d.strings.intern(g.City)
	g.Country, g.ASOrg, g.Connection = d.strings.intern(g.Country), d.strings.intern(g.ASOrg), d.strings.intern(g.Connection)
	g.Build = d.build
	return g, bits, failures
}

func (s *source) lookup(a netip.Addr, g *detector.Geo) (network netip.Prefix, err error) {
	if a.Is6() && s.reader.Metadata().IPVersion == 4 {
		return netip.PrefixFrom(netip.IPv6Unspecified(), 0), nil // it knows nothing of IPv6: no answer, not a fault
	}
	before := *g
	defer func() {
		if p := recover(); p != nil {
			*g, err = before, fmt.Errorf("look up in %q: %v", s.path, p)
		}
	}()
	return s.reading.lookup(s.reader, a, g)
}

// interner keeps one copy of a string for all owners' caches. It is bounded by what the databases hold.
type interner struct {
	mu    sync.Mutex
	known map[string]string
}

func (n *interner) intern(s string) string {
	if s == "" {
		return ""
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if old, ok := n.known[s]; ok {
		return old
	}
	n.known[s] = s
	return s
}
