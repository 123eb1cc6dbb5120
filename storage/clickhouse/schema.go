package clickhouse

import (
	"context"
	"errors"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/sessionguard/sessionguard/storage"
)

// remembered is where applied migrations are kept. The last row of a version counts: running one again is harmless.
const remembered = `CREATE TABLE IF NOT EXISTS schema_migrations (version UInt32, name String, checksum String, applied_at DateTime DEFAULT now())
ENGINE = ReplacingMergeTree(applied_at) ORDER BY version`

// The codes of ClickHouse's answers that a new archive gives.
const (
	unknownTable    = 60
	unknownDatabase = 81
)

// Wanted gives the migrations that this program needs.
func (a *Archive) Wanted() []storage.Migration { return a.wanted }

// Applied gives the migrations that the database remembers; none if it does not exist.
func (a *Archive) Applied(ctx context.Context) ([]storage.Migration, error) {
	const doing = "read schema_migrations"
	rows, err := a.conn.Query(ctx, "SELECT version, name, checksum FROM schema_migrations FINAL ORDER BY version")
	if answered(err, unknownTable) || answered(err, unknownDatabase) {
		return nil, nil
	}
	if err != nil {
		return nil, reached(doing, err)
	}
	defer rows.Close()
	var applied []storage.Migration
	for rows.Next() {
		var m storage.Migration
		var version uint32
		if err := rows.Scan(&version, &m.Name, &m.Checksum); err != nil {
			return nil, reached(doing, err)
		}
		m.Version = int(version)
		applied = append(applied, m)
	}
	return applied, reached(doing, rows.Err())
}

// Apply runs a migration and remembers it. The first makes the database, too.
func (a *Archive) Apply(ctx context.Context, m storage.Migration) error {
	err := a.conn.Exec(ctx, remembered)
	if answered(err, unknownDatabase) {
		if err = a.makeDatabase(ctx); err == nil {
			err = a.conn.Exec(ctx, remembered)
		}
	}
	if err != nil {
		return reached("make schema_migrations", err)
	}
	if err := a.conn.Exec(ctx, m.SQL); err != nil {
		return reached("run it", err)
	}
	err = a.conn.Exec(ctx, "INSERT INTO schema_migrations (version, name, checksum) SELECT ?, ?, ?", m.Version, m.Name, m.Checksum)
	return reached("remember it", err)
}

// makeDatabase asks by a connection of its own, since one to a missing database is refused.
func (a *Archive) makeDatabase(ctx context.Context) error {
	options := *a.options
	options.Auth.Database = ""
	conn, err := clickhouse.Open(&options)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+quoteName(a.options.Auth.Database))
}

func quoteName(name string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}

// answered says whether an error is the server's answer with a code.
func answered(err error, code int32) bool {
	var answer *clickhouse.Exception
	return errors.As(err, &answer) && answer.Code == code
}
