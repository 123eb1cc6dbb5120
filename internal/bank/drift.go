package bank

import (
	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// What changes in an honest session, as shares of its pages; plausible, not measured. A phone that changes between wifi
// and cellular fifteen times in sixteen waking hours does so in every sixtieth minute, and a page takes some seconds.
const (
	shareHandover    = 0.003
	shareVPNOnNow    = 0.008 // of the pages of who has a VPN, while it is off
	shareVPNOffNow   = 0.008 // while it is on
	shareDialNow     = 0.006 // the employer's VPN is switched on or off, or breaks off
	shareGatewayTrip = 0.004 // the gateway's agent lets traffic out directly, or is back
	shareRelaunch    = 0.002 // the browser is relaunched, of those that ask for it because an update waits
	shareDesktopSite = 0.001
	sharePlug        = 0.004 // an external monitor is plugged or unplugged
	shareLanguage    = 0.0003
)

// dress gives the session its client as the device shows it today.
func (b *Bank) dress(s *session) {
	d, r := s.d, s.c.rng
	s.version = d.running(b.nowMS)
	s.client = client{language: d.language, timezone: internet.Cities[s.city].Timezone, screen: d.screen, deviceID: d.id, native: s.native}
	if !d.phone && !d.tablet && s.city != s.c.home && chance(r, shareKeepsTZ) {
		s.client.timezone = internet.Cities[s.c.home].Timezone
	}
	if d.timezone != "" {
		s.client.timezone = d.timezone
	}
	if d.monitor != "" && chance(r, 0.5) {
		s.client.screen = d.monitor
	}
	if d.forgets {
		s.client.deviceID = "dev-" + token(r, 10)
		s.causes |= CauseNewDevice
	}
	if s.c.boughtMS != 0 && b.nowMS-s.c.boughtMS < 7*dayMS && d.phone {
		s.causes |= CauseNewDevice
	}
	s.unasked = d.forgets || !d.used && !d.kiosk
	if !d.used && !d.kiosk {
		d.used = true
		s.causes |= CauseFirstUse
	}
	if d.shared {
		s.causes |= CauseSharedDevice
	}
	if len(s.c.open) > 0 {
		s.causes |= CauseSecondSession
	}
	s.speaksQUIC, s.views = chance(r, shareQUIC), s.native && chance(r, shareViews)
	s.redress(b)
}

// asked is the first answer of the bank, which asks for all hints.
func (s *session) asked(b *Bank) {
	if !s.unasked {
		return
	}
	s.unasked = false
	if s.d.hints() {
		s.causes |= CauseHints
	}
	s.redress(b)
}

// drift is what changes in an honest session.
func (b *Bank) drift(s *session) {
	b.driftNetwork(s)
	b.driftClient(s)
	s.causes |= b.justMoved(s.access.network)
}

// driftNetwork: a phone leaves or finds wifi, a VPN is switched on or off, a gateway's agent stumbles.
func (b *Bank) driftNetwork(s *session) {
	r := s.c.rng
	switch {
	case s.d.kiosk || s.d.cloud != nil || s.c.flying(b.nowMS):
		return
	case s.d.phone && s.via != viaVPN && chance(r, s.c.handoverShare()):
		b.handOver(s)
		return
	case s.c.vpn >= 0 && s.via == direct && chance(r, shareVPNOnNow):
		s.causes |= CauseVPN
		s.via = viaVPN
	case s.via == viaVPN && chance(r, shareVPNOffNow):
		s.via = direct
	case s.d.work && s.c.employer != nil && chance(r, shareDialNow) && !s.c.atOffice(b.nowMS):
		s.causes |= CauseEmployer
		if s.via == viaEmployer {
			s.via = direct
		} else {
			s.via = viaEmployer
		}
	case s.d.work && s.c.gateway != 0 && chance(r, shareGatewayTrip):
		s.causes |= CauseGateway
		if s.via == viaGateway {
			s.via = direct
		} else {
			s.via = viaGateway
		}
	default:
		return
	}
	b.reach(s)
}

// handoverShare is the share of a phone's pages before which it changes between wifi and cellular.
func (c *customer) handoverShare() float64 {
	if c.group == behindCGNAT {
		return shareHandover * handoversOfGroup
	}
	return shareHandover
}

// handOver takes a phone from wifi to cellular or back.
func (b *Bank) handOver(s *session) {
	if s.c.flying(b.nowMS) {
		return
	}
	s.causes |= CauseHandover
	s.cell = !s.cell
	b.reach(s)
}

// driftClient: a browser restarts into its update, somebody asks for the desktop site, plugs in a monitor or reads on
// in another language.
func (b *Bank) driftClient(s *session) {
	r, d := s.c.rng, s.d
	switch {
	case !s.native && d.waits(b.nowMS) && chance(r, shareRelaunch):
		d.restartedMS = b.nowMS
		fallthrough
	case !s.native && s.version < d.running(b.nowMS):
		s.causes |= CauseUpdate
		s.version = d.running(b.nowMS)
	case d.platform == android && !s.native && !d.tablet && d.family != firefox && chance(r, shareDesktopSite):
		s.causes |= CauseDesktopSite
		s.desktopSite = !s.desktopSite
	case d.monitor != "" && chance(r, sharePlug):
		s.causes |= CauseScreen
		if s.client.screen == d.screen {
			s.client.screen = d.monitor
		} else {
			s.client.screen = d.screen
		}
	case chance(r, shareLanguage):
		s.causes |= CauseLanguage
		s.client.language = otherLanguage(s.client.language)
	default:
		return
	}
	s.redress(b)
}

// otherLanguage puts English first, or the language of the country again.
func otherLanguage(now string) string {
	const english = "en-GB,en;q=0.9"
	if now == english {
		return "en-US,en;q=0.9"
	}
	return english
}

// redress shows the client as it is now.
func (s *session) redress(b *Bank) {
	k := s.d.agentKey(s.version, s.createdMS)
	k.desktopSite, k.unasked = s.desktopSite, s.unasked
	s.client.agent = b.agent(k)
}

// view is the client as the app's web view shows it: the system's engine, with the app's device id.
func (s *session) view(b *Bank) *client {
	engine := family(chrome)
	if s.d.platform != android {
		engine = safari
	}
	k := s.d.agentKey(released(engine, s.createdMS), s.createdMS)
	k.webView = true
	v := s.client
	v.agent = b.agent(k)
	s.causes |= CauseWebView
	return &v
}
