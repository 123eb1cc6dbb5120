package clickhouse

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/sessionguard/sessionguard/internal/chdb"
	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/archivetest"
)

// engine is the one engine that a process can have, or nil with the reason why not.
var (
	engine   *chdb.Engine
	noEngine error
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "clickhouse-test")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(folder)
		if engine, noEngine = chdb.Open(folder); noEngine == nil {
			defer engine.Close()
		}
		return m.Run()
	}())
}

var databases atomic.Int64

// serve gives the URL of an archive that does not exist yet, on a front of its own.
func serve(tb testing.TB, faults chdb.Faults) string {
	tb.Helper()
	if noEngine != nil {
		tb.Skip("no ClickHouse: ", noEngine)
	}
	f, err := chdb.Serve(engine, "127.0.0.1:0", faults)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(f.Close)
	return fmt.Sprintf("clickhouse://user:password@%s/archive_%d", f.Addr, databases.Add(1))
}

func open(tb testing.TB, url string) *Archive {
	tb.Helper()
	a, err := Open(url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { a.Close() })
	return a
}

func migrated(tb testing.TB, faults chdb.Faults) *Archive {
	tb.Helper()
	a := open(tb, serve(tb, faults))
	if err := storage.Migrate(tb.Context(), a, nil); err != nil {
		tb.Fatal(err)
	}
	return a
}

func TestArchive(t *testing.T) {
	archivetest.Run(t, func(t *testing.T) storage.Archive { return migrated(t, chdb.Faults{}) })
}

func TestSchema(t *testing.T) {
	archivetest.RunSchema(t, func(t *testing.T) storage.Schema { return open(t, serve(t, chdb.Faults{})) })
}

func BenchmarkWrite(b *testing.B) {
	archivetest.Benchmark(b, migrated(b, chdb.Faults{}))
}
