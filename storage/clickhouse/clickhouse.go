// Package clickhouse is the archive in ClickHouse, written in blocks over the native protocol.
package clickhouse

import (
	"context"
	"crypto/tls"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/sessionguard/sessionguard/storage"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Archive is an archive in a ClickHouse database. It is safe for concurrent use.
type Archive struct {
	conn    driver.Conn
	options *clickhouse.Options
	wanted  []storage.Migration
}

// Open reads the URL, clickhouse://user:password@host:9000/database, and contacts nothing: the first question or block does.
// Several hosts are separated by commas. TLS: secure=true, with ca, cert and key naming PEM files, and skip_verify and
// tls_server_name as clickhouse-go has them.
func Open(url string) (*Archive, error) {
	options, err := parse(url)
	if err != nil {
		return nil, err
	}
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	wanted, err := storage.Migrations(folder)
	if err != nil {
		return nil, err
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		return nil, fmt.Errorf("open the archive: %w", err)
	}
	return &Archive{conn: conn, options: options, wanted: wanted}, nil
}

// Ping says whether the server answers and lets us in.
func (a *Archive) Ping(ctx context.Context) error {
	return reached("reach the archive", a.conn.Ping(ctx))
}

// Close ends the connections.
func (a *Archive) Close() error { return a.conn.Close() }

// defaults sets what a long-lived client needs and the URL does not say.
func defaults(o *clickhouse.Options) {
	o.DialTimeout = orElse(o.DialTimeout, 5*time.Second)
	o.ReadTimeout = orElse(o.ReadTimeout, time.Minute)
	o.ConnMaxLifetime = orElse(o.ConnMaxLifetime, 15*time.Minute)
	o.MaxOpenConns = orElse(o.MaxOpenConns, 16)
	o.MaxIdleConns = orElse(o.MaxIdleConns, 4)
	o.FreeBufOnConnRelease = true // idle connections would each keep a block's memory
	if o.Compression == nil {
		o.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	}
}

func orElse[N int | time.Duration](n, otherwise N) N {
	if n == 0 {
		return otherwise
	}
	return n
}

// reached adds what was tried to an error, and storage.ErrUnreachable where it comes from the way to the server.
func reached(doing string, err error) error {
	if err == nil {
		return nil
	}
	if !onTheWay(err) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fmt.Errorf("%s: %w: %w", doing, storage.ErrUnreachable, err)
}

func onTheWay(err error) bool {
	var broken net.Error // also a deadline that passed
	var untrusted *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	if errors.As(err, &broken) || errors.As(err, &untrusted) || errors.As(err, &noTLS) {
		return true
	}
	for _, e := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.EPIPE, syscall.ECONNRESET,
		clickhouse.ErrAcquireConnTimeout, clickhouse.ErrConnectionClosed} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
