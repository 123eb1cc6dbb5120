package clickhouse

import (
	"os"
	"regexp"
	"testing"

	"github.com/sessionguard/sessionguard/internal/chdb"
	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/archivetest"
)

var sqlBlock = regexp.MustCompile("(?s)```sql\n(.*?)```")

// TestQueriesOfTheManual runs each query of docs/archive.md over rows that all but the one by session find.
func TestQueriesOfTheManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/archive.md")
	if err != nil {
		t.Fatal(err)
	}
	queries := sqlBlock.FindAllSubmatch(text, -1)
	if len(queries) < 7 {
		t.Fatalf("the manual has only %d queries", len(queries))
	}
	a := migrated(t, chdb.Faults{})
	events, decisions := archivetest.EventBlock(0, 0, 9), archivetest.DecisionBlock(0, 0, 9)
	for i := range 10 {
		events.Events[i].Tenant, events.Events[i].UserID = "retail", "u-4711"
		events.Events[i].Session = "k1:5f0c"
		decisions.Decisions[i].UserID = "u-4711"
		decisions.Decisions[i].Raw = `{"rules":[{"id":"asn-change","reason":"it moved"}]}`
	}
	for _, b := range []*storage.Block{events, decisions} {
		if err := a.Write(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range queries {
		rows, err := a.conn.Query(t.Context(), string(q[1]))
		if err != nil {
			t.Errorf("%s: %v", q[1], err)
			continue
		}
		if !rows.Next() {
			t.Errorf("%s finds nothing (error: %v)", q[1], rows.Err())
		}
		rows.Close()
	}
}
