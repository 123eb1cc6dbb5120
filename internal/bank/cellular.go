package bank

import "github.com/sessionguard/sessionguard/internal/bank/internet"

// Carriers. The shares are plausible, not measured, where no source is named.
const (
	phoneExits      = 16   // addresses that a carrier's prefix shares among all its phones
	shareFarGateway = 0.15 // of the attachments go through another of the carrier's gateways
	shareCellularV6 = 0.5
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

// attach takes one of the addresses that the carrier's gateway for a city shares, at times another gateway's.
// One carrier of the two in a country keeps a phone's address while it is attached (RFC 4787 asks for that), the other
// draws one for every connection.
func (b *Bank) attach(c *customer, city int32) (access, Cause) {
	nets := b.net.In(int(city), internet.Mobile)
	half := len(nets) / 2
	mine := nets[int(c.carrier)*half:][:half]
	var odd Cause
	if chance(c.rng, shareFarGateway) {
		mine, odd = b.net.Operator(b.net.Networks[mine[0]].ASN), CauseCGNAT
	}
	n := pick(c.rng, mine)
	a := b.line(n, uint32(c.rng.IntN(phoneExits)), false)
	if chance(c.rng, shareCellularV6) {
		a.v6 = b.net.Networks[n].Addr6(c.n<<8|uint32(c.rng.IntN(256)), 1).String()
	}
	if c.carrier == 1 {
		a.churn = carrier
	}
	return a, odd
}

func apartKM(a, b int32) float64 {
	x, y := &internet.Cities[a], &internet.Cities[b]
	return internet.DistanceKM(x.Lat, x.Lon, y.Lat, y.Lon)
}
