package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Migration is one step of a schema: one statement, which does no harm when it is run again.
type Migration struct {
	Version  int    // from 1, without gaps
	Name     string // the file's name, 0001_session_events.sql
	SQL      string // empty in what an archive reports as applied
	Checksum string // sha256 of SQL, hex
}

// Schema is the schema of an archive.
type Schema interface {
	// Wanted gives the migrations that this program needs, in order.
	Wanted() []Migration
	// Applied gives those that the archive remembers, in order; none of a new archive.
	Applied(ctx context.Context) ([]Migration, error)
	// Apply runs a migration and remembers it.
	Apply(ctx context.Context, m Migration) error
}

// Migrations reads the numbered .sql files of a folder.
func Migrations(files fs.FS) ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql") // sorted
	if err != nil {
		return nil, err
	}
	all := make([]Migration, 0, len(names))
	for i, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("read migrations: %q stands where number %d belongs", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read migrations: %w", err)
		}
		sum := sha256.Sum256(text)
		all = append(all, Migration{version, path.Base(name), strings.TrimSpace(string(text)), hex.EncodeToString(sum[:])})
	}
	return all, nil
}

// Pending gives the migrations that are still to be applied. It is an error if one that was applied is not the one that this
// program has, since then nobody knows what the schema is. An archive that is ahead of the program is fine: it may have
// columns that we do not write.
func Pending(ctx context.Context, s Schema) ([]Migration, error) {
	applied, err := s.Applied(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the applied migrations: %w", err)
	}
	wanted := s.Wanted()
	for i, m := range applied {
		if m.Version != i+1 {
			return nil, fmt.Errorf("the archive lacks migration %d, but has %q", i+1, m.Name)
		}
		if i < len(wanted) && m.Checksum != wanted[i].Checksum {
			return nil, fmt.Errorf("migration %q was applied with another text than this program has (%.12s, here %.12s)", m.Name, m.Checksum, wanted[i].Checksum)
		}
	}
	return wanted[min(len(applied), len(wanted)):], nil
}

// Migrate applies what is pending, in order, and tells done of each one. It may be run again after any failure.
func Migrate(ctx context.Context, s Schema, done func(Migration)) error {
	pending, err := Pending(ctx, s)
	if err != nil {
		return err
	}
	for _, m := range pending {
		if err := s.Apply(ctx, m); err != nil {
			return fmt.Errorf("apply migration %q: %w", m.Name, err)
		}
		if done != nil {
			done(m)
		}
	}
	return nil
}
