package detector_test

import (
	"os"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/rules"
)

// loadWithLimits compiles the shipped rules as a bank has them that picked limits, with other sequences.
func loadWithLimits(t *testing.T, idle, lifetime, tests string) *rules.Set {
	t.Helper()
	text, err := os.ReadFile("../rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	shipped := string(text)
	for _, limit := range []string{idle, lifetime} { // the first of the two rules, then the second
		changed := strings.Replace(shipped, "with: {preset: none, limit: 0s}", "with: {"+limit+"}", 1)
		if changed == shipped {
			t.Fatal("rules.yaml no longer has the two rules without limits")
		}
		shipped = changed
	}
	shipped = strings.Replace(shipped, "max_idle: 0s", "max_idle: 30m", 1)
	sources := []rules.Source{{Name: "rules.yaml", Text: []byte(shipped)}}
	if tests != "" {
		sources = append(sources, rules.Source{Name: "limits_test.yaml", Text: []byte(tests)})
	}
	set, problems := rules.Load(sources, detector.Language(), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}

// With limits the two rules fire; without, nothing wakes them (lifetime_test.yaml).
func TestLimitsThatABankPicked(t *testing.T) {
	tests, err := os.ReadFile("testdata/limits.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range detector.RunTests(loadWithLimits(t, "preset: psd2", "preset: aal2", string(tests)), nil) {
		if !strings.HasSuffix(r.Test.Pos.File, "limits_test.yaml") {
			continue
		}
		for _, f := range r.Failures {
			t.Errorf("%s: %s, event %d: want %s, got %s", f.Pos, r.Test.Name, f.Event, f.Want, f.Got)
		}
	}
}

// firedAfter plays a session that is used once more after a time, and says which of the two rules fired.
func firedAfter(t *testing.T, set *rules.Set, afterMS int64) (fired []string) {
	g, e := detector.New(detector.Config{Rules: set}), ordinary(t)
	for _, at := range []int64{0, afterMS} {
		e.ID, e.TimeMS = e.ID+"x", storyStart.UnixMilli()+at
		for _, d := range g.Observe(e).Decisions {
			for _, f := range d.Findings {
				fired = append(fired, f.Rule)
			}
		}
	}
	return fired
}

func TestLimitPresets(t *testing.T) {
	f := func(idle, lifetime string, limitMS int64, want string) {
		t.Helper()
		set := loadWithLimits(t, idle, lifetime, "")
		if got := strings.Join(firedAfter(t, set, limitMS), " "); got != "" {
			t.Errorf("idle {%s}, lifetime {%s}: %q on the limit", idle, lifetime, got)
		}
		if got := strings.Join(firedAfter(t, set, limitMS+1000), " "); got != want {
			t.Errorf("idle {%s}, lifetime {%s}: %q past the limit, want %q", idle, lifetime, got, want)
		}
	}
	const minute, hour = int64(60_000), int64(3600_000)
	f("preset: psd2", "preset: psd2", 5*minute, "idle-timeout-exceeded")
	f("preset: pci", "preset: pci", 15*minute, "idle-timeout-exceeded")
	f("preset: aal2", "preset: none", hour, "idle-timeout-exceeded")
	f("preset: none", "preset: aal2", 24*hour, "absolute-lifetime-exceeded")
	f("preset: psd2, limit: 2m", "limit: 0s", 2*minute, "idle-timeout-exceeded")
	f("limit: 0s", "preset: aal2, limit: 8h", 8*hour, "absolute-lifetime-exceeded")
	f("limit: 0s", "preset: psd2", 24*29*hour, "")
}
