package authservice

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/internal/broker"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// command makes a command about an event of noon that expires an hour later.
func command(id, action string) *Command {
	c := &Command{Type: "session.command"}
	c.Data.ID, c.Data.Action, c.Data.SessionID, c.Data.UserID = id, action, "ses-1", "u-1"
	c.Data.ExpiresAt, c.Data.IssuedFor.EventTime, c.Data.CreatedBefore = noon.Add(time.Hour), noon, noon
	return c
}

func TestObey(t *testing.T) {
	begun := func() *Table {
		table := NewTable()
		table.Begin("", "ses-1", "u-1", noon.Add(-time.Hour))
		return table
	}
	f := func(name string, prepare func(*Table), c *Command, at time.Time, want Result, check func(Session) bool) {
		t.Helper()
		table := begun()
		if prepare != nil {
			prepare(table)
		}
		got := table.Obey(c, at)
		if again := table.Obey(c, at); got != want || again != want {
			t.Errorf("%s: answered %s and then %s, want %s twice", name, got, again, want)
		}
		if s, _ := table.Look("", "ses-1"); !check(s) {
			t.Errorf("%s: left %+v", name, s)
		}
	}
	untouched := func(s Session) bool { return !s.Ended && !s.StepUp && s.ArmedUntil.IsZero() }
	ended := func(s Session) bool { return s.Ended }
	end := func(table *Table) { table.End("", "ses-1", noon) }
	passed := func(table *Table) { table.Reauthenticated("", "ses-1", noon.Add(time.Minute)) }
	f("revoke", nil, command("c1", "revoke_session"), noon, Applied, ended)
	f("revoke of an ended one", end, command("c1", "revoke_session"), noon, AlreadyEnded, ended)
	f("revoke after a step-up", passed, command("c1", "revoke_session"), noon, Applied, ended)
	f("expired revoke", nil, command("c1", "revoke_session"), noon.Add(2*time.Hour), Expired, untouched)
	f("all sessions", nil, command("c1", "revoke_user_sessions"), noon, Applied, ended)
	f("step-up", nil, command("c1", "require_reauth"), noon, Applied, func(s Session) bool { return s.StepUp })
	f("step-up that was passed since", passed, command("c1", "require_reauth"), noon, Applied, untouched)
	f("arm", nil, command("c1", "arm"), noon, Applied, func(s Session) bool { return s.ArmedUntil.Equal(noon.Add(time.Hour)) })
	retract := func(decision string) *Command {
		c := command("c1", "retract")
		c.Data.Retracts = decision
		return c
	}
	asked := func(table *Table) {
		for _, action := range []string{"arm", "require_reauth"} {
			c := command("c-"+action, action)
			c.Data.DecisionID = "d-" + action
			table.Obey(c, noon)
		}
	}
	f("retract of an arm", asked, retract("d-arm"), noon, Applied, func(s Session) bool { return s.StepUp && s.ArmedUntil.IsZero() })
	f("retract of a step-up", asked, retract("d-require_reauth"), noon, Applied, func(s Session) bool { return !s.StepUp && !s.ArmedUntil.IsZero() })
	f("retract of another decision", asked, retract("d-other"), noon, Applied, func(s Session) bool { return s.StepUp && !s.ArmedUntil.IsZero() })
	f("retract brings nothing back", end, retract("d-revoke_session"), noon, AlreadyEnded, ended)
	f("unknown action", nil, command("c1", "dance"), noon, Rejected, untouched)
	f("no id", nil, command("", "revoke_session"), noon, Rejected, untouched)
}

func TestRevokeUserSessionsSparesWhatBeganLater(t *testing.T) {
	table := NewTable()
	table.Begin("", "old", "u-1", noon.Add(-time.Hour))
	table.Begin("", "new", "u-1", noon)
	table.Begin("other", "old", "u-1", noon.Add(-time.Hour))
	table.Obey(command("c1", "revoke_user_sessions"), noon)
	for _, c := range []struct {
		tenant, id string
		ended      bool
	}{{"", "old", true}, {"", "new", false}, {"other", "old", false}} {
		if s, _ := table.Look(c.tenant, c.id); s.Ended != c.ended {
			t.Errorf("session %q of tenant %q: ended %v, want %v", c.id, c.tenant, s.Ended, c.ended)
		}
	}
}

func TestRevokeOfAnUnknownSessionIsRemembered(t *testing.T) {
	table := NewTable()
	if got := table.Obey(command("c1", "revoke_session"), noon); got != UnknownSession {
		t.Errorf("answered %s", got)
	}
	table.Know("", "ses-1", "u-1", noon)
	if s, _ := table.Look("", "ses-1"); !s.Ended {
		t.Error("the session came back by a late event")
	}
	table.Begin("", "ses-1", "u-1", noon.Add(time.Minute))
	if s, _ := table.Look("", "ses-1"); s.Ended {
		t.Error("a new session with the id of an ended one did not begin")
	}
}

func TestRunObeysAndAcknowledges(t *testing.T) {
	topics := kafka.TopicNames("")
	b, err := broker.Start(broker.Config{Topics: topics.All(), Partitions: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	cluster, err := kafka.Connect(kafka.Settings{Brokers: []string{b.Addr}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	table := NewTable()
	table.Begin("", "ses-1", "u-1", time.Now().Add(-time.Hour))
	value := fmt.Sprintf(`{"specversion":"1.0","type":"session.command","id":"c1","data":{"command_id":"c1","action":"revoke_session","session_id":"ses-1","user_id":"u-1","expires_at":%q}}`,
		time.Now().Add(time.Hour).Format(time.RFC3339))
	// Twice, as after a crash of the detector.
	commands := []kafka.Message{{Key: []byte("u-1"), Value: []byte(value)}, {Key: []byte("u-1"), Value: []byte("{")}, {Key: []byte("u-1"), Value: []byte(value)}}
	if err := cluster.Publish(ctx, topics.Commands, commands); err != nil {
		t.Fatal(err)
	}
	running := make(chan error, 1)
	go func() { running <- Run(ctx, cluster, "auth", table, nil) }()
	var ids []string
	err = cluster.Tail(ctx, topics.Events, false, nil, func(partition int, r *kafka.Record) error {
		var e struct {
			ID, Type string
			Data     struct {
				User    struct{ ID string }
				Command struct{ ID, Result string }
			}
		}
		if err := json.Unmarshal(r.Value, &e); err != nil {
			return err
		}
		if partition != kafka.PartitionOf([]byte("u-1"), 3) || e.Type != "command.acknowledged" || e.Data.User.ID != "u-1" || e.Data.Command.Result != "applied" {
			t.Errorf("acknowledged on partition %d with %+v", partition, e)
		}
		if ids = append(ids, e.ID); len(ids) == 2 {
			return errSeen
		}
		return nil
	})
	if err != errSeen || ids[0] != ids[1] {
		t.Errorf("acknowledgements %v, %v; want two with one id", ids, err)
	}
	if s, _ := table.Look("", "ses-1"); !s.Ended {
		t.Error("the session did not end")
	}
	cancel()
	if err := <-running; err != nil {
		t.Errorf("Run ended with %v", err)
	}
}

var errSeen = fmt.Errorf("seen enough")
