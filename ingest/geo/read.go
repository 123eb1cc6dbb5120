package geo

import (
	"net/netip"
	"strings"

	"github.com/oschwald/geoip2-golang/v2"

	"github.com/sessionguard/sessionguard/detector"
)

func readCity(r *geoip2.Reader, a netip.Addr, g *detector.Geo) (netip.Prefix, error) {
	city, err := r.City(a)
	if err != nil {
		return netip.Prefix{}, err
	}
	setLocation(g, &city.Location)
	g.Country, g.City = city.Country.ISOCode, city.City.Names.English
	if len(city.Subdivisions) > 0 {
		g.Region = either(city.Subdivisions[0].Names.English, city.Subdivisions[0].ISOCode)
	}
	setAnycast(g, city.Traits.IsAnycast)
	return city.Traits.Network, nil
}

func readEnterprise(r *geoip2.Reader, a netip.Addr, g *detector.Geo) (netip.Prefix, error) {
	e, err := r.Enterprise(a)
	if err != nil {
		return netip.Prefix{}, err
	}
	setLocation(g, &e.Location)
	g.Country, g.City = e.Country.ISOCode, e.City.Names.English
	if len(e.Subdivisions) > 0 {
		g.Region = either(e.Subdivisions[0].Names.English, e.Subdivisions[0].ISOCode)
	}
	setNetwork(g, e.Traits.AutonomousSystemNumber, e.Traits.AutonomousSystemOrganization)
	g.Connection = e.Traits.ConnectionType
	setAnycast(g, e.Traits.IsAnycast)
	g.Anonymous |= userTypes[e.Traits.UserType] | relay(e.Traits.ISP, e.Traits.Organization)
	return e.Traits.Network, nil
}

func readASN(r *geoip2.Reader, a netip.Addr, g *detector.Geo) (netip.Prefix, error) {
	asn, err := r.ASN(a)
	if err != nil {
		return netip.Prefix{}, err
	}
	setNetwork(g, asn.AutonomousSystemNumber, asn.AutonomousSystemOrganization)
	return asn.Network, nil
}

func readISP(r *geoip2.Reader, a netip.Addr, g *detector.Geo) (netip.Prefix, error) {
	isp, err := r.ISP(a)
	if err != nil {
		return netip.Prefix{}, err
	}
	setNetwork(g, isp.AutonomousSystemNumber, isp.AutonomousSystemOrganization)
	g.Anonymous |= relay(isp.ISP, isp.Organization)
	return isp.Network, nil
}

func readAnonymousIP(r *geoip2.Reader, a netip.Addr, g *detector.Geo) (netip.Prefix, error) {
	x, err := r.AnonymousIP(a)
	if err != nil {
		return netip.Prefix{}, err
	}
	setAnonymous(g, x.IsAnonymousVPN, x.IsTorExitNode, x.IsPublicProxy, x.IsResidentialProxy, x.IsHostingProvider)
	return x.Network, nil
}

func readAnonymousPlus(r *geoip2.Reader, a netip.Addr, g *detector.Geo) (netip.Prefix, error) {
	x, err := r.AnonymousPlus(a)
	if err != nil {
		return netip.Prefix{}, err
	}
	setAnonymous(g, x.IsAnonymousVPN, x.IsTorExitNode, x.IsPublicProxy, x.IsResidentialProxy, x.IsHostingProvider)
	g.Anonymous |= relay(x.ProviderName, "")
	return x.Network, nil
}

func readConnectionType(r *geoip2.Reader, a netip.Addr, g *detector.Geo) (netip.Prefix, error) {
	c, err := r.ConnectionType(a)
	if err != nil {
		return netip.Prefix{}, err
	}
	g.Connection = either(c.ConnectionType, g.Connection)
	return c.Network, nil
}

// setLocation takes coordinates as they are: a pair, or none. The engine judges their range.
func setLocation(g *detector.Geo, l *geoip2.Location) {
	if l.HasCoordinates() {
		g.Lat, g.Lon = detector.Real{V: *l.Latitude, Set: true}, detector.Real{V: *l.Longitude, Set: true}
	}
	if l.AccuracyRadius > 0 { // DB-IP writes none: unknown, not exact
		g.AccuracyRadiusKM = detector.Real{V: float64(l.AccuracyRadius), Set: true}
	}
}

// setNetwork keeps what an Enterprise database said when the ASN database does not know the address.
func setNetwork(g *detector.Geo, asn uint, org string) {
	if asn == 0 {
		return
	}
	g.ASN, g.ASOrg = detector.Whole{V: int64(asn), Set: true}, org
}

// setAnycast leaves the flag absent when the database does not set it: other makers than MaxMind do not know.
func setAnycast(g *detector.Geo, anycast bool) {
	if anycast {
		g.Anycast = detector.True
	}
}

func setAnonymous(g *detector.Geo, vpn, tor, public, residential, hosting bool) {
	g.Anonymous |= only(vpn, detector.VPN) | only(tor, detector.Tor) | only(public, detector.PublicProxy) |
		only(residential, detector.ResidentialProxy) | only(hosting, detector.Hosting)
}

func only(is bool, kind detector.Anonymous) detector.Anonymous {
	if is {
		return kind
	}
	return 0
}

// userTypes are the Enterprise database's user types that say what kind of network hides the user.
var userTypes = map[string]detector.Anonymous{
	"consumer_privacy_network": detector.Relay,
	"hosting":                  detector.Hosting,
}

// relay knows Apple's relay by the name that MaxMind gives it; its exits are in the user's own region.
func relay(isp, organization string) detector.Anonymous {
	const name = "iCloud Private Relay"
	if strings.EqualFold(isp, name) || strings.EqualFold(organization, name) {
		return detector.Relay
	}
	return 0
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
