package clickhouse

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/sessionguard/sessionguard/storage"
)

// Write inserts a block, one INSERT a table. ClickHouse keeps an INSERT's rows in one part for each of its own partitions
// (weeks of the record's time), whole or not at all, and remembers the block's token for each: a repeated block adds the
// parts that are missing and no other.
func (a *Archive) Write(ctx context.Context, b *storage.Block) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate":         1,
		"insert_deduplication_token": b.Token(),
		"async_insert":               0, // batching is done; an asynchronous insert has other rules for repeated blocks
		// Producers with a broken clock can put many weeks into a block. That must not stop the archive.
		"max_partitions_per_insert_block": 0,
	}))
	err := insert(ctx, a, "session_events", eventColumns, b.Events)
	if err == nil {
		err = insert(ctx, a, "session_decisions", decisionColumns, b.Decisions)
	}
	if err != nil {
		return reached(fmt.Sprintf("write block %q", b.Token()), err)
	}
	return nil
}

func insert[T any](ctx context.Context, a *Archive, table string, columns []column[T], rows []T) (err error) {
	if len(rows) == 0 {
		return nil
	}
	batch, err := a.conn.PrepareBatch(ctx, "INSERT INTO "+table+" ("+names(columns)+")")
	if err != nil {
		return err
	}
	// The batch holds a connection until it is sent or aborted; a batch that failed is never sent again, but made anew.
	defer func() {
		if err != nil && !batch.IsSent() {
			err = errors.Join(err, batch.Abort())
		}
	}()
	for i, c := range columns {
		if err := c.write(batch.Column(i), rows); err != nil {
			return fmt.Errorf("column %q: %w", c.name, err)
		}
	}
	return batch.Send()
}
