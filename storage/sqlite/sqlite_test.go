package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/archivetest"
)

func TestArchive(t *testing.T) {
	archivetest.Run(t, func(t *testing.T) storage.Archive { return open(t) })
}

func TestSchema(t *testing.T) {
	archivetest.RunSchema(t, func(t *testing.T) storage.Schema {
		a, err := Open(t.Context(), filepath.Join(t.TempDir(), "archive.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close() })
		return a
	})
}

func open(tb testing.TB) *Archive {
	tb.Helper()
	a, err := Open(tb.Context(), filepath.Join(tb.TempDir(), "a file with a space ? and #.db"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { a.Close() })
	if err := storage.Migrate(tb.Context(), a, nil); err != nil {
		tb.Fatal(err)
	}
	return a
}

func BenchmarkWrite(b *testing.B) {
	archivetest.Benchmark(b, open(b))
}
