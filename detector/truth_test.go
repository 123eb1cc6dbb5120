package detector

import (
	"bytes"
	"encoding/binary"
	"testing"
	"unsafe"

	"github.com/sessionguard/sessionguard/rules"
)

// lisbon is where the bank saw a customer; no other number of the test looks like it.
const lisbonLat, lisbonLon = 38.7, -9.1

func sawHim(id, user string, atMS int64, lat, lon float64) *Event {
	e := &Event{ID: id, Source: "/t", Type: PlaceObserved, TypeName: PlaceObserved.String(), TimeMS: atMS}
	e.User.ID = user
	e.Place = BankPlace{Lat: Real{lat, true}, Lon: Real{lon, true}, Kind: PlaceATM}
	return e
}

// anySet is a set of rules that has no part in a test.
func anySet(t *testing.T) *rules.Set {
	t.Helper()
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: []byte("version: 1\nrules:\n  - {id: r, score: 1, evidence: network, when: client.geo.asn == 1}\n")}}, Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}

// holds says whether a place lies in the bytes of a snapshot.
func holds(t *testing.T, g *Engine, lat, lon float64) bool {
	t.Helper()
	var b bytes.Buffer
	if err := g.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	at := binary.LittleEndian.AppendUint32(nil, uint32(coarse(lat)))
	return bytes.Contains(b.Bytes(), binary.LittleEndian.AppendUint32(at, uint32(coarse(lon))))
}

// Where the bank saw a customer is forgotten after a day, to the last byte: in memory as the sweep comes by, in a snapshot at once.
func TestTruthIsForgottenToTheLastByte(t *testing.T) {
	const start, day = 1_795_338_000_000, 24 * 3600_000
	g := New(Config{Rules: anySet(t)})
	g.Observe(sawHim("1", "u", start, lisbonLat, lisbonLon))
	g.Observe(sawHim("2", "u", start+day/2, 59.3, 18.1))
	if !holds(t, g, lisbonLat, lisbonLon) || !holds(t, g, 59.3, 18.1) {
		t.Fatal("the snapshot does not hold where the bank saw the customer: the test looks for the wrong bytes")
	}
	g.Observe(sawHim("3", "other", start+day, 10, 10))
	if !holds(t, g, lisbonLat, lisbonLon) {
		t.Error("it was forgotten before its day was over")
	}
	g.Observe(sawHim("4", "other", start+day+1, 10, 10))
	if holds(t, g, lisbonLat, lisbonLon) {
		t.Error("a snapshot holds it after a day")
	}
	if !holds(t, g, 59.3, 18.1) {
		t.Error("what is still to be known was forgotten with it")
	}
}

// The sweep gives the memory back, also where nothing is saved.
func TestSweepForgetsTruth(t *testing.T) {
	const start, day = 1_795_338_000_000, 24 * 3600_000
	g := New(Config{Rules: anySet(t)})
	g.Observe(sawHim("1", "u", start, lisbonLat, lisbonLon))
	record := g.truths.at(1)
	g.clock = start + day + 1
	for range 3 {
		g.sweep()
	}
	if *record != (truth{}) || g.truths.live() != 0 || g.users.at(1).truth != 0 {
		t.Errorf("after the sweep %d bytes hold %+v", unsafe.Sizeof(*record), *record)
	}
}

// What is seen again and again takes one place; what was announced is not pushed out by what is paid.
func TestTruthKeepsWhatCounts(t *testing.T) {
	var tr truth
	tr.put(witness{at: 1, until: 1000, kind: PlaceTravelNotice, lat: 7}, 0)
	for at := int64(2); at < 50; at++ {
		tr.put(witness{at: at, until: 1000, kind: PlaceCard, lat: int32(at % 6)}, at)
	}
	want := truth{places: [4]witness{
		{at: 1, until: 1000, kind: PlaceTravelNotice, lat: 7}, {at: 47, until: 1000, kind: PlaceCard, lat: 5},
		{at: 48, until: 1000, kind: PlaceCard, lat: 0}, {at: 49, until: 1000, kind: PlaceCard, lat: 1}}}
	if tr != want {
		t.Errorf("got  %+v\nwant %+v", tr, want)
	}
	tr.put(witness{at: 40, until: 1000, kind: PlaceCard, lat: 1}, 49) // come late
	if tr != want {
		t.Errorf("a late one took the place of what was known: %+v", tr)
	}
}

// A snapshot is only a copy: that it was made, or a digest of the state was, shows nowhere in the state.
func TestSnapshotChangesNothing(t *testing.T) {
	const start, day = 1_795_338_000_000, 24 * 3600_000
	g := New(Config{Rules: anySet(t)})
	g.Observe(sawHim("1", "u", start, lisbonLat, lisbonLon))
	g.clock = start + day + 1
	before := *g.truths.at(1)
	g.Hash()
	if holds(t, g, lisbonLat, lisbonLon) {
		t.Error("a snapshot holds what is over")
	}
	if *g.truths.at(1) != before {
		t.Errorf("the state was %+v before a snapshot and is %+v after it", before, *g.truths.at(1))
	}
}
