package bank

import "github.com/sessionguard/sessionguard/internal/bank/internet"

// Carriers. The shares are plausible, not measured, where no source is named.
const (
	phoneExits      = 16   // addresses that a carrier's prefix shares among all its phones
	shareFarGateway = 0.15 // of the attachments go through another of the carrier's gateways
	shareCellularV6 = 0.5
	shareArbitrary  = 0.25 // of the carriers give every connection an address of its own
	shareOtherPool  = 0.15 // of these addresses are of another prefix
)

// sim is what a traveller's phone uses abroad.
type sim uint8

const (
	roaming sim = iota // through the carrier at home: every operator seen by Mandalari et al. (MobiCom 2018) did so in Europe
	localSIM
	foreignESIM // a travel eSIM whose operator sits in a third country
)

// cellular is the customer's phone on a carrier where she is, and what is odd about it.
func (b *Bank) cellular(c *customer, city int32) (access, Cause) {
	if internet.Cities[city].Country == internet.Cities[c.home].Country {
		return b.attach(c, city)
	}
	switch c.trip.sim {
	case localSIM:
		return b.attach(c, city)
	case foreignESIM:
		a, odd := b.attach(c, c.trip.esimCity)
		a.rttMS += travelMS(apartKM(city, c.trip.esimCity))
		return a, odd | CauseRoaming
	}
	a, odd := b.attach(c, c.home)
	a.rttMS += travelMS(apartKM(city, c.home))
	return a, odd | CauseRoaming
}

// attach takes one of the addresses that the carrier's gateway for a city shares, at times another gateway's. Most
// carriers keep a phone's address while it is attached (RFC 4787 asks for paired pooling); a minority, as Richter et al.
// (IMC 2016) found, draws one for every connection.
func (b *Bank) attach(c *customer, city int32) (access, Cause) {
	nets := b.net.In(int(city), internet.Mobile)
	half := len(nets) / 2
	mine := nets[int(c.carrier)*half:][:half]
	asn := b.net.Networks[mine[0]].ASN
	var odd Cause
	if chance(c.rng, c.farGatewayShare()) {
		mine, odd = b.net.Operator(asn), CauseCGNAT
	}
	a := b.phoneLine(c, pick(c.rng, mine))
	if c.group != ordinary && seed(asn).roll(0) < c.arbitraryShare() {
		a.churn = carrier
	}
	return a, odd
}

// cellularShare is the share of a phone's sessions that are on cellular.
func (c *customer) cellularShare() float64 {
	if c.group == behindCGNAT {
		return shareGroupCell
	}
	return shareCellular
}

// farGatewayShare is the share of a phone's attachments that go through another of the carrier's gateways.
func (c *customer) farGatewayShare() float64 {
	switch c.group {
	case ordinary:
		return 0
	case behindCGNAT:
		return shareGroupFar
	}
	return shareFarGateway
}

// arbitraryShare is the share of the carriers that give every connection of hers an address of its own.
func (c *customer) arbitraryShare() float64 {
	if c.group == behindCGNAT {
		return 2 * shareArbitrary
	}
	return shareArbitrary
}

// phoneLine is one of the addresses of a carrier's prefix; in v6 a phone has its own.
func (b *Bank) phoneLine(c *customer, network int) access {
	a := b.line(network, uint32(c.rng.IntN(phoneExits)), false)
	if chance(c.rng, shareCellularV6) {
		a.v6 = b.net.Networks[network].Addr6(c.n<<8|uint32(c.rng.IntN(256)), 1).String()
	}
	return a
}

// repool is the phone's next address at a carrier that gives every connection its own: of the same gateway.
func (b *Bank) repool(c *customer, a access) access {
	was := &b.net.Networks[a.network]
	network := int(a.network)
	if chance(c.rng, shareOtherPool) {
		if n := pick(c.rng, b.net.Operator(was.ASN)); b.net.Networks[n].Site == was.Site {
			network = n
		}
	}
	next := b.phoneLine(c, network)
	next.rttMS, next.churn = a.rttMS, a.churn
	if a.v6 != "" {
		next.v6 = b.net.Networks[network].Addr6(c.n<<8|uint32(c.rng.IntN(256)), 1).String()
	} else {
		next.v6 = ""
	}
	return next
}

func apartKM(a, b int32) float64 {
	x, y := &internet.Cities[a], &internet.Cities[b]
	return internet.DistanceKM(x.Lat, x.Lon, y.Lat, y.Lon)
}
