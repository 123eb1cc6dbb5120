package detector_test

import (
	"fmt"
	"maps"
	"reflect"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"pgregory.net/rapid"
)

// A verdict that is said twice, by two analysts or two consoles, counts and teaches once.
func TestPropertyVerdictTwiceIsOnce(t *testing.T) {
	set := loadShipped(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		once, twice := detector.New(detector.Config{Rules: set}), detector.New(detector.Config{Rules: set})
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			e := w.event()
			out := once.Observe(e)
			w.saw(out)
			if want, got := render(out), render(twice.Observe(e)); want != got {
				t.Fatalf("where verdicts are said twice\n%s\nonce\n%s%s", got, want, w.story())
			}
			if e.Type != detector.VerdictRecorded || e.Background == detector.True {
				continue
			}
			again := *e
			again.ID += "-again"
			if out := twice.Observe(&again); len(out.Decisions)+len(out.Commands) > 0 {
				t.Fatalf("the second word was answered: %s%s", render(out), w.story())
			}
		}
		if a, b := once.Stats(), twice.Stats(); !reflect.DeepEqual(a.Lately, b.Lately) || !reflect.DeepEqual(a.Verdicts, b.Verdicts) {
			t.Fatalf("counted %v, said twice %v%s", a.Lately, b.Lately, w.story())
		}
	})
}

// A verdict on one customer's decision and another customer's event may come in either order.
func TestPropertyVerdictAndAnotherCustomer(t *testing.T) {
	set := loadShipped(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		first, after := detector.New(detector.Config{Rules: set}), detector.New(detector.Config{Rules: set})
		both := func(e *detector.Event) string {
			out := first.Observe(e)
			w.saw(out)
			want := render(out)
			if got := render(after.Observe(e)); got != want {
				t.Fatalf("with the verdict before\n%s\nafter\n%s%s", want, got, w.story())
			}
			return want
		}
		for range rapid.IntRange(1, 30).Draw(t, "events") {
			both(w.event())
		}
		other := w.event()
		verdict := *other
		verdict.ID, verdict.Type, verdict.Background, verdict.Verdict = "verdict", detector.VerdictRecorded, detector.Absent, detector.Verdict{}
		w.speak(&verdict)
		other.User.ID, other.Session.ID, other.Session.PreviousID = "somebody-else", "a-session-of-his", ""
		a1, a2 := render(first.Observe(&verdict)), render(first.Observe(other))
		b2, b1 := render(after.Observe(other)), render(after.Observe(&verdict))
		if a1 != b1 || a2 != b2 {
			t.Fatalf("verdict first\n%s%s\nlast\n%s%s%s", a1, a2, b1, b2, w.story())
		}
		for range rapid.IntRange(1, 10).Draw(t, "more") {
			both(w.event())
		}
	})
}

// However many decisions and verdicts: what is remembered of them is bounded, and the oldest gives way.
func TestVerdictsAreBounded(t *testing.T) {
	g := detector.New(detector.Config{Rules: loadShipped(t), MaxSessions: 100, MaxUsers: 100})
	var st story
	var first, last string
	for i := range 10_000 {
		user := fmt.Sprint("u", i)
		decision := drifted(t, g, &st, user, int64(i)*5_000)
		if decision == "" {
			t.Fatalf("no decision for %s", user)
		}
		if first == "" {
			first = decision
		}
		last = decision
		say(g, user, decision, detector.LabelFalsePositive, int64(i)*5_000+3_000)
	}
	records := detector.PopulationOf(g)
	if records.Pasts != 4096 || records.Tallies > 1024 {
		t.Errorf("%d decisions and %d tallies are remembered", records.Pasts, records.Tallies)
	}
	before := g.Stats()
	say(g, "u0", first, detector.LabelTruePositive, 10_000*5_000)
	say(g, "u9999", last, detector.LabelTruePositive, 10_000*5_000)
	after := g.Stats()
	if after.UnknownVerdicts-before.UnknownVerdicts != 1 || after.Confirmed-before.Confirmed != 1 {
		t.Errorf("unknown verdicts %d, confirmed thefts %d: want one more of each", after.UnknownVerdicts, after.Confirmed)
	}
	v := after.Lately["fingerprint-drift"]
	if share, known := v.Precision(); !known || v.True != 1 || share != 1/float64(v.False+1) {
		t.Errorf("precision %v of %+v", share, v)
	}
	if !maps.Equal(before.Lately, before.Verdicts) {
		t.Errorf("of the last week %v, since the start %v: all of it was this week", before.Lately, before.Verdicts)
	}
}

// drifted lets a customer's session become another client's, and gives the decision's id.
func drifted(t *testing.T, g *detector.Engine, st *story, user string, atMS int64) string {
	for i, client := range []string{"chrome", "firefox"} {
		e := &detector.Event{ID: fmt.Sprint(user, i), Source: "/test", Type: detector.SessionPresented, TimeMS: storyStart.UnixMilli() + atMS + int64(i)*1000}
		e.User.ID, e.Session.ID = user, "s-"+user
		e.Record = detector.Record{Topic: "t", Offset: atMS + int64(i)}
		st.setAll(t, e, places["stockholm"], "place")
		st.setAll(t, e, clients[client], client)
		if out := g.Observe(e); len(out.Decisions) > 0 {
			return out.Decisions[0].ID
		}
	}
	return ""
}

func say(g *detector.Engine, user, decision string, label detector.Enum, atMS int64) {
	e := &detector.Event{ID: fmt.Sprint(decision, label), Source: "/soc", Type: detector.VerdictRecorded, TimeMS: storyStart.UnixMilli() + atMS}
	e.User.ID, e.Verdict = user, detector.Verdict{DecisionID: decision, Label: label}
	g.Observe(e)
}

// Answers are counted by action and result, those to unknown commands by themselves; what is not answered in time is a gauge.
func TestAnswersAreCounted(t *testing.T) {
	g := detector.New(detector.Config{Rules: loadShipped(t)})
	var st story
	drifted(t, g, &st, "anna", 0)
	if n := g.Stats().Unanswered; n != 0 {
		t.Errorf("%d commands are called unanswered at once", n)
	}
	drifted(t, g, &st, "bo", 40_000)
	if n := g.Stats().Unanswered; n != 1 {
		t.Errorf("%d commands are unanswered, want anna's", n)
	}
	e := &detector.Event{ID: "ack", Source: "/auth", Type: detector.CommandAcknowledged, TimeMS: storyStart.UnixMilli() + 50_000}
	e.User.ID, e.Command = "anna", detector.Acknowledgement{ID: "c1-none", Result: detector.ResultApplied}
	g.Observe(e)
	s := g.Stats()
	if s.UnknownAnswers != 1 || s.Answers != (detector.Answers{}) || s.Unanswered != 1 {
		t.Errorf("an answer to an unknown command: %d unknown, counted %v, %d unanswered", s.UnknownAnswers, s.Answers, s.Unanswered)
	}
	if detector.NumResults != len(detector.Results) {
		t.Error("NumResults is not the number of Results")
	}
}
