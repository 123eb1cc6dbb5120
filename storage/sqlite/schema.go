package sqlite

import (
	"context"
	"fmt"

	"github.com/sessionguard/sessionguard/storage"
)

// Wanted gives the migrations that this program needs.
func (a *Archive) Wanted() []storage.Migration { return a.wanted }

// Applied gives the migrations that the file remembers.
func (a *Archive) Applied(ctx context.Context) ([]storage.Migration, error) {
	var tables int
	err := a.db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'").Scan(&tables)
	if err != nil || tables == 0 {
		return nil, err
	}
	rows, err := a.db.QueryContext(ctx, "SELECT version, name, checksum FROM schema_migrations ORDER BY version")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var applied []storage.Migration
	for rows.Next() {
		var m storage.Migration
		if err := rows.Scan(&m.Version, &m.Name, &m.Checksum); err != nil {
			return nil, err
		}
		applied = append(applied, m)
	}
	return applied, rows.Err()
}

// Apply runs a migration and remembers it, in one transaction.
func (a *Archive) Apply(ctx context.Context, m storage.Migration) error {
	tx, err := a.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)"); err != nil {
		return fmt.Errorf("make schema_migrations: %w", err)
	}
	if _, err := tx.ExecContext(ctx, m.SQL); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO schema_migrations VALUES (?, ?, ?)", m.Version, m.Name, m.Checksum); err != nil {
		return fmt.Errorf("remember it: %w", err)
	}
	return tx.Commit()
}
