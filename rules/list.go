package rules

import (
	"net/netip"
	"slices"
	"sort"
)

// List is a compiled list. It is immutable and safe for concurrent use. Its zero value, and nil, hold nothing.
type List struct {
	Name string
	Type ListType

	ranges []addrRange // sorted, disjoint
	asns   []uint32    // sorted
	texts  map[string]struct{}
	faulty bool // its type could not be read: what uses it is not judged
}

// addrRange holds the addresses from first to last. IPv4 and IPv6 never mix: netip orders all of IPv4 before IPv6.
type addrRange struct{ first, last netip.Addr }

// HasIP says whether a list of CIDRs covers an address. An IPv4 address in IPv6 clothing is looked up as IPv4.
func (l *List) HasIP(a netip.Addr) bool {
	if l == nil {
		return false
	}
	a = a.Unmap()
	lo, hi := 0, len(l.ranges)
	for lo < hi { // the first range that begins after a
		if mid := int(uint(lo+hi) >> 1); a.Less(l.ranges[mid].first) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo > 0 && !l.ranges[lo-1].last.Less(a)
}

// HasASN says whether a list of ASNs holds one.
func (l *List) HasASN(asn uint32) bool {
	if l == nil {
		return false
	}
	_, ok := slices.BinarySearch(l.asns, asn)
	return ok
}

// HasText says whether a list of texts or countries holds one.
func (l *List) HasText(s string) bool {
	if l == nil {
		return false
	}
	_, ok := l.texts[s]
	return ok
}

// Len gives the number of entries, overlapping networks counted once.
func (l *List) Len() int {
	if l == nil {
		return 0
	}
	return len(l.ranges) + len(l.asns) + len(l.texts)
}

func (l *List) addPrefix(p netip.Prefix) {
	l.ranges = append(l.ranges, addrRange{p.Addr(), lastAddr(p)})
}

func (l *List) addText(s string) {
	if l.texts == nil {
		l.texts = map[string]struct{}{}
	}
	l.texts[s] = struct{}{}
}

// seal sorts what was added, and merges what overlaps.
func (l *List) seal() {
	slices.Sort(l.asns)
	l.asns = slices.Compact(l.asns)
	sort.Slice(l.ranges, func(i, j int) bool { return l.ranges[i].first.Less(l.ranges[j].first) })
	merged := l.ranges[:0]
	for _, r := range l.ranges {
		if n := len(merged); n > 0 && !merged[n-1].last.Less(r.first) {
			if merged[n-1].last.Less(r.last) {
				merged[n-1].last = r.last
			}
			continue
		}
		merged = append(merged, r)
	}
	l.ranges = slices.Clip(merged)
}

// lastAddr gives the last address of a prefix.
func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= 1 << (7 - bit%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}
