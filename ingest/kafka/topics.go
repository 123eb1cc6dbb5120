package kafka

// Topics are the names of the topics, prefix included.
type Topics struct {
	Events       string // session events in, commands' acknowledgements and verdicts too
	Commands     string // to the auth service
	Decisions    string // with all evidence
	DeadLetter   string // what could not be an event, as it came
	Observations string // what the first stage of detection tells the second
	Snapshots    string // state of partitions, and the rules in force
}

// TopicNames gives the topics of contracts.md section 5 with a prefix before each.
func TopicNames(prefix string) Topics {
	return Topics{
		Events:       prefix + "session.events",
		Commands:     prefix + "session.commands",
		Decisions:    prefix + "session.decisions",
		DeadLetter:   prefix + "session.dead-letter",
		Observations: prefix + "session.observations",
		Snapshots:    prefix + "session.snapshots",
	}
}

// All gives every name.
func (t Topics) All() []string {
	return []string{t.Events, t.Commands, t.Decisions, t.DeadLetter, t.Observations, t.Snapshots}
}

// setting is one configuration entry of a topic.
type setting struct{ name, value string }

// settingsOf gives what each topic needs beside the broker's defaults. Values differ where the reasons do:
//   - events outlive three days of an outage of ours, because Kafka is the spool of detector and archive;
//   - an observation has its cause's timestamp, which may be three days old when it is written, and must still be there to be read;
//   - commands expire after 24 h (contracts.md section 4), a consumer may be down for a weekend;
//   - snapshots are deleted, never compacted: kafka-go cannot read compacted topics (its issues 1416 and 1393). Detector
//     and archive make a new one after a quarter of this retention, also when idle.
func (t Topics) settingsOf() map[string][]setting {
	const threeDays, fourDays, sevenDays, fourteenDays, thirtyDays = "259200000", "345600000", "604800000", "1209600000", "2592000000"
	deleted := func(retention string, more ...setting) []setting {
		return append([]setting{{"cleanup.policy", "delete"}, {"retention.ms", retention}}, more...)
	}
	return map[string][]setting{
		t.Events:       deleted(threeDays),
		t.Commands:     deleted(threeDays),
		t.Decisions:    deleted(sevenDays),
		t.DeadLetter:   deleted(thirtyDays),
		t.Observations: deleted(fourDays),
		t.Snapshots: deleted(fourteenDays, setting{"retention.bytes", "17179869184"}, setting{"segment.bytes", "67108864"},
			setting{"compression.type", "uncompressed"}),
	}
}
