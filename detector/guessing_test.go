package detector_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
)

// probing is a house that is shown unknown ids.
type probing struct {
	house              *detector.House
	n, told, decisions int
	last               *detector.Finding
}

func newProbing(t *testing.T) *probing {
	return &probing{house: detector.NewHouse(detector.Config{Rules: loadShipped(t)}, detector.Dealing{})}
}

func (p *probing) show(e detector.Event) {
	p.n++
	e.ID, e.Source, e.TypeName, e.Record = fmt.Sprint("e", p.n), "/test", e.Type.String(), detector.Record{Topic: "t", Offset: int64(p.n)}
	p.house.Observe(&e, func(shown *detector.Event, out detector.Outcome) {
		p.told += len(out.Observations)
		for i := range out.Decisions {
			p.decisions++
			p.last = &out.Decisions[i].Findings[0]
		}
	})
}

func unknownID(id string, atMS int64, ip string) detector.Event {
	e := detector.Event{Type: detector.SessionUnknownID, TimeMS: storyStart.UnixMilli() + atMS}
	e.Session.ID, e.Client.IP = id, netip.MustParseAddr(ip)
	return e
}

// Ten thousand unknown ids a second from one address: what is told is bounded, what is counted is not lost, and a minute brings one verdict.
func TestGuessingFlood(t *testing.T) {
	p := newProbing(t)
	const perSecond, seconds = 10_000, 5
	for i := range perSecond * seconds {
		p.show(unknownID(fmt.Sprint("guess-", i), int64(i/10), "203.0.113.7"))
	}
	if limit := seconds * 45; p.told > limit {
		t.Errorf("%d observations of %d events, at most %d", p.told, p.n, limit)
	}
	if p.decisions != 1 {
		t.Errorf("%d decisions", p.decisions)
	}
	p.show(unknownID("last", 61_000, "203.0.113.7"))
	p.show(unknownID("last of all", 62_000, "203.0.113.7"))
	for i := range 30 {
		p.show(unknownID(fmt.Sprint("more-", i), 63_000+int64(i), "203.0.113.7"))
	}
	if p.decisions != 2 {
		t.Errorf("%d decisions after another minute", p.decisions)
	}
}

// After a release an app does not know two hundred sessions of an office's people any more: they began there, and their devices are different.
func TestGuessingAfterARelease(t *testing.T) {
	f := func(name string, known, withDevice bool, decisions int) {
		t.Helper()
		p := newProbing(t)
		for i := range 200 {
			if known {
				e := detector.Event{Type: detector.SessionCreated, TimeMS: storyStart.UnixMilli() - 24*3600_000 + int64(i)}
				e.Session.ID, e.User.ID, e.Client.IP = fmt.Sprint("old-", i), fmt.Sprint("user-", i), netip.MustParseAddr("203.0.113.7")
				p.show(e)
			}
		}
		for round := range 3 { // each app asks three times
			for i := range 200 {
				e := unknownID(fmt.Sprint("old-", i), int64(round)*20_000+int64(i)*50, "203.0.113.7")
				if withDevice {
					e.Device.ID = fmt.Sprint("device-", i)
				}
				p.show(e)
			}
		}
		if p.decisions != decisions {
			t.Errorf("%s: %d decisions, want %d", name, p.decisions, decisions)
		}
	}
	f("customers that are known there", true, false, 0)
	f("different devices", false, true, 0)
	f("nobody knows who", false, false, 1)
}

// Who gives each guess a device of its own gains so much and no more.
func TestGuessingWithInventedDevices(t *testing.T) {
	p := newProbing(t)
	for i := range 400 {
		e := unknownID(fmt.Sprint("guess-", i), int64(i)*100, "203.0.113.7")
		e.Device.ID = fmt.Sprint("invented-", i)
		p.show(e)
	}
	if p.decisions != 1 {
		t.Errorf("%d decisions", p.decisions)
	}
}

// A history that was cut by snapshots ends as one that was not.
func TestGuessingOverRestarts(t *testing.T) {
	cfg := detector.Config{Rules: loadShipped(t)}
	steady, cut := detector.NewHouse(cfg, detector.Dealing{}), detector.NewHouse(cfg, detector.Dealing{})
	for i := range 300 {
		e := unknownID(fmt.Sprint("guess-", i), int64(i)*700, "203.0.113.7")
		e.ID, e.Source, e.TypeName = fmt.Sprint("e", i), "/test", e.Type.String()
		var want, got string
		steady.Observe(&e, func(_ *detector.Event, out detector.Outcome) { want += render(out) })
		cut.Observe(&e, func(_ *detector.Event, out detector.Outcome) { got += render(out) })
		if want != got {
			t.Fatalf("event %d\n got %s\nwant %s", i, got, want)
		}
		if i%37 == 0 {
			cfg.Stage = detector.FirstStage
			cut.First[0] = restart(t, cfg, cut.First[0])
			cfg.Stage = detector.SecondStage
			cut.Second[0] = restart(t, cfg, cut.Second[0])
		}
	}
	if steady.Second[0].Hash() != cut.Second[0].Hash() || steady.First[0].Hash() != cut.First[0].Hash() {
		t.Error("the states differ")
	}
}

// A flood from thousands of networks at once: what a partition tells in a second is bounded, and what it does not tell waits for the network's
// next id, or is counted as left out.
func TestGuessingFloodFromManyNetworks(t *testing.T) {
	g := detector.New(detector.Config{Rules: loadShipped(t)})
	shown, counted := 0, int64(0)
	for second := range 20 {
		told := 0
		for i := range 3000 {
			e := unknownID(fmt.Sprint("guess-", second, "-", i), int64(second)*1000, fmt.Sprintf("198.%d.%d.7", 18+i/256, i%256))
			e.ID, e.Source, e.TypeName = fmt.Sprint(second, "-", i), "/test", e.Type.String()
			shown++
			for _, o := range g.Observe(&e).Observations {
				told++
				counted += o.Observation.Count.V
			}
		}
		if told > 256 {
			t.Errorf("%d observations in a second", told)
		}
	}
	if left := g.Stats().Untold; counted+int64(left)+int64(detector.Waiting(g)) != int64(shown) || left == 0 {
		t.Errorf("%d ids: %d told, %d left out, %d wait", shown, counted, left, detector.Waiting(g))
	}
}
