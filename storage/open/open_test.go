package open

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/archivetest"
)

func TestCheck(t *testing.T) {
	for _, url := range []string{"none", "sqlite:a.db", "sqlite:/var/lib/a b.db", "clickhouse://u:p@h:9000/db", "clickhouse://u:p@h1:9000,h2:9000/db?secure=true"} {
		if err := Check(url); err != nil {
			t.Errorf("%q is refused: %v", url, err)
		}
	}
	for _, url := range []string{"", "None", "sqlite:", "postgres://h/db", "clickhouse:", "clickhouse:db", "clickhouse://u:SECRET@h:9000/db?dial_timeout=SECRET",
		"clickhouse://u:SECRET@h:9000/db?ca=missing.pem", "clickhouse://u:SECRET@h:9000/db?secure=true&ca=missing.pem", "clickhouse://u:SECRET@h:port/db", "clickhouse://u:SEC%ZZRET@h/db"} {
		if err := Check(url); err == nil || strings.Contains(err.Error(), "SEC") {
			t.Errorf("%q gives %v", url, err)
		}
	}
}

func TestSQLiteOpensWithItsSchemaAndKeepsItsRows(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "archive.db")
	s, err := Schemas(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if pending, err := storage.Pending(t.Context(), s); err != nil || len(pending) == 0 {
		t.Errorf("a new file lacks %d migrations (error: %v)", len(pending), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for want := range 2 {
		a, err := Archive(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		spans, err := a.Completeness(t.Context(), archivetest.Events)
		if err != nil || len(spans) != want {
			t.Errorf("opened for the %d. time it has %+v (error: %v)", want+1, spans, err)
		}
		if err := a.Write(t.Context(), archivetest.EventBlock(0, 0, 9)); err != nil {
			t.Fatal(err)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLookMakesNoFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "archive.db")
	pending := func() int {
		t.Helper()
		s, err := Look(t.Context(), "sqlite:"+file)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		list, err := storage.Pending(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if pending() == 0 {
		t.Error("nothing is pending for a file that is not there")
	}
	if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || len(entries) > 0 {
		t.Errorf("looking made %v (error: %v)", entries, err)
	}
	a, err := Archive(t.Context(), "sqlite:"+file)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if n := pending(); n != 0 {
		t.Errorf("%d migrations are pending for an archive that has them", n)
	}
}

func TestNoArchiveIsNotOpened(t *testing.T) {
	if _, err := Archive(t.Context(), None); err == nil {
		t.Error("none was opened")
	}
	if _, err := Schemas(t.Context(), None); err == nil {
		t.Error("the schema of none was opened")
	}
	if _, err := Archive(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "missing", "archive.db")); err == nil {
		t.Error("a file in a missing folder was opened")
	}
}
