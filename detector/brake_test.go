package detector

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/sessionguard/sessionguard/rules"
)

// The brake trips when both the count (the bank's, divided by the partitions) and the share of live sessions are exceeded within the
// window, stays on until a person lifts it, and counts by event time alone.
func TestBrakeTripsOnBothCountAndShare(t *testing.T) {
	limit := rules.Brake{PerMS: 60_000, Count: 200, Share: 0.005}
	tripsAt := func(name string, partitions, live, want int, everyMS int64) {
		t.Helper()
		var b brakeState
		for n := 1; n <= 2000; n++ {
			if b.holds(limit, partitions, live, 1_700_000_000_000+int64(n)*everyMS) {
				if n != want {
					t.Errorf("%s: tripped at answer %d, want %d", name, n, want)
				}
				return
			}
		}
		if want != 0 {
			t.Errorf("%s: never tripped, want %d", name, want)
		}
	}
	tripsAt("count decides", 1, 1000, 201, 1)
	tripsAt("share decides", 1, 100_000, 501, 1)
	tripsAt("a partition has its part of the count", 48, 100, 6, 1)
	tripsAt("slow enough for ever", 1, 1000, 0, 400)

	b := brakeState{tripped: 1}
	if !b.holds(limit, 1, 1000, 1_800_000_000_000) {
		t.Error("a tripped brake let go by itself")
	}
}

// A brake of one rule holds back what that rule asks for and nothing else; it is in the snapshot, and a person lifts it.
func TestBrakeOfOneRule(t *testing.T) {
	set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: []byte(`version: 1
policy: {brake: {require_reauth: {count: 100000}}}
rules:
  - {id: noisy, mode: enforce, score: 50, evidence: client, when: session.kind == "browser", brake: {per: 5m, count: 3, share: 0%}}
  - {id: sound, mode: enforce, score: 50, evidence: network, when: client.geo.asn == 64500}
`)}}, Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	cfg := Config{Rules: set}
	g, n := New(cfg), 0
	show := func(asn int64) string {
		n++
		e := &Event{ID: strconv.Itoa(n), Source: "/t", Type: SessionPresented, TimeMS: 1_700_000_000_000 + int64(n)*1000}
		e.Session.ID, e.User.ID, e.Session.Kind, e.Client.Geo.ASN = "s"+strconv.Itoa(n), "u", KindBrowser, Whole{asn, true}
		d := g.Observe(e).Decisions[0]
		return d.Action.String() + " " + d.Braked.String()
	}
	expect := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	for range 3 {
		expect("within the limit", show(1), "require_reauth none")
	}
	expect("one too many", show(1), "observe require_reauth")
	expect("what another rule asks for", show(64500), "require_reauth revoke_session")

	var snapshot bytes.Buffer
	if err := g.Snapshot(&snapshot); err != nil {
		t.Fatal(err)
	}
	g = New(cfg)
	if err := g.Restore(&snapshot); err != nil {
		t.Fatal(err)
	}
	expect("after a restart", show(1), "observe require_reauth")
	g.Observe(&Event{ID: "resume", Source: "/t", Type: OperatorControl, TimeMS: 1_700_000_100_000, Control: Control{Do: ControlResumeBrake}})
	n += 100
	expect("after a person's word", show(1), "require_reauth none")
}

// Rules that are adopted may count over another time. What was counted before belongs to the old one; it must not stay for ever.
func TestBrakeCountsAnewOverAnotherTime(t *testing.T) {
	const start = 1_700_000_000_000
	var b brakeState
	minute := rules.Brake{PerMS: 60_000, Count: 10}
	for n := range int64(9) {
		b.holds(minute, 1, 1, start+n)
	}
	hour := rules.Brake{PerMS: 3600_000, Count: 10}
	for n := range int64(40) { // one in ten minutes: six in an hour
		if at := start + n*600_000; b.holds(hour, 1, 1, at) {
			t.Fatalf("tripped after %d answers, of which at most 7 are within an hour", n+1)
		}
	}
}

// Who takes a noisy rule out, or its brake, has mended it: nothing is held back any more, and nobody is paged for it. If it comes back it is still
// to be lifted by a person.
func TestBrakeOfARuleThatIsGone(t *testing.T) {
	load := func(rest string) *rules.Set {
		t.Helper()
		set, problems := rules.Load([]rules.Source{{Name: "rules.yaml", Text: []byte("version: 1\npolicy: {brake: {require_reauth: {count: 100000}}}\nrules:\n" + rest +
			"  - {id: sound, score: 1, evidence: network, when: client.geo.asn == 1}\n")}}, Language(), rules.Options{})
		if set == nil {
			t.Fatal(problems)
		}
		return set
	}
	const noisy = "  - {id: noisy, mode: enforce, score: 50, evidence: client, when: session.kind == \"browser\""
	braked, free, without := load(noisy+", brake: {per: 5m, count: 3, share: 0%}}\n"), load(noisy+"}\n"), load("")
	g := New(Config{Rules: braked})
	for n := range int64(5) {
		e := &Event{ID: strconv.FormatInt(n, 10), Source: "/t", Type: SessionPresented, TimeMS: 1_700_000_000_000 + n*1000}
		e.Session.ID, e.User.ID, e.Session.Kind = "s"+e.ID, "u", KindBrowser
		g.Observe(e)
	}
	for _, c := range []struct {
		name string
		set  *rules.Set
		want bool
	}{{"in force", braked, true}, {"its brake gone", free, false}, {"the rule gone", without, false}, {"back again", braked, true}} {
		g.Adopt(c.set, "")
		if holds := len(g.Stats().Brakes) > 0; holds != c.want || g.braked() != c.want || (g.allowed(rules.RequireReauth) == rules.Observe) != c.want {
			t.Errorf("%s: brakes %+v, braked %v, a step-up may be %s", c.name, g.Stats().Brakes, g.braked(), g.allowed(rules.RequireReauth))
		}
	}
}
