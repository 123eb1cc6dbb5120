package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os/user"
	"strings"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// controlSource is the CloudEvents source of what a person orders.
const controlSource = "/sessionguard/control"

// maxTrust is as far as a person's trust reaches.
const maxTrust = detector.MaxTrustMS * time.Millisecond

// maxWhyBytes keeps the reason short: it stands on the decision and on the command.
const maxWhyBytes = 500

// controlOptions are the settings of control.
type controlOptions struct {
	kafka   kafka.Settings
	do      detector.Enum
	tenant  string
	session string
	user    string
	by, why string
	until   string
	period  time.Duration
	bounded bool // one of until and period was given
	dryRun  bool
	format  string
}

func newControl(std streams) *cobra.Command {
	return group("control", "Order what a person decided, with who and why",
		newOrder(std, detector.ControlRevokeSession, "revoke-session", "End one session", `revoke-session has the auth service end a session. Whose session it is should
be said with --user: the engine keeps a session where its user's events go, so
that only then it knows of the order, and sees when the session goes on all the
same. Without --user the command is sent, and that is all.

A session id that was renewed since is another one now: use revoke-user.`,
			"  sessionguard control revoke-session --session ses_7Yk2 --user u-4711 \\\n    --tenant retail --why 'cookie found on a forum, case 1207'"),
		newOrder(std, detector.ControlRevokeUser, "revoke-user", "End all sessions of a user", `revoke-user has the auth service end every session of a user that was created
before now.`,
			"  sessionguard control revoke-user --user u-4711 --tenant retail \\\n    --why 'phone stolen, case 1208'"),
		newOrder(std, detector.ControlTrust, "trust", "Ask a customer for nothing until a time", `trust holds the answers to what is found of one session, or of all sessions of
a user, back: findings are recorded, decisions say until when and what would
have been asked, and nobody is. It does not cover proofs and evidence of the
kind replay, such as a session that two users show, and it teaches nothing.

While it lasts, who holds a copy of the customer's cookie is not asked either,
until there is a proof: keep it short, and rather to one session than to a user.
It lasts at most 30 days; --for 0s takes it back.`,
			"  sessionguard control trust --session ses_7Yk2 --user u-4711 --for 2h \\\n    --tenant retail --why 'calls from Lagos, case 1209'"),
		newOrder(std, detector.ControlResumeBrake, "resume-brake", "Let held back answers be given again", `resume-brake lifts every brake on every partition, after what tripped it is
mended. A session whose answer was held back gets it at its next finding; who
has no further finding is asked for nothing.`,
			"  sessionguard control resume-brake --why 'GeoIP database of 22 Nov replaced'"))
}

func newOrder(std streams, do detector.Enum, name, short, long, example string) *cobra.Command {
	o := &controlOptions{do: do}
	cmd := &cobra.Command{Use: name, Short: short, Example: example, Args: noArguments,
		Long: long + `

The order is an operator.control event on session.events: whoever may write that
topic may give it. The decision on it, with who and why, is on
session.decisions and in the archive.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.bounded = cmd.Flags().Changed("for") != cmd.Flags().Changed("until")
			return o.run(cmd.Context(), std, time.Now())
		}}
	o.flags(cmd.Flags())
	return cmd
}

func (o *controlOptions) flags(f *pflag.FlagSet) {
	kafkaFlags(f, &o.kafka)
	if o.do != detector.ControlResumeBrake {
		f.StringVar(&o.tenant, "tenant", "", "`TENANT` of the user and the session, as their events name it: the same id in another tenant is another")
		f.StringVar(&o.user, "user", "", "the user's `ID`")
	}
	if o.do == detector.ControlRevokeSession || o.do == detector.ControlTrust {
		f.StringVar(&o.session, "session", "", "the session's `ID`")
	}
	if o.do == detector.ControlTrust {
		f.DurationVar(&o.period, "for", 0, "how long; 0s takes trust back")
		f.StringVar(&o.until, "until", "", "or until when, as `2026-11-22T18:00:00Z`")
	}
	f.StringVar(&o.by, "by", "", "`NAME` of who orders it; default: the operating system's name of the user")
	f.StringVar(&o.why, "why", "", "why, as `TEXT`, for those who read it later; required")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the event, and contact nothing")
	f.StringVar(&o.format, "format", formatText, "text, or json: one line for each record written")
}

func (o *controlOptions) run(ctx context.Context, std streams, now time.Time) error {
	e, err := o.event(now)
	if err != nil {
		return err
	}
	if o.dryRun {
		_, err := fmt.Fprintf(std.out, "%s\n", cloudevents.AppendEvent(nil, e))
		return err
	}
	cluster, err := reachKafka(ctx, o.kafka)
	if err != nil {
		return err
	}
	defer cluster.Close()
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	written, err := o.publish(ctx, cluster, e)
	switch {
	case kafka.Refused(err):
		return unusable("%w", err)
	case err != nil:
		return unreachable("%w", err)
	}
	return o.print(std, written)
}

// event makes the order's event and holds it against what a decoder demands.
func (o *controlOptions) event(now time.Time) (*detector.Event, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	e := &detector.Event{ID: "op-" + hex.EncodeToString(randomBytes(16)), Source: controlSource, Type: detector.OperatorControl,
		TypeName: detector.OperatorControl.String(), TimeMS: now.UnixMilli(), Tenant: o.tenant}
	e.Session.ID, e.User.ID = o.session, o.user
	e.Control = detector.Control{Do: o.do, By: o.by, Why: o.why}
	if o.do == detector.ControlTrust {
		until := now.Add(o.period)
		if o.until != "" {
			var err error
			if until, err = time.Parse(time.RFC3339, o.until); err != nil {
				return nil, misused("--until %q is no time: write it as 2026-11-22T18:00:00Z", o.until)
			}
			if until.Before(now) || until.After(now.Add(maxTrust)) {
				return nil, misused("--until %s is not within the next 30 days; --for 0s takes trust back", o.until)
			}
		}
		e.Control.Until = detector.Moment{MS: until.UnixMilli(), Set: true}
	}
	var d cloudevents.Decoder
	if err := d.Decode(cloudevents.Message{Value: cloudevents.AppendEvent(nil, e)}, new(detector.Event)); err != nil {
		return nil, misused("the order cannot be written as an event: %w", err)
	}
	return e, nil
}

// check gives every fault of the order, not only the first, and fills in who gives it.
func (o *controlOptions) check() error {
	var faults []string
	demand := func(met bool, fault string) {
		if !met {
			faults = append(faults, fault)
		}
	}
	if o.by == "" {
		if u, err := user.Current(); err == nil {
			o.by = u.Username
		}
	}
	demand(o.by != "", "say who orders it: --by NAME")
	demand(strings.TrimSpace(o.why) != "", "say why: --why TEXT")
	demand(len(o.why) <= maxWhyBytes, fmt.Sprintf("keep --why to %d bytes", maxWhyBytes))
	switch o.do {
	case detector.ControlRevokeSession:
		demand(o.session != "", "say which session: --session ID")
	case detector.ControlRevokeUser:
		demand(o.user != "", "say whose sessions: --user ID")
	case detector.ControlTrust:
		demand(o.session != "" || o.user != "", "say whom to trust: --user ID, or --session ID and --user ID")
		demand(o.bounded, "say until when: --for DURATION or --until TIME")
		demand(o.period >= 0 && o.period <= maxTrust, fmt.Sprintf("--for is 0s, which takes trust back, to %s", maxTrust))
	}
	if len(faults) > 0 {
		return misused("%s", strings.Join(faults, "; "))
	}
	return oneOf("format", o.format, formatText, formatJSON)
}

// writtenRecord is one record that Kafka acknowledged.
type writtenRecord struct {
	Topic     string          `json:"topic"`
	Partition int             `json:"partition"`
	Key       string          `json:"key"`
	Event     json.RawMessage `json:"event"`
}

// publish writes the order: to the partition of its user, or to every one where it is for all. It waits until all is acknowledged.
func (o *controlOptions) publish(ctx context.Context, cluster *kafka.Cluster, e *detector.Event) ([]writtenRecord, error) {
	topic, m := cluster.Topics.Events, kafka.Message{Value: cloudevents.AppendEvent(nil, e), TimeMS: e.TimeMS}
	if o.do == detector.ControlResumeBrake {
		keys, err := cluster.Broadcast(ctx, topic, "control", m)
		list := make([]writtenRecord, len(keys))
		for p, key := range keys {
			list[p] = writtenRecord{topic, p, string(key), m.Value}
		}
		return list, err
	}
	m.Key = []byte(ingest.Key(e))
	partition, err := cluster.PublishOne(ctx, topic, m)
	return []writtenRecord{{topic, partition, string(m.Key), m.Value}}, err
}

// print shows what was written. The event itself, which holds the session's id, is shown only to who asks for JSON.
func (o *controlOptions) print(std streams, written []writtenRecord) error {
	if o.format == formatJSON {
		out := json.NewEncoder(std.out)
		for i := range written {
			if err := out.Encode(&written[i]); err != nil {
				return err
			}
		}
		return nil
	}
	where := fmt.Sprintf("partition %d", written[0].Partition)
	if len(written) > 1 {
		where = fmt.Sprintf("all %d partitions", len(written))
	}
	tenant := fmt.Sprintf(" in tenant %q", o.tenant)
	if o.do == detector.ControlResumeBrake {
		tenant = ""
	}
	_, err := fmt.Fprintf(std.out, "ordered %s by %s%s: written to %s of %s\n", detector.Controls[o.do-1], o.by, tenant, where, written[0].Topic)
	return err
}
