package detector

// House is both stages of detection over all partitions, in one process that sees everything in order: what replay, tests of rules and the
// scoreboard judge with. A verdict is observed right after the event that completed it, with that event's coordinates. One goroutine owns it.
type House struct {
	First, Second []*Engine // by partition

	dealing  Dealing
	verdicts []Event
}

// Dealing says to which of so many partitions an event belongs. The zero Dealing has one.
type Dealing struct {
	Partitions  int
	Key         func(*Event) string                  // the Kafka key of a customer's event
	PartitionOf func(key []byte, partitions int) int // from 0
}

// NewHouse makes the engines of a house, as many of each stage as there are partitions: the dealing says how many, cfg need not.
func NewHouse(cfg Config, dealing Dealing) *House {
	cfg.Partitions = max(dealing.Partitions, 1)
	h := &House{dealing: dealing}
	for range cfg.Partitions {
		cfg.Stage = FirstStage
		h.First = append(h.First, New(cfg))
		cfg.Stage = SecondStage
		h.Second = append(h.Second, New(cfg))
	}
	return h
}

// Observe shows an event to the first stage's engine of its partition, what that observed to the second stage, and the verdicts on it to the
// engines that they concern. show is given each outcome of the first stage, with the event that brought it: first e, then the verdicts. Both
// are valid until show returns, and what they alias as long as e is. What the stages of another house told each other is left out: this one
// has its own.
func (h *House) Observe(e *Event, show func(e *Event, out Outcome)) {
	if e.Type == SessionObservation || e.Type == ObservationVerdict {
		show(e, Outcome{Fate: Ignored})
		return
	}
	if e.Type == OperatorControl && e.Control.Do == ControlResumeBrake {
		show(e, h.resume(e))
		return
	}
	out := h.home(e).Observe(e)
	h.verdicts = h.verdicts[:0]
	for i := range out.Observations {
		seen := &out.Observations[i]
		seen.standWith(e)
		h.verdicts = append(h.verdicts, h.Second[h.partition(seen.Record.Key)].Observe(seen).Observations...)
	}
	show(e, out)
	for i := 0; i < len(h.verdicts); i++ { // a verdict may pass on what was found by it
		h.deliver(h.verdicts[i], e, show)
	}
}

// resume shows the order to lift the brakes to every partition, and gives one outcome that says what was lifted on all: a line has one
// decision, where a log has one on each partition.
func (h *House) resume(e *Event) Outcome {
	out := h.First[0].Observe(e)
	for _, g := range h.First[1:] {
		switch next := g.Observe(e); {
		case len(out.Decisions) == 0: // too late for the partitions before
			out = next
		case len(next.Decisions) > 0:
			out.Decisions[0].Lifted = MergeTripped(out.Decisions[0].Lifted, next.Decisions[0].Lifted)
		}
	}
	return out
}

// deliver shows a verdict to the partition of its key, and to every one when it has none.
func (h *House) deliver(v Event, e *Event, show func(e *Event, out Outcome)) {
	v.standWith(e)
	to := h.First
	if key := v.Record.Key; key != "" {
		p := h.partition(key)
		to = h.First[p : p+1]
	}
	for _, g := range to {
		out := g.Observe(&v)
		h.verdicts = append(h.verdicts, out.Observations...)
		show(&v, out)
	}
}

// standWith gives an event of the product's own the coordinates of the customer's.
func (e *Event) standWith(of *Event) {
	e.Record.Topic, e.Record.Partition, e.Record.Offset = of.Record.Topic, of.Record.Partition, of.Record.Offset
}

// home gives the first stage's engine of a customer's event.
func (h *House) home(e *Event) *Engine {
	if len(h.First) == 1 {
		return h.First[0]
	}
	return h.First[h.partition(h.dealing.Key(e))]
}

func (h *House) partition(key string) int {
	if len(h.First) == 1 {
		return 0
	}
	return h.dealing.PartitionOf([]byte(key), len(h.First))
}
