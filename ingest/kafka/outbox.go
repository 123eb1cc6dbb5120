package kafka

import (
	"errors"
	"strconv"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// outbox collects what the records of a batch brought, until it is published.
type outbox struct {
	commands, decisions, letters []Message // for the partition that their causes came from
	observations, verdicts       []Message // for the partitions of their keys
	bytes                        int
	misrouted                    uint64
	again                        uint64 // records that were taken before
}

// The outbox is emptied before it holds more: nothing is ever dropped, the partition waits.
const (
	outboxMessages = 4096
	outboxBytes    = 4 << 20
)

func (o *outbox) full() bool {
	return o.bytes > outboxBytes || len(o.commands)+len(o.decisions)+len(o.letters)+len(o.observations)+len(o.verdicts) >= outboxMessages
}

func (o *outbox) clear() {
	*o = outbox{commands: o.commands[:0], decisions: o.decisions[:0], letters: o.letters[:0], observations: o.observations[:0], verdicts: o.verdicts[:0]}
}

// addOutcome encodes decisions and commands, keyed like the record that caused them and so on its partition. The record's
// memory must live until the outbox is published.
func (o *outbox) addOutcome(r *Record, outcome *detector.Outcome) {
	for i := range outcome.Decisions {
		d := &outcome.Decisions[i]
		m := Message{Key: r.Key, Value: detector.AppendDecision(nil, d, nil), Headers: []cloudevents.Header{
			header("ce_specversion", "1.0"), header("ce_id", d.ID), header("ce_source", detector.Source), header("ce_type", detector.DecisionType),
			header("ce_time", time.UnixMilli(d.TimeMS).UTC().Format("2006-01-02T15:04:05.000Z")), header("content-type", "application/json")}}
		o.decisions = append(o.decisions, m)
		o.bytes += m.size()
	}
	for i := range outcome.Commands {
		m := Message{Key: r.Key, Value: detector.AppendCommand(nil, &outcome.Commands[i]), Headers: []cloudevents.Header{structuredMode}}
		o.commands = append(o.commands, m)
		o.bytes += m.size()
	}
}

// maxLetterBytes leaves room for a dead letter's headers under Kafka's limit of 1 MiB a record.
const maxLetterBytes = 800 << 10

// addDeadLetter keeps a record as it came, its own headers too, behind why it is here and where it was.
func (o *outbox) addDeadLetter(r *Record, p *Partition, build string, cause error) {
	reason := "unknown"
	if rejection := (*cloudevents.Rejection)(nil); errors.As(cause, &rejection) {
		reason = rejection.Reason
	}
	m := Message{Key: r.Key, Value: r.Value, Headers: []cloudevents.Header{
		header("reason", reason), header("detail", brief(cause).Error()), header("topic", p.Topic),
		header("partition", strconv.Itoa(p.Number)), header("offset", strconv.FormatInt(r.Offset, 10)), header("build", build)}}
	if len(m.Value) > maxLetterBytes {
		m.Headers = append(m.Headers, header("cut_from_bytes", strconv.Itoa(len(m.Value))))
		m.Value = m.Value[:maxLetterBytes]
	}
	m.Headers = append(m.Headers, r.Headers...)
	o.letters = append(o.letters, m)
	o.bytes += m.size()
}

func header(key, value string) cloudevents.Header {
	return cloudevents.Header{Key: key, Value: []byte(value)}
}
