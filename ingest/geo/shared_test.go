package geo

import (
	"path/filepath"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
)

func TestMaxMindTestDatabases(t *testing.T) {
	db := open(t, Files{
		City: shared(t, "maxmind/GeoIP2-City-Test.mmdb"), ASN: shared(t, "maxmind/GeoLite2-ASN-Test.mmdb"),
		Anonymous: shared(t, "maxmind/GeoIP2-Anonymous-IP-Test.mmdb"), ConnectionType: shared(t, "maxmind/GeoIP2-Connection-Type-Test.mmdb")})
	type row struct {
		country, city string
		radius        float64
		asn           int64
		connection    string
		anonymous     detector.Anonymous
	}
	every := detector.VPN | detector.Tor | detector.PublicProxy | detector.ResidentialProxy | detector.Hosting
	for ip, want := range map[string]row{
		"81.2.69.142":    {"GB", "London", 10, 0, "", every},
		"89.160.20.112":  {"SE", "Linköping", 76, 29518, "", 0},
		"2.125.160.216":  {"GB", "Boxford", 100, 0, "Cable/DSL", 0},
		"216.160.83.56":  {"US", "Milton", 22, 209, "Corporate", 0},
		"67.43.156.1":    {"BT", "", 534, 35908, "Cellular", 0},
		"175.16.199.1":   {"CN", "Changchun", 100, 0, "Cable/DSL", 0},
		"2001:218::1":    {"JP", "", 100, 0, "", 0},
		"1.2.0.1":        {"", "", 0, 0, "", detector.VPN},
		"65.0.0.1":       {"", "", 0, 0, "", detector.Tor},
		"2001:db8::1234": {},
	} {
		g := lookup(db, NewCache(8), ip)
		if got := (row{g.Country, g.City, g.AccuracyRadiusKM.V, g.ASN.V, g.Connection, g.Anonymous}); got != want {
			t.Errorf("%s: got %+v, want %+v", ip, got, want)
		}
	}
}

func TestMaxMindOtherTypes(t *testing.T) {
	open(t, Files{City: shared(t, "maxmind/GeoLite2-City-Test.mmdb"), ASN: shared(t, "maxmind/GeoIP2-ISP-Test.mmdb"), Anonymous: shared(t, "maxmind/GeoIP-Anonymous-Plus-Test.mmdb")})
	db := open(t, Files{City: shared(t, "maxmind/GeoIP2-Enterprise-Test.mmdb")})
	if g := lookup(db, nil, "214.78.120.1"); g.ASN.V != 14593 || g.Connection != "Satellite" {
		t.Errorf("Starlink in Enterprise: %+v", g)
	}
	if g := lookup(db, nil, "214.1.1.1"); g.Anycast != detector.True {
		t.Errorf("anycast in Enterprise: %+v", g)
	}
}

// Every database that is broken on purpose is refused, in every role.
func TestMaxMindBrokenDatabases(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(shared(t, "maxmind/bad"), "*.mmdb"))
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d broken databases: %v", len(paths), err)
	}
	paths = append(paths, shared(t, "maxmind/GeoIP2-City-Test-Broken-Double-Format.mmdb"),
		shared(t, "maxmind/GeoIP2-City-Test-Invalid-Node-Count.mmdb"), shared(t, "maxmind/GeoLite2-Country-Test.mmdb"),
		shared(t, "maxmind/GeoIP-Residential-Proxy-Test.mmdb"))
	for _, path := range paths {
		for _, f := range []Files{{City: path}, {ASN: path}, {Anonymous: path}, {ConnectionType: path}} {
			if _, err := Open(f); err == nil {
				t.Errorf("opened %+v", f)
			} else if f.City != "" {
				t.Log(err)
			}
		}
	}
}
