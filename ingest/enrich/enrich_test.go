package enrich

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
	"github.com/sessionguard/sessionguard/ingest/geo"
)

const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"

// sweden makes databases in which 89.160.0.0/16 is in Sweden.
func sweden(t testing.TB) *geo.Databases {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "GeoLite2-City", Description: map[string]string{"en": "for tests"},
		BuildEpoch: time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	_, network, _ := net.ParseCIDR("89.160.0.0/16")
	if err := tree.Insert(network, mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String("SE")}}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "city.mmdb")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := tree.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	db, err := geo.Open(geo.Files{City: path})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func event(claim detector.Geo) *detector.Event {
	e := &detector.Event{}
	e.Client.IP = netip.MustParseAddr("89.160.20.112")
	e.Client.UserAgent = chrome
	e.Client.Brands = []detector.Brand{{Brand: "Not/A)Brand", Version: "8"}, {Brand: "Google Chrome", Version: "142"}}
	e.Client.Platform = "Windows"
	e.Client.Geo = claim
	return e
}

func TestEnrich(t *testing.T) {
	db := sweden(t)
	claim := detector.Geo{Country: "NO", Lat: detector.Real{V: 1234, Set: true}}
	f := func(db *geo.Databases, trustGeo bool, claim, want detector.Geo, wantDropped uint64) {
		t.Helper()
		n := New(db, trustGeo)
		e := event(claim)
		n.Enrich(e)
		if e.Client.Geo != want {
			t.Errorf("place %+v, want %+v", e.Client.Geo, want)
		}
		if n.DroppedGeo() != wantDropped {
			t.Errorf("%d places dropped, want %d", n.DroppedGeo(), wantDropped)
		}
		if a := e.Client.Agent; a.Browser != detector.Chrome || a.Brand != detector.Chrome || a.Major != 142 || a.OS != detector.Windows || a.Hash == 0 {
			t.Errorf("agent %+v", a)
		}
	}
	looked := detector.Geo{Country: "SE", Build: "2026-11-18"}
	trusted := claim
	trusted.Build = FromEvent // also what cannot be a coordinate: the engine judges that
	f(db, false, detector.Geo{}, looked, 0)
	f(db, false, claim, looked, 1)
	f(db, true, claim, trusted, 0)
	f(db, true, detector.Geo{}, looked, 0)
	f(nil, false, claim, detector.Geo{}, 1)
	f(nil, true, claim, trusted, 0)
	f(nil, false, detector.Geo{}, detector.Geo{}, 0)
}

func TestAdopt(t *testing.T) {
	n := New(nil, false)
	n.Enrich(event(detector.Geo{}))
	n.Adopt(sweden(t))
	e := event(detector.Geo{})
	n.Enrich(e)
	if e.Client.Geo.Country != "SE" {
		t.Errorf("after Adopt: %+v", e.Client.Geo)
	}
	n.Adopt(nil)
	n.Enrich(e)
	if e.Client.Geo != (detector.Geo{}) {
		t.Errorf("without databases again: %+v", e.Client.Geo)
	}
}

func TestOrdinaryEventDoesNotAllocate(t *testing.T) {
	n := New(sweden(t), false)
	e := event(detector.Geo{})
	if count := testing.AllocsPerRun(100, func() { n.Enrich(e) }); count != 0 {
		t.Errorf("%v allocations", count)
	}
	if s := n.Stats(); s.GeoMisses != 1 || s.AgentMisses != 1 || s.GeoHits == 0 || s.GeoHits != s.AgentHits {
		t.Errorf("counters %+v", s)
	}
}

func BenchmarkEnrich(b *testing.B) {
	n := New(sweden(b), false)
	e := event(detector.Geo{})
	b.ReportAllocs()
	for b.Loop() {
		n.Enrich(e)
	}
}
