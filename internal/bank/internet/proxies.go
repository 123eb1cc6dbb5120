package internet

// publicProxies are machines that somebody left open, a few in each of the cities where servers are.
func (b *builder) publicProxies() {
	asn := b.nextASN()
	for _, name := range hostingCities {
		c := cityNamed(name)
		b.add(Network{Kind: PublicProxy, ASN: asn, Org: "Open Door Networks", City: c, RadiusKM: 50}, 24, false, c)
	}
}

// residentialProxies are households that databases know to be sold on: a prefix of each operator in each city.
func (b *builder) residentialProxies() {
	for c := range Cities {
		for _, operator := range b.in.byCity[c][Home] {
			o := b.in.Networks[operator]
			b.add(Network{Kind: ResidentialProxy, ASN: o.ASN, Org: o.Org, City: c, RadiusKM: o.RadiusKM}, 24, false, c)
		}
	}
}
