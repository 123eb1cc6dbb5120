package detector

// Dealing says which partition of how many an event belongs to. The zero Dealing is one partition.
type Dealing struct {
	Partitions  int
	Key         func(*Event) string                  // the Kafka key of an event
	PartitionOf func(key []byte, partitions int) int // from 0
}

func (d *Dealing) of(key string) int {
	if d.Partitions <= 1 {
		return 0
	}
	return d.PartitionOf([]byte(key), d.Partitions)
}

func (d *Dealing) keyOf(e *Event) string {
	if d.Key == nil {
		return ""
	}
	return d.Key(e)
}

// Stages is the whole service in one goroutine and without a broker: the engine of each partition. It is not safe for
// concurrent use.
type Stages struct {
	First []*Engine // by partition

	dealing  Dealing
	outcomes []Outcome
}

// NewStages makes empty engines for the partitions of a dealing, whose number goes before that of cfg.
func NewStages(cfg Config, dealing Dealing) *Stages {
	s := &Stages{dealing: dealing}
	cfg.Partitions = max(dealing.Partitions, 1)
	for range cfg.Partitions {
		s.First = append(s.First, New(cfg))
	}
	return s
}

// Observe shows an event to the engine of its key. The outcomes are valid until the next call.
func (s *Stages) Observe(e *Event) []Outcome {
	s.outcomes = append(s.outcomes[:0], s.of(e).Observe(e))
	return s.outcomes
}

// of gives the engine of an event.
func (s *Stages) of(e *Event) *Engine { return s.First[s.dealing.of(s.dealing.keyOf(e))] }
