package storage

import "fmt"

// Block is what is written at once: the rows of the records First to Last of one partition, each exactly once and in order.
type Block struct {
	Topic       string
	Partition   int32
	First, Last int64 // offsets, both inside
	Events      []EventRow
	Decisions   []DecisionRow
}

// Token names the block. The same records formed again have the same token, so an engine can tell a repeated block.
func (b *Block) Token() string {
	return fmt.Sprintf("%s:%d:%d-%d", b.Topic, b.Partition, b.First, b.Last)
}

// Rows counts the block's rows of either kind.
func (b *Block) Rows() int { return len(b.Events) + len(b.Decisions) }

// Rejected counts the rows that only mark a record's place.
func (b *Block) Rejected() int {
	n := 0
	for i := range b.Events {
		if b.Events[i].Rejected != "" {
			n++
		}
	}
	for i := range b.Decisions {
		if b.Decisions[i].Rejected != "" {
			n++
		}
	}
	return n
}

// whole says whether every record of the block has its row.
func (b *Block) whole() error {
	if want := b.Last - b.First + 1; int64(b.Rows()) != want {
		return fmt.Errorf("block %q has %d rows for %d records", b.Token(), b.Rows(), want)
	}
	return nil
}
