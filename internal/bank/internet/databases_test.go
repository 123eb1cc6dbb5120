package internet

import (
	"crypto/sha256"
	"net/netip"
	"os"
	"testing"

	"github.com/oschwald/geoip2-golang/v2"
)

func open(t *testing.T, path string) *geoip2.Reader {
	t.Helper()
	r, err := geoip2.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestDatabasesSayOfEveryNetworkWhatTheWorldKnows(t *testing.T) {
	in := New()
	files, err := in.WriteDatabases(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	city, asn := open(t, files.City), open(t, files.ASN)
	anonymous, connection := open(t, files.Anonymous), open(t, files.ConnectionType)
	for i := range in.Networks {
		n := &in.Networks[i]
		for _, ip := range []netip.Addr{n.Addr4(0), n.Addr4(1 << 20), n.Addr6(77, 0xfeed)} {
			if !ip.IsValid() {
				continue
			}
			c, err := city.City(ip)
			if err != nil {
				t.Fatal(err)
			}
			if c.City.Names.English != cityName(n) || c.Country.ISOCode != n.Country ||
				*c.Location.Latitude != n.Lat || *c.Location.Longitude != n.Lon || float64(c.Location.AccuracyRadius) != n.RadiusKM {
				t.Fatalf("%s of %s: city record %+v", ip, n.Org, c)
			}
			if a, err := asn.ASN(ip); err != nil || uint32(a.AutonomousSystemNumber) != n.ASN || a.AutonomousSystemOrganization != n.Org {
				t.Fatalf("%s of %s: ASN record %+v, %v", ip, n.Org, a, err)
			}
			a, err := anonymous.AnonymousIP(ip)
			if err != nil || a.IsAnonymousVPN != (n.Kind == VPN) || a.IsTorExitNode != (n.Kind == Tor) || a.IsHostingProvider != (n.Kind == Hosting || n.Kind == CloudEdge || n.Kind == Gateway && n.Hosted) {
				t.Fatalf("%s of %s: anonymous record %+v, %v", ip, n.Org, a, err)
			}
			if k, err := connection.ConnectionType(ip); err != nil || k.ConnectionType != n.Connection() {
				t.Fatalf("%s of %s: connection record %+v, %v", ip, n.Org, k, err)
			}
		}
	}
}

func cityName(n *Network) string {
	if n.City < 0 {
		return ""
	}
	return Cities[n.City].Name
}

func TestDatabasesAreTheSameBytesEveryTime(t *testing.T) {
	var sums [2][4][32]byte
	for run := range sums {
		files, err := New().WriteDatabases(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range []string{files.City, files.ASN, files.Anonymous, files.ConnectionType} {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			sums[run][i] = sha256.Sum256(b)
		}
	}
	if sums[0] != sums[1] {
		t.Error("two writes gave different bytes")
	}
}

func TestWriteDatabasesNamesTheFileItCannotWrite(t *testing.T) {
	if _, err := New().WriteDatabases("no/such/dir"); err == nil {
		t.Error("no error for a folder that does not exist")
	}
}

func TestEveryPlaceCanBeLivedIn(t *testing.T) {
	in := New()
	for c := range Cities {
		for _, k := range []Kind{Home, Mobile, Office} {
			if len(in.In(c, k)) == 0 {
				t.Errorf("%s has no network of kind %d", Cities[c].Name, k)
			}
		}
		for _, id := range in.In(c, Mobile) {
			n := &in.Networks[id]
			if d := apartKM(n.Site, c); d > gatewayReachKM {
				t.Errorf("%s: its gateway of %s is %.0f km away", Cities[c].Name, n.Org, d)
			}
		}
	}
}

func TestAddressesArePublicAndOfTheirNetwork(t *testing.T) {
	in := New()
	seen := map[netip.Prefix]bool{}
	for i := range in.Networks {
		n := &in.Networks[i]
		if seen[n.V4] {
			t.Errorf("%s twice", n.V4)
		}
		seen[n.V4] = true
		for _, ip := range []netip.Addr{n.Addr4(0), n.Addr4(1<<32 - 1)} {
			if !n.V4.Contains(ip) || ip.IsPrivate() || !ip.IsGlobalUnicast() {
				t.Errorf("%s is no public address of %s", ip, n.V4)
			}
		}
		if ip := n.Addr6(1<<32-1, 1); ip.IsValid() && !n.V6.Contains(ip) {
			t.Errorf("%s is not in %s", ip, n.V6)
		}
	}
}

func TestDistanceKM(t *testing.T) {
	f := func(latA, lonA, latB, lonB, want float64) {
		t.Helper()
		if got := DistanceKM(latA, lonA, latB, lonB); got < want-1 || got > want+1 {
			t.Errorf("got %.1f km, want %.1f", got, want)
		}
	}
	f(59.3293, 18.0686, 59.3293, 18.0686, 0)
	f(51.5074, -0.1278, 40.7128, -74.0060, 5570) // London to New York
	f(0, 179.5, 0, -179.5, 111)                  // across the antimeridian
	f(90, 0, -90, 0, 20015)                      // pole to pole
}
