package geo

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/sessionguard/sessionguard/detector"
)

var buildDay = time.Date(2026, 11, 18, 6, 0, 0, 0, time.UTC)

type records map[string]mmdbtype.Map

// writeDatabase makes a small real database and gives its path.
func writeDatabase(t testing.TB, name, kind string, built time.Time, entries records) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: kind, BuildEpoch: built.Unix(), RecordSize: 24,
		Description: map[string]string{"en": "sessionguard's own, for tests"}})
	if err != nil {
		t.Fatal(err)
	}
	for prefix, record := range entries {
		_, network, err := net.ParseCIDR(prefix)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(network, record); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := tree.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	return path
}

func city(country, name string, lat, lon float64, radius uint16) mmdbtype.Map {
	return mmdbtype.Map{
		"country":  mmdbtype.Map{"iso_code": mmdbtype.String(country)},
		"city":     mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String(name), "de": mmdbtype.String("auf Deutsch")}},
		"location": mmdbtype.Map{"latitude": mmdbtype.Float64(lat), "longitude": mmdbtype.Float64(lon), "accuracy_radius": mmdbtype.Uint16(radius)},
		"subdivisions": mmdbtype.Slice{mmdbtype.Map{"iso_code": mmdbtype.String("R1"),
			"names": mmdbtype.Map{"en": mmdbtype.String(name + "shire")}}},
	}
}

func asn(number uint32, org string) mmdbtype.Map {
	return mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(number), "autonomous_system_organization": mmdbtype.String(org)}
}

func smallCity(t testing.TB) string {
	return writeDatabase(t, "city.mmdb", "GeoLite2-City", buildDay, records{
		"81.2.0.0/16":     city("GB", "London", 51.5, -0.12, 10),
		"89.160.20.0/24":  city("SE", "Linköping", 58.4, 15.6, 76),
		"89.160.21.64/26": city("SE", "Motala", 58.5, 15.0, 20),
		"2a02:1200::/28":  city("CH", "Bern", 46.9, 7.4, 30),
		"5.0.0.0/16":      {"country": mmdbtype.Map{"iso_code": mmdbtype.String("NO")}},
	})
}

func smallASN(t testing.TB) string {
	return writeDatabase(t, "asn.mmdb", "GeoLite2-ASN", buildDay.AddDate(0, 0, 1), records{
		"81.2.0.0/16": asn(20712, "Andrews & Arnold"), "89.160.20.112/28": asn(29518, "Bredband2 AB")})
}

func open(t testing.TB, f Files) *Databases {
	t.Helper()
	db, err := Open(f)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// lookup asks with the cache, which may be nil.
func lookup(d *Databases, c *Cache, ip string) detector.Geo {
	var e detector.Event
	e.Client.IP = netip.MustParseAddr(ip)
	d.Lookup(c, &e)
	return e.Client.Geo
}

// shared gives a file of the outside test data, or skips.
func shared(t testing.TB, path string) string {
	t.Helper()
	root := os.Getenv("SHARED_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	full := filepath.Join(root, filepath.FromSlash(path))
	if _, err := os.Stat(full); err != nil {
		t.Skipf("needs the outside test data: set SHARED_DATA to its folder (%v)", err)
	}
	return full
}
