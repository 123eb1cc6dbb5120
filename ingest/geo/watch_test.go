package geo

import (
	"os"
	"strings"
	"testing"
	"time"
)

// replace puts a file's content where path is, as a deployment does: by rename, long ago.
func replace(t *testing.T, path, from string, modified time.Time) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, content, modified)
}

func write(t *testing.T, path string, content []byte, modified time.Time) {
	t.Helper()
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path+".new", modified, modified); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestWatcher(t *testing.T) {
	path := smallCity(t)
	first := open(t, Files{City: path, ASN: smallASN(t)})
	w := NewWatcher(first)
	start := buildDay
	now := start.Add(time.Hour)
	check := func(wantNew bool, wantError string) *Databases {
		t.Helper()
		db, err := w.Check(now)
		if (db != nil) != wantNew {
			t.Fatalf("new databases: %v, want %v (error: %v)", db != nil, wantNew, err)
		}
		broken := len(w.Refused()) > 0
		if wantError != "" && !broken {
			t.Fatalf("%q, but no role is refused", wantError)
		}
		if db != nil && broken {
			t.Fatalf("new databases, and %v are refused", w.Refused())
		}
		if wantError == "" && err != nil || wantError != "" && (err == nil || !strings.Contains(err.Error(), wantError)) {
			t.Fatalf("error %v, want %q", err, wantError)
		}
		return db
	}
	check(false, "")

	later := writeDatabase(t, "later.mmdb", "GeoLite2-City", buildDay.AddDate(0, 0, 7), records{"81.2.0.0/16": city("IE", "Dublin", 53, -6, 10)})
	replace(t, path, later, start)
	db := check(true, "")
	if got := lookup(db, nil, "81.2.69.142"); got.City != "Dublin" || got.ASN.V != 20712 || !strings.HasPrefix(got.Build, "2026-11-25+") {
		t.Errorf("after the replacement: %+v", got)
	}
	if got := lookup(first, nil, "81.2.69.142"); got.City != "London" {
		t.Errorf("the databases in use changed under their owner: %+v", got)
	}
	check(false, "")

	write(t, path, []byte("not a database"), start.Add(time.Minute))
	check(false, "built 2026-11-25, stays")
	check(false, "") // once for each change
	write(t, path, []byte("nor is this one"), start.Add(2*time.Minute))
	check(false, "not a MaxMind database")

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	check(false, "no such file")
	check(false, "")

	replace(t, path, later, now.Add(-time.Second))
	check(false, "") // may still be being written
	now = now.Add(settleTime)
	check(true, "")
	check(false, "")
}
