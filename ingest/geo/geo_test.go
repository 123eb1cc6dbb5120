package geo

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/sessionguard/sessionguard/detector"
)

func real(v float64) detector.Real { return detector.Real{V: v, Set: true} }

func TestLookupJoinsDatabases(t *testing.T) {
	db := open(t, Files{
		City: smallCity(t), ASN: smallASN(t),
		Anonymous: writeDatabase(t, "anonymous.mmdb", "GeoIP2-Anonymous-IP", buildDay, records{
			"81.2.69.0/24": {"is_anonymous": mmdbtype.Bool(true), "is_anonymous_vpn": mmdbtype.Bool(true), "is_hosting_provider": mmdbtype.Bool(true)}}),
		ConnectionType: writeDatabase(t, "connection.mmdb", "GeoIP2-Connection-Type", buildDay, records{
			"81.2.0.0/16": {"connection_type": mmdbtype.String("Cable/DSL")}}),
	})
	want := detector.Geo{
		Lat: real(51.5), Lon: real(-0.12), AccuracyRadiusKM: real(10), Country: "GB", Region: "Londonshire", City: "London",
		ASN: detector.Whole{V: 20712, Set: true}, ASOrg: "Andrews & Arnold", Connection: "Cable/DSL",
		Anonymous: detector.VPN | detector.Hosting, Build: db.Build(),
	}
	if got := lookup(db, nil, "81.2.69.142"); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if missing := db.Missing(); len(missing) != 0 {
		t.Errorf("missing %q with all four databases open", missing)
	}
}

func TestLookupLeavesAbsentWhatNoDatabaseSays(t *testing.T) {
	db := open(t, Files{City: smallCity(t)})
	none := detector.Geo{Build: "2026-11-18"}
	f := func(ip string, want detector.Geo) {
		t.Helper()
		if got := lookup(db, NewCache(16), ip); got != want {
			t.Errorf("%s: got %+v, want %+v", ip, got, want)
		}
	}
	f("8.8.8.8", none)
	f("2a00::1", none)
	f("203.0.113.7", none)
	f("5.0.1.2", detector.Geo{Country: "NO", Build: "2026-11-18"}) // a country without coordinates is not at 0,0
	for _, ip := range []string{"10.1.2.3", "100.64.9.9", "127.0.0.1", "169.254.1.1", "192.168.0.1", "224.0.0.1",
		"::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1"} {
		f(ip, detector.Geo{}) // not looked up: not even a build
	}
	f("::ffff:89.160.20.112", lookup(db, nil, "89.160.20.112"))

	var e detector.Event
	e.Client.Geo.Country = "XX"
	db.Lookup(nil, &e)
	if e.Client.Geo != (detector.Geo{}) {
		t.Errorf("without an address: %+v", e.Client.Geo)
	}
}

func TestEnterpriseAndISPFields(t *testing.T) {
	enterprise := city("US", "Milton", 47.2, -122.3, 22)
	enterprise["traits"] = mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(209), "autonomous_system_organization": mmdbtype.String("CenturyLink"),
		"connection_type": mmdbtype.String("Cellular"), "is_anycast": mmdbtype.Bool(true), "user_type": mmdbtype.String("hosting"), "isp": mmdbtype.String("iCloud Private Relay")}
	path := writeDatabase(t, "enterprise.mmdb", "GeoIP2-Enterprise", buildDay, records{"216.160.83.0/24": enterprise})
	db := open(t, Files{City: path})
	got := lookup(db, nil, "216.160.83.56")
	if got.ASN.V != 209 || got.ASOrg != "CenturyLink" || got.Connection != "Cellular" || got.Anycast != detector.True || got.Anonymous != detector.Relay|detector.Hosting {
		t.Errorf("Enterprise: %+v", got)
	}
	if missing := db.Missing(); !reflect.DeepEqual(missing, []string{"anonymous"}) {
		t.Errorf("missing %q beside Enterprise", missing)
	}

	// A database of its own role says it better than Enterprise does, where it says anything.
	db = open(t, Files{City: path, ASN: writeDatabase(t, "isp.mmdb", "GeoIP2-ISP", buildDay, records{"216.160.83.32/27": asn(64500, "Other")})})
	if got := lookup(db, nil, "216.160.83.56"); got.ASN.V != 64500 || got.ASOrg != "Other" {
		t.Errorf("ISP over Enterprise: %+v", got)
	}
	if got := lookup(db, nil, "216.160.83.1"); got.ASN.V != 209 {
		t.Errorf("ISP that does not know the address: %+v", got)
	}
}

// DB-IP writes no accuracy radius, and its coordinates as 32-bit numbers.
func TestDBIPCity(t *testing.T) {
	db := open(t, Files{City: writeDatabase(t, "dbip.mmdb", "DBIP-City-Lite", buildDay, records{"5.1.0.0/16": {
		"country":  mmdbtype.Map{"iso_code": mmdbtype.String("DE")},
		"city":     mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String("Berlin")}},
		"location": mmdbtype.Map{"latitude": mmdbtype.Float32(52.5), "longitude": mmdbtype.Float32(13.5)}}})})
	want := detector.Geo{Country: "DE", City: "Berlin", Lat: real(52.5), Lon: real(13.5), Build: "2026-11-18"}
	if got := lookup(db, nil, "5.1.2.3"); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBuildTellsDatabasesApart(t *testing.T) {
	places, networks := smallCity(t), smallASN(t)
	alone, both := open(t, Files{City: places}).Build(), open(t, Files{City: places, ASN: networks}).Build()
	if alone != "2026-11-18" {
		t.Errorf("city alone: %q", alone)
	}
	if !strings.HasPrefix(both, "2026-11-19+") || len(both) != len("2026-11-19+01234567") {
		t.Errorf("city and ASN: %q", both)
	}
	if again := open(t, Files{City: places, ASN: networks}).Build(); again != both {
		t.Errorf("the same files are %q and %q", both, again)
	}
	other := writeDatabase(t, "asn.mmdb", "GeoLite2-ASN", buildDay.AddDate(0, 0, 1), records{"81.2.0.0/16": asn(1, "")})
	if changed := open(t, Files{City: places, ASN: other}).Build(); changed == both {
		t.Errorf("two different ASN files of one date are both %q", both)
	}
	if none := open(t, Files{}).Build(); none != "" {
		t.Errorf("no file: %q", none)
	}
}

func TestNilIsWithoutFiles(t *testing.T) {
	var none *Databases
	if none.Build() != "" || len(none.Opened()) != 0 || len(none.Missing()) != len(roles) {
		t.Errorf("build %q, opened %v, missing %q", none.Build(), none.Opened(), none.Missing())
	}
	if db, err := NewWatcher(none).Check(buildDay); db != nil || err != nil {
		t.Errorf("watching nothing gave %v, %v", db, err)
	}
}

// Many owners look up in one Databases, each with its own cache; the race detector watches.
func TestOwnersShareDatabases(t *testing.T) {
	db := open(t, Files{City: smallCity(t), ASN: smallASN(t)})
	want := lookup(db, nil, "89.160.20.112")
	var owners sync.WaitGroup
	for range 4 {
		owners.Go(func() {
			c := NewCache(4)
			for i := range 500 {
				lookup(db, c, netip.AddrFrom4([4]byte{89, 160, byte(i % 40), byte(i)}).String())
			}
			if got := lookup(db, c, "89.160.20.112"); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
	owners.Wait()
}

func TestOpenRefuses(t *testing.T) {
	good := smallCity(t)
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	f := func(files Files, want ...string) {
		t.Helper()
		db, err := Open(files)
		if err == nil || db != nil {
			t.Fatalf("opened; want an error with %q", want)
		}
		for _, part := range want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("error %q lacks %q", err, part)
			}
		}
	}
	f(Files{City: "no-such.mmdb"}, `open geoip city database "no-such.mmdb": `, "no such file")
	f(Files{City: t.TempDir()}, "is a directory")
	f(Files{City: file("empty.mmdb", nil)}, "empty.mmdb", "the file is empty")
	f(Files{City: file("text.mmdb", []byte("hello"))}, "text.mmdb", "not a MaxMind database")
	f(Files{City: file("half.mmdb", content[:len(content)/2])}, "half.mmdb", "not a MaxMind database")
	f(Files{City: smallASN(t)}, "it is a GeoLite2-ASN database; wanted: City or Enterprise")
	f(Files{ASN: good}, "it is a GeoLite2-City database; wanted: ASN or ISP")
	f(Files{City: writeDatabase(t, "c.mmdb", "GeoLite2-Country", buildDay, nil)}, "country database (GeoLite2-Country) and has no coordinates")
	f(Files{City: writeDatabase(t, "u.mmdb", "My-Own", buildDay, nil)}, `databases of type "My-Own" are not read`)
	f(Files{City: "no-such.mmdb", ASN: good}, "no-such.mmdb", "wanted: ASN or ISP") // every fault, not the first alone
}

// A database in which any one byte is wrong is refused, or gives an answer or none: never a panic.
func TestDamagedDatabasesDoNotPanic(t *testing.T) {
	content, err := os.ReadFile(smallCity(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "damaged.mmdb")
	refused := 0
	for i := 0; i < len(content); i += 7 {
		damaged := append([]byte(nil), content...)
		damaged[i] ^= 0xff
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := Open(Files{City: path})
		if err != nil {
			refused++
			continue
		}
		for _, ip := range []string{"81.2.69.142", "89.160.20.112", "5.0.0.1", "2a02:1200::1"} {
			lookup(db, nil, ip)
		}
	}
	if refused == 0 {
		t.Error("no damage was noticed")
	}
}

func FuzzOpen(f *testing.F) {
	content, err := os.ReadFile(smallCity(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	path := filepath.Join(f.TempDir(), "fuzzed.mmdb")
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := Open(Files{City: path})
		if err != nil {
			return
		}
		a := netip.MustParseAddr("81.2.69.142")
		if g, bits, _ := db.find(a); bits > 32 || g.Build != db.Build() {
			t.Errorf("answer %+v for /%d", g, bits)
		}
	})
}
