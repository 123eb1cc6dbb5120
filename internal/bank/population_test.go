package bank

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// TestTheDecoderTakesEveryHonestEvent holds the world to the contract by the product's own reader.
func TestTheDecoderTakesEveryHonestEvent(t *testing.T) {
	t.Parallel()
	var d cloudevents.Decoder
	var e detector.Event
	play(t, Config{Users: 800, Seed: 4, For: 4 * 24 * time.Hour, Geo: true, Labels: true}, func(_ *Bank, p *Published) {
		if err := d.Decode(cloudevents.Message{Value: p.JSON}, &e); err != nil {
			t.Fatalf("%v: %s", err, p.JSON)
		}
		if e.Dropped > 0 || e.Type == detector.UnknownType {
			t.Fatalf("%d fields of a wrong type, or an unknown event: %s", e.Dropped, p.JSON)
		}
	})
}

// TestGatewaysRotateTheirExits: a company's people come from more than 200 addresses in a week, some of which
// databases take for a hosting provider's, and from more than one city.
func TestGatewaysRotateTheirExits(t *testing.T) {
	t.Parallel()
	addresses, cities, hosted, people := map[string]bool{}, map[int]bool{}, 0, map[uint32]bool{}
	play(t, Config{Users: 1800, Seed: 8, For: 7 * 24 * time.Hour}, func(b *Bank, p *Published) {
		s := b.sessions[p.Label.SessionID]
		if s == nil || s.via != viaGateway || addresses[s.ip] {
			return
		}
		n := &b.net.Networks[s.access.network]
		addresses[s.ip], cities[n.Site], people[s.c.n] = true, true, true
		if n.Hosted {
			hosted++
		}
	})
	if perHead := float64(len(addresses)) / float64(len(people)); len(addresses) <= 200 || perHead < 8 {
		t.Errorf("%d addresses of %d people", len(addresses), len(people))
	}
	t.Logf("%d addresses of %d people in %d cities", len(addresses), len(people), len(cities))
	if len(cities) < 4 || hosted == 0 || hosted == len(addresses) {
		t.Errorf("%d cities, %d of %d addresses hosted", len(cities), hosted, len(addresses))
	}
}

// shareRunning is the share of a world's devices of a family that run at least a version.
func shareRunning(b *Bank, f family, version int, atMS int64) float64 {
	have, all := 0, 0
	for i := range b.customers {
		for k := range b.customers[i].devices {
			if d := &b.customers[i].devices[k]; d.family == f {
				all++
				if d.running(atMS) >= version {
					have++
				}
			}
		}
	}
	return float64(have) / float64(all)
}

func TestAReleaseRollsOutOverDays(t *testing.T) {
	b, err := New(Config{Users: 4000, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []family{chrome, edge, firefox, safari, bankApp} {
		next := releases[f].first + 2
		out := releases[f].releasedMS(next)
		before := -1.0
		for _, x := range []struct{ days, lo, hi float64 }{{0, 0, 0.05}, {1, 0.02, 0.25}, {4, 0.25, 0.6}, {7, 0.4, 0.8}, {14, 0.75, 0.98}} {
			share := shareRunning(b, f, next, out+int64(x.days*dayMS))
			if share < x.lo || share > x.hi || share < before {
				t.Errorf("%.0f days after its release %.2f run version %d of family %d, want %.2f to %.2f and no fewer than before", x.days, share, next, f, x.lo, x.hi)
			}
			before = share
		}
	}
}

func TestADeviceNeverGoesBack(t *testing.T) {
	for n := range 500 {
		d := &device{family: chrome, seed: seed(scatter(uint64(n)))}
		version := 0
		for atMS := int64(calendarMS); atMS < calendarMS+200*dayMS; atMS += 7 * hourMS {
			now := d.running(atMS)
			if now < version {
				t.Fatalf("device %d went from %d back to %d", n, version, now)
			}
			version = now
		}
		if version < releases[chrome].first+4 {
			t.Errorf("device %d still runs %d after 200 days", n, version)
		}
	}
}

func TestTheTwoOfAHouseholdAgreeOnTheirMachine(t *testing.T) {
	b, err := New(Config{Users: 3000, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	shared := map[string]*device{}
	pairs := 0
	for i := range b.customers {
		c := &b.customers[i]
		for k := range c.devices {
			d := &c.devices[k]
			other := shared[d.id]
			if shared[d.id] = d; other == nil {
				continue
			}
			pairs++
			if c.partner == nil || c.home != c.partner.home || c.homeLine.v4 != c.partner.homeLine.v4 {
				t.Errorf("%s shares a machine with somebody who lives elsewhere", c.id)
			}
			for day := range int64(90) {
				if at := int64(calendarMS) + day*dayMS; d.running(at) != other.running(at) || *b.agent(d.agentKey(1, at)) != *b.agent(other.agentKey(1, at)) {
					t.Fatalf("%s and her partner see different browsers on day %d", c.id, day)
				}
			}
		}
	}
	if share := float64(pairs) / float64(len(b.customers)); share < 0.05 || share > 0.2 {
		t.Errorf("%d shared machines", pairs)
	}
}

func TestSharesOfThePopulation(t *testing.T) {
	b, err := New(Config{Users: 5000, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for i := range b.customers {
		c := &b.customers[i]
		for name, is := range map[string]bool{
			"VPN": c.vpn >= 0, "relay": c.relay, "office": c.office != nil, "gateway": c.gateway != 0, "border": c.work != c.home, "partner": c.partner != nil, "shifts": c.shifts,
			"v6": c.homeLine.v6 != "", "satellite": b.net.Networks[c.homeLine.network].Kind == internet.Satellite, "tourist": c.travels == tourist, "business": c.travels == business,
		} {
			if is {
				count[name]++
			}
		}
	}
	f := func(name string, want float64) {
		t.Helper()
		if got := float64(count[name]) / 5000; got < want*0.7-0.001 || got > want*1.3+0.001 {
			t.Errorf("%s: %.3f, want about %.3f", name, got, want)
		}
	}
	f("VPN", shareVPN)
	f("relay", shareRelay)
	f("office", shareOffice)
	f("gateway", shareOffice*shareComputer*shareLaptop*shareGateway)
	f("partner", 0.52)
	f("shifts", shareShifts)
	f("v6", shareDualStack)
	f("satellite", shareSatellite)
	f("tourist", shareTourists)
	f("business", shareBusiness)
	f("border", 0.006)
}

// Mobile networks: a median error of 179 to 207 km over all continents (arXiv 2605.21937), from the phone, not from the
// carrier's gateway; and a radius that holds two phones of three (MaxMind).
func TestDatabasesMisplacePhonesAsMeasured(t *testing.T) {
	t.Parallel()
	var errorsKM []float64
	inside := 0
	play(t, Config{Users: 3000, Seed: 9, For: 24 * time.Hour}, func(b *Bank, p *Published) {
		s := b.sessions[p.Label.SessionID]
		if s == nil || !p.Label.Begins || !s.cell || s.via != direct || s.c.place(b.nowMS) != s.c.home {
			return
		}
		lat, lon := s.c.where(b.nowMS)
		known := &b.geo.places[s.access.network]
		km := internet.DistanceKM(lat, lon, known.Lat, known.Lon)
		if errorsKM = append(errorsKM, km); km <= known.RadiusKM {
			inside++
		}
	})
	slices.Sort(errorsKM)
	if m := errorsKM[len(errorsKM)/2]; m < 130 || m > 260 {
		t.Errorf("median error %.0f km", m)
	}
	if share := float64(inside) / float64(len(errorsKM)); share < 0.5 || share > 0.8 {
		t.Errorf("%.2f of the radii hold the phone", share)
	}
	t.Logf("%d sessions, median %.0f km, %.2f inside", len(errorsKM), errorsKM[len(errorsKM)/2], float64(inside)/float64(len(errorsKM)))
}

func TestThePageNamesEveryCause(t *testing.T) {
	page, err := os.ReadFile("../../docs/simulator.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range causeNames {
		if !strings.Contains(string(page), "| `"+name+"` |") {
			t.Errorf("docs/simulator.md does not tell what %q is", name)
		}
	}
}

// TestADatabaseUpdateMovesSomeAddresses plays a week with two updates: an address that did not move is found elsewhere.
func TestADatabaseUpdateMovesSomeAddresses(t *testing.T) {
	t.Parallel()
	type place struct{ lat, lon float64 }
	at, moved, told := map[string]place{}, map[string]bool{}, 0
	var d cloudevents.Decoder
	var e detector.Event
	play(t, Config{Users: 2000, Seed: 12, For: 6 * 24 * time.Hour, Geo: true}, func(_ *Bank, p *Published) {
		if err := d.Decode(cloudevents.Message{Value: p.JSON}, &e); err != nil {
			t.Fatal(err)
		}
		g := &e.Client.Geo
		if !g.Lat.Set {
			return
		}
		ip, now := e.Client.IP.String(), place{g.Lat.V, g.Lon.V}
		if was, seen := at[ip]; seen && was != now {
			moved[ip] = true
			if p.Label.Cause&CauseGeoUpdate != 0 {
				told++
			}
		}
		at[ip] = now
	})
	if share := float64(len(moved)) / float64(len(at)); share < 0.001 || share > 0.05 {
		t.Errorf("%d of %d addresses moved", len(moved), len(at))
	}
	if told*10 < len(moved)*9 {
		t.Errorf("%d addresses moved, %d times a label told of it", len(moved), told)
	}
}

// TestAggregatorsComeByProgram: sessions of kind api begin on rented servers, at most four a customer and day.
func TestAggregatorsComeByProgram(t *testing.T) {
	t.Parallel()
	var d cloudevents.Decoder
	var e detector.Event
	perDay := map[string]int{}
	play(t, Config{Users: 900, Seed: 13, For: 3 * 24 * time.Hour, Geo: true}, func(_ *Bank, p *Published) {
		if err := d.Decode(cloudevents.Message{Value: p.JSON}, &e); err != nil {
			t.Fatal(err)
		}
		if e.Session.Kind != detector.KindAPI || e.Type != detector.SessionCreated || !p.Label.Begins {
			return
		}
		if e.Client.Geo.Lat.Set && e.Client.Geo.Anonymous&detector.Hosting == 0 || p.Label.Cause&CauseAggregator == 0 {
			t.Fatalf("an aggregator at home: %s", p.JSON)
		}
		perDay[p.Key+e.User.ID+time.UnixMilli(p.TimeMS).UTC().Format(time.DateOnly)]++
	})
	if len(perDay) < 50 {
		t.Errorf("only %d customers and days", len(perDay))
	}
	for who, n := range perDay {
		if n > 5 { // days are not cut at midnight
			t.Errorf("%d sessions of %s", n, who)
		}
	}
}
