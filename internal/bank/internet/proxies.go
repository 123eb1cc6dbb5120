package internet

// publicProxies are machines that somebody left open, a few in each of the cities where servers are.
func (b *builder) publicProxies() {
	b.spread([]string{"Open Door Networks"}, hostingCities, 1, Network{Kind: PublicProxy}, 24, false)
}

// residentialProxies are households that databases know to be sold on: a prefix of each operator in each city.
func (b *builder) residentialProxies() {
	for c := range Cities {
		var done uint32
		for _, line := range b.in.byCity[c][Home] {
			if o := b.in.Networks[line]; o.ASN != done {
				done = o.ASN
				b.add(Network{Kind: ResidentialProxy, ASN: o.ASN, Org: o.Org, Site: c}, 24, false, c)
			}
		}
	}
}
