package storage

import (
	"testing"
	"testing/fstest"
)

func TestMigrationsAreReadInOrder(t *testing.T) {
	got, err := Migrations(fstest.MapFS{
		"0002_b.sql": {Data: []byte("b\n")}, "0001_a.sql": {Data: []byte("a")}, "readme.md": {Data: []byte("x")},
	})
	want := []Migration{
		{1, "0001_a.sql", "a", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
		{2, "0002_b.sql", "b", "0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f"},
	}
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v (error: %v)\nwant %+v", got, err, want)
	}
}

func TestMigrationsMustBeNumberedWithoutGaps(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"a gap":      {"0001_a.sql": {}, "0003_c.sql": {}},
		"twice":      {"0001_a.sql": {}, "0001_b.sql": {}},
		"no number":  {"a.sql": {}},
		"from zero":  {"0000_a.sql": {}},
		"not in hex": {"0x01_a.sql": {}},
	} {
		if got, err := Migrations(files); err == nil {
			t.Errorf("%s: read as %+v", name, got)
		}
	}
}
