package detector_test

import (
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
)

// The order to lift the brakes reaches every partition of a house, and has one decision.
func TestHouseLiftsEveryBrake(t *testing.T) {
	set := *loadShipped(t)
	set.Policy.Brake[rules.RequireReauth] = rules.Brake{PerMS: 300_000, Count: 1, OnTrip: rules.Observe}
	h := detector.NewHouse(detector.Config{Rules: &set}, detector.Dealing{Partitions: 3,
		Key: func(e *detector.Event) string { return e.User.ID }, PartitionOf: func(key []byte, n int) int { return int(key[0]-'a') % n }})
	var st story
	n := int64(0)
	show := func(id, user, where string) (last detector.Decision) {
		n++
		e := &detector.Event{ID: id, Source: "/t", Type: detector.SessionPresented, TypeName: "session.presented", TimeMS: storyStart.UnixMilli() + n*1000}
		e.Session.ID, e.User.ID, e.Record.Offset = "s-"+user, user, n
		if where == "" {
			e.Type, e.Session.ID, e.Control = detector.OperatorControl, "", detector.Control{Do: detector.ControlResumeBrake, By: "ann", Why: "mended"}
		} else {
			st.setAll(t, e, places[where], where)
			st.setAll(t, e, clients["chrome"], "chrome")
		}
		h.Observe(e, func(_ *detector.Event, out detector.Outcome) {
			for _, d := range out.Decisions {
				last = d
			}
		})
		return last
	}
	for _, user := range []string{"a", "b", "c", "aa", "bb", "cc"} {
		show(user+"1", user, "stockholm")
		show(user+"2", user, "changchun")
	}
	if d := show("x1", "", ""); len(d.Lifted) != 1 || d.Lifted[0].Held != 3 {
		t.Errorf("lifted %+v, want the brake on step-ups, which held 3 back on 3 partitions", d.Lifted)
	}
	for _, user := range []string{"aa", "bb", "cc"} {
		if d := show(user+"3", user, "lagos"); d.Action != rules.RequireReauth {
			t.Errorf("after the brake was lifted, %s is answered with %s", user, d.Action)
		}
	}
	if d := show("x1", "", ""); d.ID != "" {
		t.Errorf("the same order again was answered: %+v", d)
	}
}
