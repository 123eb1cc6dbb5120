package detector

import (
	"encoding/binary"
	"net/netip"

	"github.com/dchest/siphash"
)

// knock is the ids that the app never issued, as the clients of one network show them in a second. Under a flood not each is told: the
// first of a second are, then each time their number has doubled, with the count of those between.
type knock struct {
	key     key
	second  int64  // since 1970
	shown   uint32 // in this second
	untold  uint32 // of this and earlier seconds
	devices uint32 // of the untold ones, those that came from a device that had shown none
	_       [4]uint8
}

const (
	maxKnocks     = 1 << 10       // networks that are told apart at a time; of two that meet in one place the later takes it
	allKnocks     = maxKnocks + 1 // the slot of what all networks together told in a second
	toldOneByOne  = 32            // in a second and a network
	toldInASecond = 256           // of all networks: what more there is waits for its network's next one
	maxTriedSets  = 1 << 12       // 32,000 ids and devices: a flood of them pushes nothing else out
	unknownIDPair = 'i'
	knockerPair   = 'd'
)

// tellUnknown tells of an id that the app never issued. An app that asks again and again with one and the same id tries nothing out: it is
// told once.
func (g *Engine) tellUnknown(o *observation) {
	e := o.e
	if unroutable(e.Client.IP) == noAddress || e.User.ActorID != "" {
		return
	}
	n := network{last: o.now}
	n.prefix, n.flags = prefix(e.Client.IP, prefixV4, prefixV6)
	if e.Session.ID != "" && !tellOnce(&g.tried, maxTriedSets, g.hash.pair(unknownIDPair, o.sessionKey, &n, 0), o.now) {
		return
	}
	k := g.knockOf(e.Tenant, &n)
	if s := o.now / 1000; s != k.second {
		k.second, k.shown = s, 0
	}
	k.shown++
	k.untold++
	if id := e.Device.ID; id != "" && tellOnce(&g.tried, maxTriedSets, g.hash.pair(knockerPair, g.hash.key(pairKey, e.Tenant, id), &n, 0), o.now) {
		k.devices++
	}
	if k.shown > toldOneByOne && k.shown&(k.shown-1) != 0 || !g.mayTellUnknown(o.now) {
		return
	}
	to := g.tell(o, networkKey(e.Client.IP))
	to.Count, to.Devices = Whole{int64(k.untold), true}, Whole{int64(k.devices), true}
	k.untold, k.devices = 0, 0
}

// mayTellUnknown says whether less than toldInASecond was told in this second, by all networks together: a flood may come from thousands of them.
func (g *Engine) mayTellUnknown(now int64) bool {
	all := g.knocks.at(allKnocks)
	if s := now / 1000; s != all.second {
		all.second, all.shown = s, 0
	}
	all.shown = min(all.shown+1, toldInASecond+1)
	return all.shown <= toldInASecond
}

// knockOf gives the record of a network. It takes the place of another one: what that had not told is left out, and counted.
func (g *Engine) knockOf(tenant string, n *network) *knock {
	for g.knocks.used < allKnocks {
		g.knocks.take()
	}
	id := g.hash.network(tenant, n)
	k := g.knocks.at(uint32(id.hi%maxKnocks) + 1)
	if k.key != id {
		g.stats.Untold += uint64(k.untold)
		*k = knock{key: id}
	}
	return k
}

// network is the key of a tenant's network.
func (h *hasher) network(tenant string, n *network) key {
	b := append(h.buf[:0], knockKey, byte(n.flags&networkV6))
	b = append(binary.LittleEndian.AppendUint64(b, n.prefix), tenant...)
	h.buf = b
	hi, lo := siphash.Hash128(h.k0, h.k1, b)
	return key{hi, lo}
}

// blockOf is the network to block: the address itself where all came from one, of IPv6 its /64; else the whole network.
func blockOf(ip netip.Addr, alone bool) netip.Prefix {
	if !alone {
		return networkOf(ip)
	}
	p, _ := ip.Prefix(min(ip.BitLen(), 64)) // an address of IPv4 has 32 bits; the bits fit the family
	return p
}
