package detector

// Stages is what the service is over all partitions of its input: an engine for each. It judges an event as `run` does, without
// a broker between the parts. It is not safe for concurrent use.
type Stages struct {
	First []*Engine // by partition

	partitionOf func(key string) int
	outcomes    []Outcome
}

// NewStages makes the engines of cfg.Partitions partitions. partitionOf gives the partition of a Kafka key, from 0; nil: there
// is one.
func NewStages(cfg Config, partitionOf func(key string) int) *Stages {
	s := &Stages{partitionOf: partitionOf}
	if partitionOf == nil {
		cfg.Partitions, s.partitionOf = 1, func(string) int { return 0 }
	}
	for range max(cfg.Partitions, 1) {
		s.First = append(s.First, New(cfg))
	}
	return s
}

// Observe shows an event to the partition of its Record.Key. The outcomes are valid until the next call.
func (s *Stages) Observe(e *Event) []Outcome {
	s.outcomes = append(s.outcomes[:0], s.First[s.partitionOf(e.Record.Key)].Observe(e))
	return s.outcomes
}
