package detector

// House is both stages of detection over all partitions, in one process that sees everything in order: what replay, tests of rules and the
// scoreboard judge with. A verdict is observed right after the event that completed it, with that event's coordinates. One goroutine owns it.
type House struct {
	First, Second []*Engine // by partition
	// PartitionOf gives the partition of a Kafka key. Not needed where there is one.
	PartitionOf func(key string) int

	verdicts []Event
}

// NewHouse makes the engines of a house, as many of each stage as cfg has partitions.
func NewHouse(cfg Config, partitionOf func(key string) int) *House {
	h := &House{PartitionOf: partitionOf}
	for range max(cfg.Partitions, 1) {
		cfg.Stage = FirstStage
		h.First = append(h.First, New(cfg))
		cfg.Stage = SecondStage
		h.Second = append(h.Second, New(cfg))
	}
	return h
}

// Observe shows an event to the first stage's engine of a partition, what it observed to the second stage, and the verdicts on that to the
// engines that they concern. show is given each outcome of the first stage, with the event that brought it; both are valid until it returns.
func (h *House) Observe(partition int, e *Event, show func(e *Event, out Outcome)) {
	out := h.First[partition].Observe(e)
	h.verdicts = h.verdicts[:0]
	for i := range out.Observations {
		seen := &out.Observations[i]
		seen.Record.Topic, seen.Record.Partition, seen.Record.Offset = e.Record.Topic, e.Record.Partition, e.Record.Offset
		h.verdicts = append(h.verdicts, h.Second[h.partition(seen.Record.Key)].Observe(seen).Observations...)
	}
	show(e, out)
	for i := range h.verdicts {
		v := &h.verdicts[i]
		key := v.Record.Key
		v.Record.Topic, v.Record.Partition, v.Record.Offset = e.Record.Topic, e.Record.Partition, e.Record.Offset
		if key != "" {
			show(v, h.First[h.partition(key)].Observe(v))
			continue
		}
		for _, g := range h.First {
			show(v, g.Observe(v))
		}
	}
}

func (h *House) partition(key string) int {
	if len(h.First) == 1 {
		return 0
	}
	return h.PartitionOf(key)
}
