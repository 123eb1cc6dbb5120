package bank

// drift is what changes in an honest session: a phone leaves or finds wifi, a VPN is switched on, a browser restarts
// into its update, somebody asks for the desktop site.
func (b *Bank) drift(s *session) {
	r, city := s.c.rng, s.city
	switch {
	case s.d.phone && !s.onVPN && chance(r, 0.012):
		s.causes |= CauseHandover
		s.cell = !s.cell
		if s.cell {
			s.move(b.cellular(s.c, city))
		} else {
			s.move(b.wifi(s.c, city))
		}
	case s.c.vpn >= 0 && !s.onVPN && chance(r, 0.02):
		s.causes |= CauseVPN
		s.onVPN = true
		s.move(b.throughVPN(s.c, s.access))
	case b.nowMS-s.createdMS > 5*60_000 && s.d.update(r, b.nowMS, 0.05):
		s.causes |= CauseUpdate
		s.redress(b)
	case s.d.platform == android && !s.native && s.d.family != firefox && chance(r, 0.001):
		s.causes |= CauseDesktopSite
		s.desktopSite = true
		s.redress(b)
	}
}

// redress shows the client as it is now.
func (s *session) redress(b *Bank) {
	k := s.d.agentKey()
	k.desktopSite = s.desktopSite
	s.client.agent = b.agent(k)
}
