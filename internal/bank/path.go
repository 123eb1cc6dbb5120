package bank

import "github.com/sessionguard/sessionguard/internal/bank/internet"

// via is what stands between a session and the open internet.
type via uint8

const (
	direct via = iota
	viaVPN
	viaGateway
	viaRelay
	viaEmployer // its VPN, which comes out at an office: no database knows it as one
)

// Shares of the sessions, plausible, not measured.
const (
	shareCellular  = 0.45 // of a phone's sessions
	shareVPNOn     = 0.3  // of who has a VPN
	shareKeepsTZ   = 0.3  // of the travellers' computers keep the time zone of home
	shareDialledIn = 0.6  // of the work computers' sessions out of the office
	shareHotelDual = 0.2
)

// settleIn finds the session its way to the bank, and what is odd about it.
func (b *Bank) settleIn(s *session) {
	c, d := s.c, s.d
	if s.city != c.home {
		s.causes |= CauseTravel
	}
	s.cell = d.phone && (chance(c.rng, c.cellularShare()) || c.trip.mode == byTrain && c.trip.underway(b.nowMS))
	switch {
	case d.cloud != nil || d.kiosk || c.flying(b.nowMS):
	case d.work && c.gateway != 0:
		s.via = viaGateway
	case d.work && c.employer != nil && !c.atOffice(b.nowMS) && chance(c.rng, c.dialInShare()):
		s.via = viaEmployer
	case d.family == safari && c.relay:
		s.via = viaRelay
	case c.vpn >= 0 && chance(c.rng, shareVPNOn):
		s.via = viaVPN
	}
	b.reach(s)
}

// reach puts the session on the network that it has where it is now.
func (b *Bank) reach(s *session) {
	local, odd := b.local(s)
	switch s.via {
	case viaVPN:
		local, odd = b.throughVPN(s.c, local), CauseVPN
	case viaGateway:
		local, odd = b.throughGateway(s.c, local), CauseGateway
	case viaEmployer:
		local, odd = b.through(*s.c.employer, local), CauseEmployer
	case viaRelay:
		local, odd = b.throughRelay(s.c, s.city, local), CauseRelay
	default:
		lat, lon := s.c.where(b.nowMS)
		odd |= b.misplaced(local.network, s.city, lat, lon)
	}
	s.causes |= odd | b.justMoved(local.network)
	s.access, s.ip = local, ""
}

// local is the access without anything in between.
func (b *Bank) local(s *session) (access, Cause) {
	c := s.c
	switch {
	case c.flying(b.nowMS):
		stations := b.net.All(internet.Satellite)
		return b.line(stations[len(stations)-1-c.rng.IntN(2)], uint32(c.rng.IntN(100)), false), CauseSatellite | CauseTravel
	case s.d.cloud != nil:
		return *s.d.cloud, CauseCloudPC
	case s.cell:
		return b.cellular(c, s.city)
	}
	return b.wifi(s)
}

// wifi is the fixed network where the customer is: office, home, a hotel, the terminal of a branch.
func (b *Bank) wifi(s *session) (access, Cause) {
	c, d := s.c, s.d
	switch {
	case d.kiosk:
		return b.line(b.net.In(int(s.city), internet.Office)[0], uint32(1500+s.city), false), CauseSharedDevice
	case s.city == c.work && c.office != nil && c.atOffice(b.nowMS):
		switch {
		case c.work != c.home:
			return *c.office, CauseBorder
		case c.central:
			return *c.office, CauseEmployer
		}
		return *c.office, 0
	case s.city != c.home:
		return b.hotel(c, s.city), 0
	}
	return b.atHome(c, d), c.lineOdd
}

// hotel is a guest's wifi, the same for the whole journey.
func (b *Bank) hotel(c *customer, city int32) access {
	nets := b.net.In(int(city), internet.Office)
	stay := uint64(c.trip.leave)
	return b.line(nets[int(c.seed.roll(stay)*float64(len(nets)))], 2048+uint32(c.seed.roll(stay+1)*200), c.seed.roll(stay+2) < shareHotelDual)
}

// Homes get another address when the operator says so: some with every day (lines in Germany are still cut at night),
// some now and then, most hardly ever (Padmanabhan et al., IMC 2016, "Reasons dynamic addresses change"); the shares are
// rounded. In v6 a device changes its own part of the address every day (RFC 8981).
const (
	shareDaily   = 0.1
	shareMonthly = 0.4
)

// atHome is the household's line as it is today, with the device's own part of the v6 address.
func (b *Bank) atHome(c *customer, d *device) access {
	a := c.homeLine
	day := uint64(b.nowMS / dayMS)
	lease := uint64(0)
	switch x := a.household.roll(0); {
	case x < shareDaily:
		lease = day
	case x < shareDaily+shareMonthly:
		lease = (day + uint64(x*1e6)) / 30
	}
	if lease != 0 {
		a.v4 = b.net.Networks[a.network].Addr4(uint32(a.household.roll(lease) * (1 << 16))).String()
	}
	if a.v6 != "" {
		a.v6 = b.net.Networks[a.network6].Addr6(c.household(), scatter(uint64(d.seed)+day)).String()
	}
	return a
}

// household is the number of the subscriber whose line it is.
func (c *customer) household() uint32 {
	if c.partner != nil {
		return min(c.n, c.partner.n)
	}
	return c.n
}

// connect opens a connection: address family, protocol and exit stay as long as it is used.
func (s *session) connect(b *Bank) {
	r := s.c.rng
	s.rechurn(b)
	before := s.ip
	s.ip = s.access.ip(r)
	if before != "" && isV6(before) != isV6(s.ip) {
		s.causes |= CauseDualStack
	}
	if isV6(s.ip) && b.net.Networks[s.access.network6].Kind == internet.Tunnel {
		s.causes |= CauseTunnel
	}
	s.inspected = s.inspects()
	s.quic = s.speaksQUIC && s.inspected == "" && chance(r, 0.7)
	s.resumed = s.connected && chance(r, shareResumed)
	s.connected = true
}

// shareResumed of the later connections resume a TLS session; plausible, not measured.
const shareResumed = 0.6

func isV6(ip string) bool {
	for i := range len(ip) {
		if ip[i] == ':' {
			return true
		}
	}
	return false
}

// rechurn draws another address where the network gives every connection its own.
func (s *session) rechurn(b *Bank) {
	r := s.c.rng
	switch s.access.churn {
	case gateway:
		before := s.ip
		b.reach(s)
		s.ip = before
	case relay:
		if chance(r, 0.3) {
			s.access = b.throughRelay(s.c, s.city, s.access)
		}
	case carrier:
		if !s.connected {
			return
		}
		s.causes |= CauseCGNAT
		s.access = b.repool(s.c, s.access)
	}
}
