package geo

import "net/netip"

// reservedNetworks are the networks of the IANA special-purpose registries (RFC 6890 and its updates) that are not a
// customer's address on the internet: an event that carries one was made inside, or behind a proxy that is not trusted.
// The networks for documentation are not among them: a trial's database may well place them.
// No v4 network is longer than /24 and no v6 one longer than /48, so that each is whole in the cache's keys.
var reservedNetworks = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
	"::/48", "64:ff9b:1::/48", "100::/48", "2001:2::/48", "5f00::/16", "fc00::/7", "fe80::/10",
	"fec0::/10", "ff00::/8",
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

func reserved(a netip.Addr) (netip.Prefix, bool) {
	for _, p := range reservedNetworks {
		if p.Contains(a) {
			return p, true
		}
	}
	return netip.Prefix{}, false
}
