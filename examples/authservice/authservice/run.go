package authservice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sessionguard/sessionguard/ingest/kafka"
)

// Source is the CloudEvents source of the acknowledgements.
const Source = "/examples/authservice"

// Run obeys the commands of session.commands as a member of a consumer group, until ctx ends. It acknowledges a command
// before it commits its offset, so after a crash a command may be obeyed and acknowledged again: both do no harm, for
// the acknowledgement has the same id. saw, if not nil, is told of each; it is called by one goroutine a partition.
func Run(ctx context.Context, cluster *kafka.Cluster, group string, table *Table, saw func(*Command, Result)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	learning := make(chan error, 1)
	go func() { learning <- learn(ctx, cluster, table) }()
	err := cluster.Consume(ctx, kafka.Group{Name: group, Topics: []string{cluster.Topics.Commands}}, func(ctx context.Context, p *kafka.Partition) error {
		return obey(ctx, cluster, p, table, saw)
	})
	cancel()
	if learned := <-learning; err == nil && !errors.Is(learned, context.Canceled) {
		err = learned
	}
	return err
}

// obey consumes one partition of commands.
func obey(ctx context.Context, cluster *kafka.Cluster, p *kafka.Partition, table *Table, saw func(*Command, Result)) error {
	next, _, committed := p.Committed()
	if !committed {
		first, _, err := p.Bounds(ctx)
		if err != nil {
			return err
		}
		next = first
	}
	for {
		batch, err := p.Fetch(ctx, next)
		if err != nil {
			return err
		}
		var answers []kafka.Message
		for i := range batch.Records {
			var c Command
			if json.Unmarshal(batch.Records[i].Value, &c) != nil || c.Type != "session.command" {
				continue // not a command: there is no id to acknowledge
			}
			result := table.Obey(&c, time.Now())
			answers = append(answers, Acknowledgement(&c, result, time.Now()))
			if saw != nil {
				saw(&c, result)
			}
		}
		if err := cluster.Publish(ctx, cluster.Topics.Events, answers); err != nil {
			return err
		}
		if batch.Next != next {
			if err := p.Commit(ctx, batch.Next, ""); err != nil {
				return err
			}
		}
		next = batch.Next
	}
}

// Acknowledgement is a command.acknowledged event, keyed like every event: by user when known, else by session. Its id
// depends on the command alone.
func Acknowledgement(c *Command, result Result, now time.Time) kafka.Message {
	type id struct {
		ID string `json:"id,omitempty"`
	}
	type answer struct {
		ID     string `json:"id"`
		Result Result `json:"result"`
	}
	data := map[string]any{"tenant": c.Data.Tenant, "command": answer{c.Data.ID, result}}
	owner := c.Data.UserID
	if owner == "" {
		owner = c.Data.SessionID
	} else {
		data["user"] = id{c.Data.UserID}
	}
	if c.Data.SessionID != "" {
		data["session"] = id{c.Data.SessionID}
	}
	value, err := json.Marshal(map[string]any{"specversion": "1.0", "id": "ack-" + c.Data.ID, "source": Source,
		"type": "command.acknowledged", "time": now.UTC().Format(time.RFC3339Nano), "data": data})
	if err != nil {
		panic(fmt.Sprintf("strings and times always have a JSON form: %v", err))
	}
	return kafka.Message{Key: []byte(owner), Value: value}
}

// event is what this service reads of a session event, to know the sessions that exist.
type event struct {
	Type string    `json:"type"`
	Time time.Time `json:"time"`
	Data struct {
		Tenant  string `json:"tenant"`
		Outcome string `json:"outcome"`
		Session struct {
			ID       string `json:"id"`
			Previous string `json:"previous_id"`
		} `json:"session"`
		User struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"data"`
}

// learn follows session.events. A real auth service made these sessions itself.
func learn(ctx context.Context, cluster *kafka.Cluster, table *Table) error {
	return cluster.Tail(ctx, cluster.Topics.Events, false, nil, func(_ int, r *kafka.Record) error {
		var e event
		if json.Unmarshal(r.Value, &e) == nil { // binary mode and what is no event are passed over
			table.note(&e)
		}
		return nil
	})
}

func (t *Table) note(e *event) {
	d := &e.Data
	switch e.Type {
	case "session.created":
		t.Begin(d.Tenant, d.Session.ID, d.User.ID, e.Time)
	case "session.presented":
		t.Know(d.Tenant, d.Session.ID, d.User.ID, e.Time)
	case "session.renewed":
		t.Know(d.Tenant, d.Session.ID, d.User.ID, e.Time)
		t.End(d.Tenant, d.Session.Previous, e.Time)
	case "session.ended":
		t.End(d.Tenant, d.Session.ID, e.Time)
	case "auth.reauthenticated":
		if d.Outcome != "failure" {
			t.Reauthenticated(d.Tenant, d.Session.ID, e.Time)
		}
	}
}
