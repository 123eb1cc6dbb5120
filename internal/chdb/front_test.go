package chdb_test

import (
	"errors"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/sessionguard/sessionguard/internal/chdb"
)

// engine is the one that a process can have, or nil with the reason why not.
var (
	engine   *chdb.Engine
	noEngine error
)

func TestMain(m *testing.M) {
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "chdb-test")
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

func connect(t *testing.T, faults chdb.Faults, method clickhouse.CompressionMethod) driver.Conn {
	t.Helper()
	if noEngine != nil {
		t.Skip("no ClickHouse: ", noEngine)
	}
	f, err := chdb.Serve(engine, "127.0.0.1:0", faults)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	c, err := clickhouse.Open(&clickhouse.Options{Addr: []string{f.Addr}, Compression: &clickhouse.Compression{Method: method}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func exec(t *testing.T, c driver.Conn, query string) {
	t.Helper()
	if err := c.Exec(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// row has one field of each type that the archive's tables use, and of some that they may use later.
type row struct {
	Number  int64             `ch:"number"`
	At      time.Time         `ch:"at"`
	Word    string            `ch:"word"`
	Address netip.Addr        `ch:"address"`
	List    []string          `ch:"list"`
	Yes     bool              `ch:"yes"`
	Maybe   *string           `ch:"maybe"`
	Map     map[string]uint64 `ch:"map"`
}

func TestRowsComeBack(t *testing.T) {
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4} {
		t.Run(method.String(), func(t *testing.T) {
			c := connect(t, chdb.Faults{}, method)
			exec(t, c, "DROP TABLE IF EXISTS kinds")
			exec(t, c, `CREATE TABLE kinds (number Int64 CODEC(Delta, ZSTD(1)), at DateTime64(3, 'UTC'), word LowCardinality(String), address IPv6,
				list Array(String), yes Bool, maybe Nullable(String), map Map(String, UInt64)) ENGINE = MergeTree ORDER BY number`)
			text := "text"
			want := []row{
				{Number: -1, At: time.UnixMilli(1795339800125).UTC(), Word: "one", Address: netip.MustParseAddr("2a02:d140::1"), List: []string{"a", "b"}, Yes: true, Maybe: &text, Map: map[string]uint64{"k": 1}},
				{Number: 2, At: time.UnixMilli(0).UTC(), Address: netip.MustParseAddr("::"), List: []string{}, Map: map[string]uint64{}},
			}
			batch, err := c.PrepareBatch(t.Context(), "INSERT INTO kinds (number, at, word, address, list, yes, maybe, map)")
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if err := batch.AppendStruct(&want[i]); err != nil {
					t.Fatal(err)
				}
			}
			if err := batch.Send(); err != nil {
				t.Fatal(err)
			}
			var got []row
			if err := c.Select(t.Context(), &got, "SELECT * FROM kinds WHERE word != ? ORDER BY number", "it's not there"); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v (error: %v)", got, want, err)
			}
			got = nil
			if err := c.Select(t.Context(), &got, "SELECT * FROM kinds WHERE number > 5"); err != nil || len(got) != 0 {
				t.Errorf("nothing selected gives %+v, error %v", got, err)
			}
		})
	}
}

func TestAnswersThatRefuseHaveTheirCode(t *testing.T) {
	c := connect(t, chdb.Faults{}, clickhouse.CompressionLZ4)
	for query, code := range map[string]int32{"SELECT 1 FROM nowhere": 60, "SELEC 1": 62, "DROP DATABASE nowhere": 81} {
		var refused *clickhouse.Exception
		if err := c.Exec(t.Context(), query); !errors.As(err, &refused) || refused.Code != code {
			t.Errorf("%s gives %v, want code %d", query, err, code)
		}
	}
	if err := c.Ping(t.Context()); err != nil {
		t.Errorf("the connection is not usable afterwards: %v", err)
	}
}

func TestDroppedInserts(t *testing.T) {
	tests := []struct {
		name   string
		faults chdb.Faults
		want   uint64
	}{
		{"before the engine has the rows", chdb.Faults{DropInsert: always}, 0},
		{"before the client is told", chdb.Faults{DropAck: always}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, tt.faults, clickhouse.CompressionLZ4)
			exec(t, c, "DROP TABLE IF EXISTS dropped")
			exec(t, c, "CREATE TABLE dropped (n Int64) ENGINE = MergeTree ORDER BY n")
			batch, err := c.PrepareBatch(t.Context(), "INSERT INTO dropped (n)")
			if err != nil {
				t.Fatal(err)
			}
			if err := batch.Append(int64(1)); err != nil {
				t.Fatal(err)
			}
			if err := batch.Send(); err == nil {
				t.Error("the client was told that all is well")
			}
			var n uint64
			if err := c.QueryRow(t.Context(), "SELECT count() FROM dropped").Scan(&n); err != nil || n != tt.want {
				t.Errorf("%d rows are there, want %d (error: %v)", n, tt.want, err)
			}
		})
	}
}

func always(query string) bool { return strings.HasPrefix(query, "INSERT") }
