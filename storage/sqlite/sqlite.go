// Package sqlite is the embedded archive: one file, no server, for evaluation and development on one machine.
//
// It has the rows and the answers of storage/clickhouse. What it lacks is size and retention: nothing is deleted by age.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"net/url"

	_ "modernc.org/sqlite" // the driver, pure Go

	"github.com/sessionguard/sessionguard/storage"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Archive is an archive in one SQLite file. It is safe for concurrent use; one process owns the file.
type Archive struct {
	db     *sql.DB // for questions, several at a time
	writer *sql.DB // one connection: SQLite has one writer at a time
	wanted []storage.Migration
}

// Open opens the archive in a file, which it makes if there is none. The schema is not touched: see storage.Migrate.
func Open(ctx context.Context, file string) (*Archive, error) {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	wanted, err := storage.Migrations(folder)
	if err != nil {
		return nil, err
	}
	// NORMAL under WAL: a power cut may lose the last blocks, whole; a crash of the process loses none.
	name := "file:" + (&url.URL{Path: file}).EscapedPath() + "?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(10000)&_txlock=immediate"
	a := &Archive{wanted: wanted}
	if a.writer, err = sql.Open("sqlite", name); err != nil {
		return nil, fmt.Errorf("open archive %q: %w", file, err)
	}
	a.writer.SetMaxOpenConns(1)
	if a.db, err = sql.Open("sqlite", name); err == nil {
		err = a.writer.PingContext(ctx)
	}
	if err != nil {
		a.writer.Close()
		return nil, fmt.Errorf("open archive %q: %w", file, err)
	}
	return a, nil
}

// Close closes the file.
func (a *Archive) Close() error {
	err := a.db.Close()
	if werr := a.writer.Close(); err == nil {
		err = werr
	}
	return err
}
