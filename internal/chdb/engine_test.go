package chdb

import "testing"

func TestEngine(t *testing.T) {
	e, err := Open(t.TempDir())
	if err != nil {
		t.Skip(err)
	}
	defer e.Close()
	out, err := e.Query("SELECT version()", "TSV")
	t.Logf("%q %v", out, err)
	for _, q := range []string{"SELECT * FROM nowhere", "CREATE TABLE t (a Int64, d Date) ENGINE=MergeTree ORDER BY a PARTITION BY d SETTINGS non_replicated_deduplication_window=100",
		"INSERT INTO t SELECT 1, '2020-01-01'", "SELECT a FROM t INTO OUTFILE '/tmp/storage-room/x.native' TRUNCATE FORMAT Native",
		"SELECT name, value FROM system.settings WHERE name LIKE '%dedup%' OR name='max_partitions_per_insert_block'",
		"SELECT name, value FROM system.merge_tree_settings WHERE name LIKE '%dedup%'",
	} {
		out, err := e.Query(q, "TSV")
		t.Logf("%q %s %v", q, out, err)
	}
}
