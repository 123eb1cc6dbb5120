package clickhouse

import (
	"net/netip"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/sessionguard/sessionguard/storage"
)

// column is one column of a table: how a SELECT spells it, how rows are written into it, and where a row scans it to.
type column[T any] struct {
	name  string
	read  string // an expression; "": name
	write func(to driver.BatchColumn, rows []T) error
	scan  func(*T) any
}

// plain is a column whose Go type ClickHouse's client takes as it is.
func plain[T, V any](name string, field func(*T) *V) column[T] {
	return column[T]{
		name: name,
		write: func(to driver.BatchColumn, rows []T) error {
			values := make([]V, len(rows))
			for i := range rows {
				values[i] = *field(&rows[i])
			}
			return to.Append(values)
		},
		scan: func(r *T) any { return field(r) },
	}
}

// The times that ClickHouse's DateTime64 and its client's nanoseconds both hold: 1900-01-01 and 2262-01-01, Unix ms. An
// event may claim any time; beyond these it is archived with the nearest, and as it came in raw.
const (
	firstMS = -2208988800000
	lastMS  = 9214646400000
)

// moment is a time column over Unix ms.
func moment[T any](name string, field func(*T) *int64) column[T] {
	return column[T]{
		name: name,
		read: "toUnixTimestamp64Milli(" + name + ")",
		write: func(to driver.BatchColumn, rows []T) error {
			values := make([]int64, len(rows))
			for i := range rows {
				values[i] = min(max(*field(&rows[i]), firstMS), lastMS)
			}
			return to.Append(values)
		},
		scan: func(r *T) any { return field(r) },
	}
}

// address is the IPv6 column, where an IPv4 address stands mapped and an absent one as "::".
func address[T any](name string, field func(*T) *netip.Addr) column[T] {
	return column[T]{
		name: name,
		write: func(to driver.BatchColumn, rows []T) error {
			values := make([]netip.Addr, len(rows))
			for i := range rows {
				values[i] = netip.IPv6Unspecified()
				if ip := *field(&rows[i]); ip.IsValid() {
					values[i] = netip.AddrFrom16(ip.As16())
				}
			}
			return to.Append(values)
		},
		scan: func(r *T) any { return field(r) },
	}
}

var eventColumns = []column[storage.EventRow]{
	plain("topic", func(r *storage.EventRow) *string { return &r.Topic }),
	plain("partition", func(r *storage.EventRow) *int32 { return &r.Partition }),
	plain("offset", func(r *storage.EventRow) *int64 { return &r.Offset }),
	moment("record_time", func(r *storage.EventRow) *int64 { return &r.RecordTimeMS }),
	moment("event_time", func(r *storage.EventRow) *int64 { return &r.EventTimeMS }),
	plain("clamped", func(r *storage.EventRow) *bool { return &r.Clamped }),
	plain("tenant", func(r *storage.EventRow) *string { return &r.Tenant }),
	plain("user_id", func(r *storage.EventRow) *string { return &r.UserID }),
	plain("session", func(r *storage.EventRow) *string { return &r.Session }),
	plain("previous_session", func(r *storage.EventRow) *string { return &r.PreviousSession }),
	plain("token", func(r *storage.EventRow) *string { return &r.Token }),
	plain("token_family", func(r *storage.EventRow) *string { return &r.TokenFamily }),
	plain("event_id", func(r *storage.EventRow) *string { return &r.EventID }),
	plain("source", func(r *storage.EventRow) *string { return &r.Source }),
	plain("type", func(r *storage.EventRow) *string { return &r.Type }),
	plain("outcome", func(r *storage.EventRow) *string { return &r.Outcome }),
	plain("action", func(r *storage.EventRow) *string { return &r.Action }),
	address("ip", func(r *storage.EventRow) *netip.Addr { return &r.IP }),
	plain("country", func(r *storage.EventRow) *string { return &r.Country }),
	plain("city", func(r *storage.EventRow) *string { return &r.City }),
	plain("asn", func(r *storage.EventRow) *uint32 { return &r.ASN }),
	plain("network", func(r *storage.EventRow) *string { return &r.Network }),
	plain("browser", func(r *storage.EventRow) *string { return &r.Browser }),
	plain("browser_major", func(r *storage.EventRow) *uint16 { return &r.BrowserMajor }),
	plain("os", func(r *storage.EventRow) *string { return &r.OS }),
	plain("device", func(r *storage.EventRow) *string { return &r.Device }),
	plain("geo_build", func(r *storage.EventRow) *string { return &r.GeoBuild }),
	plain("rejected", func(r *storage.EventRow) *string { return &r.Rejected }),
	plain("raw", func(r *storage.EventRow) *string { return &r.Raw }),
}

var decisionColumns = []column[storage.DecisionRow]{
	plain("topic", func(r *storage.DecisionRow) *string { return &r.Topic }),
	plain("partition", func(r *storage.DecisionRow) *int32 { return &r.Partition }),
	plain("offset", func(r *storage.DecisionRow) *int64 { return &r.Offset }),
	moment("record_time", func(r *storage.DecisionRow) *int64 { return &r.RecordTimeMS }),
	plain("id", func(r *storage.DecisionRow) *string { return &r.ID }),
	moment("event_time", func(r *storage.DecisionRow) *int64 { return &r.TimeMS }),
	plain("tenant", func(r *storage.DecisionRow) *string { return &r.Tenant }),
	plain("user_id", func(r *storage.DecisionRow) *string { return &r.UserID }),
	plain("session", func(r *storage.DecisionRow) *string { return &r.Session }),
	plain("event_id", func(r *storage.DecisionRow) *string { return &r.EventID }),
	plain("event_source", func(r *storage.DecisionRow) *string { return &r.EventSource }),
	plain("action", func(r *storage.DecisionRow) *string { return &r.Action }),
	plain("mode", func(r *storage.DecisionRow) *string { return &r.Mode }),
	plain("would", func(r *storage.DecisionRow) *string { return &r.Would }),
	plain("score", func(r *storage.DecisionRow) *int32 { return &r.Score }),
	plain("previous_score", func(r *storage.DecisionRow) *int32 { return &r.PreviousScore }),
	plain("rules", func(r *storage.DecisionRow) *[]string { return &r.Rules }),
	plain("command", func(r *storage.DecisionRow) *string { return &r.Command }),
	plain("retracts", func(r *storage.DecisionRow) *string { return &r.Retracts }),
	plain("ruleset", func(r *storage.DecisionRow) *string { return &r.Ruleset }),
	plain("revision", func(r *storage.DecisionRow) *string { return &r.Revision }),
	plain("geo_build", func(r *storage.DecisionRow) *string { return &r.GeoBuild }),
	plain("rejected", func(r *storage.DecisionRow) *string { return &r.Rejected }),
	plain("raw", func(r *storage.DecisionRow) *string { return &r.Raw }),
}

// names lists the columns for an INSERT. The list is explicit, so that the schema may have more than we write.
func names[T any](columns []column[T]) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.name
	}
	return strings.Join(list, ", ")
}

// reads lists the columns for a SELECT.
func reads[T any](columns []column[T]) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.name
		if c.read != "" {
			list[i] = c.read
		}
	}
	return strings.Join(list, ", ")
}
