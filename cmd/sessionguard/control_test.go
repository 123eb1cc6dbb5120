package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/internal/bank"
	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/open"
)

// What a person orders at the command line is obeyed by the service, and stands with who and why on the decision, the command and in the archive.
func TestPersonActs(t *testing.T) {
	b, archive := embeddedBroker(t), "sqlite:"+filepath.Join(t.TempDir(), "archive.db")
	l := alive(t, b, rulesFile, "--archive", archive, "--session-key", "k")
	l.until("the partition is ready", func() bool { return l.ready().Ready })
	order := func(args ...string) {
		t.Helper()
		program(t, 0, slices.Concat([]string{"control"}, args, []string{"--brokers", b.Addr, "--by", "ann"})...)
	}
	show := func(id, agent string) {
		now := time.Now().UTC()
		publishWorld(t, b.Addr, "", []bank.Published{{Key: "u-1", TimeMS: now.UnixMilli(), JSON: []byte(`{"id":"` + id + `","source":"/t","type":"session.presented","time":"` +
			now.Format(time.RFC3339Nano) + `","data":{"session":{"id":"ses_raw_id"},"user":{"id":"u-1"},"client":{"ip":"192.0.2.1","user_agent":"` + agent + `"}}}`)}})
	}
	show("1", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36")
	order("trust", "--session", "ses_raw_id", "--user", "u-1", "--for", "1h", "--why", "our penetration test")
	show("2", "curl/8.5.0")
	order("revoke-session", "--session", "ses_raw_id", "--user", "u-1", "--why", "the test is over")
	l.until("the revoke is out", func() bool { return len(readTopic(t, b.Addr, "session.commands", 1)) > 0 })
	l.stop()

	commands := readTopic(t, b.Addr, "session.commands", 1)
	var c struct {
		Data struct {
			Action, Session_id, User_id string
			Rules                       []string
			Reason                      struct {
				Code  string
				Admin map[string]string
			}
		}
	}
	if err := json.Unmarshal([]byte(commands[0]), &c); err != nil {
		t.Fatal(err)
	}
	if d := c.Data; len(commands) != 1 || d.Action != "revoke_session" || d.Session_id != "ses_raw_id" || d.User_id != "u-1" || d.Reason.Code != "operator" ||
		d.Reason.Admin["en"] != "operator: by ann: the test is over" || d.Rules == nil || len(d.Rules) != 0 {
		t.Errorf("commands %q", commands)
	}
	program(t, 0, "run", "--brokers", b.Addr, "--rules", rulesFile, "--listen", "127.0.0.1:0", "--archive", archive, "--session-key", "k", "--until-idle")
	wantDecisions(t, archive, []string{
		`"action":"none" "control":"trust" "reason":"by ann: our penetration test" "trusted_until":`,
		`"action":"observe" "would":"require_reauth" "trusted_until":`,
		`"action":"revoke_session" "command":"sent" "control":"revoke_session" "reason":"by ann: the test is over"`,
	})
}

// wantDecisions demands that the archive has these decisions, in this order, each with these parts, and no raw session id.
func wantDecisions(t *testing.T, url string, want []string) {
	t.Helper()
	a, err := open.Archive(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var got []string
	for d, err := range a.Decisions(t.Context(), storage.DecisionFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.Raw)
	}
	if len(got) != len(want) {
		t.Fatalf("%d decisions are archived, want %d: %q", len(got), len(want), got)
	}
	for i := range want {
		for _, part := range strings.Split(want[i], ` "`) {
			if !strings.Contains(got[i], strings.TrimPrefix(part, `"`)) || strings.Contains(got[i], "ses_raw_id") {
				t.Errorf("decision %d is %s, want %s, and no raw id", i, got[i], want[i])
			}
		}
	}
}

// A trust has an end within thirty days of the order.
func TestTrustEndsWithinThirtyDays(t *testing.T) {
	now := time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC)
	for until, fine := range map[string]bool{"2026-11-22T18:00:00Z": true, "2026-12-22T16:00:00Z": true, "2026-12-22T16:00:01Z": false, "2026-11-22T15:59:59Z": false} {
		o := controlOptions{do: detector.ControlTrust, user: "u-1", by: "ann", why: "calls", until: until, bounded: true, format: formatText}
		e, err := o.event(now)
		if (err == nil) != fine {
			t.Errorf("until %s: %v", until, err)
		}
		if fine && string(detector.AppendTime(nil, e.Control.Until.MS)) != until[:19]+".000Z" {
			t.Errorf("until %s: the event says %v", until, e.Control.Until)
		}
	}
}
