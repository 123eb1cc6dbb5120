// Package open opens an archive of either engine by its URL.
package open

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/clickhouse"
	"github.com/sessionguard/sessionguard/storage/sqlite"
)

// None is the URL of no archive. Whoever opens one must ask for it before.
const None = "none"

// Check says whether a URL names an archive, or none. It contacts nothing. Its error does not quote the URL, which may hold a
// password.
func Check(url string) error {
	switch scheme, rest, _ := strings.Cut(url, ":"); {
	case url == None, scheme == "sqlite" && rest != "":
		return nil
	case scheme == "clickhouse":
		a, err := clickhouse.Open(url)
		if err != nil {
			return err
		}
		return a.Close()
	}
	return errors.New("the archive is not clickhouse://user:password@host:9000/database, sqlite:FILE or none")
}

// Archive opens an archive. A file of SQLite gets its schema; that of ClickHouse is left to `migrate apply`, and its server
// is not contacted.
func Archive(ctx context.Context, url string) (storage.Archive, error) {
	if err := Check(url); err != nil {
		return nil, err
	}
	file, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return server(url)
	}
	a, err := sqlite.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	if err := storage.Migrate(ctx, a, nil); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// Existing opens an archive that is there, to ask it: no file is made and no schema changed.
func Existing(ctx context.Context, url string) (storage.Archive, error) {
	if err := Check(url); err != nil {
		return nil, err
	}
	file, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return server(url)
	}
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("open the archive: %w", err)
	}
	return sqlite.Open(ctx, file)
}

// Schema is a schema with what it holds open.
type Schema interface {
	storage.Schema
	Close() error
}

// Look opens the schema of an archive for storage.Pending alone: a file of SQLite that is not there is not made, but looked at
// as the empty archive that it would be.
func Look(ctx context.Context, url string) (Schema, error) {
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok && file != "" {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return sqlite.Open(ctx, ":memory:")
		}
	}
	return Schemas(ctx, url)
}

// Schemas opens the schema of an archive, for storage.Migrate. A file of SQLite is made when there is none.
func Schemas(ctx context.Context, url string) (Schema, error) {
	if err := Check(url); err != nil {
		return nil, err
	}
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return sqlite.Open(ctx, file)
	}
	return server(url)
}

func server(url string) (*clickhouse.Archive, error) {
	if url == None {
		return nil, errors.New("there is no archive: it is set to none")
	}
	return clickhouse.Open(url)
}
