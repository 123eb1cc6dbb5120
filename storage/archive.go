package storage

import (
	"context"
	"errors"
	"io"
	"iter"
)

// ErrUnreachable says that the archive's server could not be reached, as apart from an answer that it refused something.
var ErrUnreachable = errors.New("the archive cannot be reached")

// Writer takes blocks.
type Writer interface {
	// Write keeps a block, whole or in part before an error; the same block written again then completes it and repeats
	// nothing. nil means that it is kept as durably as the engine can.
	Write(ctx context.Context, b *Block) error
}

// Reader answers questions. What it yields never has a row twice. An error ends a sequence.
type Reader interface {
	Events(ctx context.Context, f EventFilter) iter.Seq2[EventRow, error]
	Decisions(ctx context.Context, f DecisionFilter) iter.Seq2[DecisionRow, error]
	// Counts counts the decisions in [fromMS, toMS) by rule, action and mode, most first.
	Counts(ctx context.Context, fromMS, toMS int64) ([]Count, error)
	// Completeness gives, for each partition of a topic, what is archived of it.
	Completeness(ctx context.Context, topic string) ([]Span, error)
}

// Archive keeps events and decisions and answers questions about them. It is safe for concurrent use.
type Archive interface {
	Writer
	Reader
	io.Closer
}

// Count is a number of decisions alike. A decision counts once for each of its rules; Rule is "" where none fired.
type Count struct {
	Rule, Action, Mode string
	Decisions          uint64
}

// Span is what is archived of a partition.
type Span struct {
	Partition int32
	Min, Max  int64  // offsets
	Records   uint64 // distinct offsets
	Rejected  uint64 // of these, records that only have their place marked
}

// Complete proves that no record between the first and the last is missing: a topic that is neither compacted nor written in
// transactions has an offset for each record, and no other.
func (s Span) Complete() bool { return s.Records == uint64(s.Max-s.Min+1) }
