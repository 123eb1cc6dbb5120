package detector_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
	"pgregory.net/rapid"
)

// wanderer makes a random but lawful stream: customers, thieves, late and repeated events, ends and step-ups.
type wanderer struct {
	rnd *rand.Rand
	n   int
	now int64
}

func (w *wanderer) next(t testing.TB) *detector.Event {
	w.n++
	w.now += w.rnd.Int64N(6_000)
	types := []detector.EventType{detector.SessionPresented, detector.SessionPresented, detector.SessionPresented, detector.SessionCreated,
		detector.SessionEnded, detector.ActionRequested, detector.AuthReauthenticated, detector.SessionRenewed, detector.CommandAcknowledged, detector.AccountDisabled}
	e := &detector.Event{ID: fmt.Sprint(w.n - w.rnd.IntN(2)), Source: "/test", Type: types[w.rnd.IntN(len(types))], TimeMS: storyStart.UnixMilli() + w.now}
	e.TypeName = e.Type.String()
	e.Record = detector.Record{Topic: "t", Offset: int64(w.n)}
	if w.rnd.IntN(10) == 0 {
		e.TimeMS -= w.rnd.Int64N(26 * 3600_000)
	}
	user := w.rnd.IntN(40)
	e.User.ID, e.Session.ID = fmt.Sprint("u", user), fmt.Sprint("s", user, "-", w.rnd.IntN(3))
	if e.Type == detector.SessionRenewed {
		e.Session.PreviousID, e.Session.ID = e.Session.ID, fmt.Sprint("r", w.n)
	}
	e.Action.Sensitivity = detector.Enum(w.rnd.IntN(5))
	e.Outcome = detector.Enum(w.rnd.IntN(3))
	e.Action.Kind, e.Action.Amount = detector.Enum(w.rnd.IntN(8)), detector.Real{V: w.rnd.Float64() * 1000, Set: true}
	var st story
	if e.Type != detector.AccountDisabled {
		st.setAll(t, e, pick(w.rnd, places), "place")
		st.setAll(t, e, pick(w.rnd, clients), "client")
	}
	return e
}

// pick draws one of a table's values, whatever order the map has.
func pick(rnd *rand.Rand, table map[string]string) string {
	names := make([]string, 0, len(table))
	for n := range table {
		names = append(names, n)
	}
	slices.Sort(names)
	return table[names[rnd.IntN(len(names))]]
}

// Going on after a snapshot and a restore equals going on without: the same outcomes, the same state.
func TestRestoreGoesOnAsIfNothingHappened(t *testing.T) {
	set := loadShipped(t)
	cfg := detector.Config{Rules: set, MaxSessions: 60, MaxUsers: 30}
	for seed := range uint64(5) {
		w := &wanderer{rnd: rand.New(rand.NewPCG(seed, 1))}
		steady, restarted := detector.New(cfg), detector.New(cfg)
		decisions := 0
		for i := range 3000 {
			e := w.next(t)
			want, got := render(steady.Observe(e)), render(restarted.Observe(e))
			if want != got {
				t.Fatalf("seed %d, event %d: after restarts\n%s\nwithout\n%s", seed, i, got, want)
			}
			decisions += len(want)
			if i%500 == 499 {
				restarted = restart(t, cfg, restarted)
			}
		}
		if steady.Hash() != restarted.Hash() {
			t.Errorf("seed %d: the states differ", seed)
		}
		if decisions == 0 {
			t.Error("the stream had no decisions")
		}
		if s := steady.Stats(); s.Sessions > 60 || s.Users > 30 || s.Evicted == 0 {
			t.Errorf("populations are not capped: %+v", s)
		}
	}
}

func restart(t rapid.TB, cfg detector.Config, g *detector.Engine) *detector.Engine {
	t.Helper()
	var b bytes.Buffer
	if err := g.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	fresh := detector.New(cfg)
	if err := fresh.Restore(&b); err != nil {
		t.Fatal(err)
	}
	return fresh
}

func render(out detector.Outcome) string {
	b := []byte(out.Fate.String())
	for i := range out.Decisions {
		b = detector.AppendDecision(append(b, '\n'), &out.Decisions[i], nil)
	}
	for i := range out.Commands {
		b = detector.AppendCommand(append(b, '\n'), &out.Commands[i])
	}
	return string(b)
}

func TestSnapshotOfAnotherKeyIsRefused(t *testing.T) {
	set := loadShipped(t)
	var b bytes.Buffer
	if err := detector.New(detector.Config{Rules: set}).Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	err := detector.New(detector.Config{Rules: set, HashKey: [2]uint64{1, 2}}).Restore(&b)
	if !errors.Is(err, detector.ErrHashKey) {
		t.Errorf("got %v", err)
	}
}

// Every single flipped byte of a snapshot is noticed, and the engine stays as it was.
func TestCorruptSnapshotIsRefused(t *testing.T) {
	set := loadShipped(t)
	g := detector.New(detector.Config{Rules: set})
	w := &wanderer{rnd: rand.New(rand.NewPCG(7, 7))}
	for range 50 {
		g.Observe(w.next(t))
	}
	var b bytes.Buffer
	if err := g.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	before := g.Hash()
	for i := 0; i < b.Len(); i += 97 {
		bad := bytes.Clone(b.Bytes())
		bad[i] ^= 0x40
		if err := g.Restore(bytes.NewReader(bad)); err == nil {
			t.Fatalf("byte %d flipped, and the snapshot was taken", i)
		}
		if err := g.Restore(bytes.NewReader(bad[:i])); err == nil {
			t.Fatalf("cut at byte %d, and the snapshot was taken", i)
		}
	}
	if g.Hash() != before {
		t.Error("a refused snapshot changed the engine")
	}
}

func FuzzRestore(f *testing.F) {
	set := loadShipped(f)
	g := detector.New(detector.Config{Rules: set})
	w := &wanderer{rnd: rand.New(rand.NewPCG(3, 3))}
	for range 20 {
		g.Observe(w.next(f))
	}
	var b bytes.Buffer
	if err := g.Snapshot(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		fresh := detector.New(detector.Config{Rules: set})
		if fresh.Restore(bytes.NewReader(data)) == nil {
			w := &wanderer{rnd: rand.New(rand.NewPCG(4, 4))}
			for range 20 {
				fresh.Observe(w.next(t))
			}
		}
	})
}

// ordinary is a customer's request like the one before.
func ordinary(t testing.TB) *detector.Event {
	e := &detector.Event{Source: "/test", Type: detector.SessionPresented, TypeName: "session.presented", TimeMS: storyStart.UnixMilli()}
	e.Session.ID, e.User.ID, e.Device.ID = "ses_7Yk2Qm9x", "u-4711", "dev-31b0"
	e.Client.JA4, e.Client.Timezone, e.Client.Screen = "t13d1516h2_8daaf6152771_02713d6af862", "Europe/Stockholm", "1920x1080"
	var st story
	st.setAll(t, e, places["stockholm"], "stockholm")
	st.setAll(t, e, clients["chrome"], "chrome")
	return e
}

func TestOrdinaryEventAllocatesNothing(t *testing.T) {
	g := detector.New(detector.Config{Rules: loadShipped(t)})
	e, ids := ordinary(t), [...]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}
	n := 0
	step := func() {
		n++
		e.ID = ids[n%len(ids)]
		e.TimeMS += 1000
		if out := g.Observe(e); out.Fate != detector.Evaluated || len(out.Decisions) > 0 {
			t.Fatalf("not ordinary: %+v", out)
		}
	}
	step()
	if got := testing.AllocsPerRun(1000, step); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

// The cost of an ordinary event among many live sessions.
func BenchmarkObserve(b *testing.B) {
	for _, sessions := range []int{1, 10_000, 300_000} {
		b.Run(fmt.Sprint(sessions), func(b *testing.B) {
			g := detector.New(detector.Config{Rules: loadShipped(b)})
			e := ordinary(b)
			ids := make([]string, sessions)
			for i := range ids {
				ids[i] = fmt.Sprint("ses_", i)
			}
			eventIDs := make([]string, 1<<16)
			for i := range eventIDs {
				eventIDs[i] = fmt.Sprint("event-", i)
			}
			rnd := rand.New(rand.NewPCG(1, 1))
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				s := rnd.IntN(sessions)
				e.Session.ID, e.User.ID, e.ID = ids[s], ids[s/2], eventIDs[i%len(eventIDs)]
				e.TimeMS++
				i++
				g.Observe(e)
			}
		})
	}
}

func BenchmarkSnapshot(b *testing.B) {
	g := detector.New(detector.Config{Rules: loadShipped(b)})
	e := ordinary(b)
	for i := range 100_000 {
		e.Session.ID, e.User.ID, e.ID = fmt.Sprint("ses_", i), fmt.Sprint("u-", i/2), fmt.Sprint(i)
		e.TimeMS++
		g.Observe(e)
	}
	var buf bytes.Buffer
	if err := g.Snapshot(&buf); err != nil {
		b.Fatal(err)
	}
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(buf.Len()))
		for b.Loop() {
			var w bytes.Buffer
			w.Grow(buf.Len())
			_ = g.Snapshot(&w)
		}
	})
	b.Run("restore", func(b *testing.B) {
		b.SetBytes(int64(buf.Len()))
		for b.Loop() {
			if err := g.Restore(bytes.NewReader(buf.Bytes())); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "sessions/s")
	})
}

// What a finding measures is what the language lists of its detector: `expect: facts` can name nothing else.
func TestFactsAreListed(t *testing.T) {
	g, seen := detector.New(detector.Config{Rules: loadShipped(t)}), map[string]bool{}
	w := &wanderer{rnd: rand.New(rand.NewPCG(5, 5))}
	detectorOf := map[string]string{}
	for _, r := range loadShipped(t).Rules {
		detectorOf[r.ID] = detector.Language().Detectors[r.Detector].Name
	}
	for range 4000 {
		for _, d := range g.Observe(w.next(t)).Decisions {
			for _, f := range d.Findings {
				seen[f.Rule] = true
				i, _ := detector.Language().Detector(detectorOf[f.Rule])
				if len(f.Nearest) == 0 {
					t.Fatalf("%s does not say when it would not have fired", f.Rule)
				}
				for _, fact := range f.Facts {
					if !slices.ContainsFunc(detector.Language().Detectors[i].Facts, func(l rules.Field) bool { return l.Name == fact.Name }) {
						t.Fatalf("%s measures %s, which its detector does not list", f.Rule, fact.Name)
					}
				}
			}
		}
	}
	if len(seen) < 10 { // habits take days that a walk of some minutes does not last
		t.Errorf("only %v fired", seen)
	}
}
