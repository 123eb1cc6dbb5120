// Package archivetest holds the tests that every engine of the archive passes.
package archivetest

import (
	"fmt"
	"net/netip"

	"github.com/sessionguard/sessionguard/storage"
)

// The topics that the tests write.
const (
	Events    = "session.events"
	Decisions = "session.decisions"
)

// StartMS is the event time of offset 0: 2026-11-22T09:30:00Z, in Unix ms.
const StartMS = 1795339800000

// EventBlock makes the events first to last of a partition: one a second, of ten users in two tenants, each column filled.
// The same arguments give the same block.
func EventBlock(partition int32, first, last int64) *storage.Block {
	b := &storage.Block{Topic: Events, Partition: partition, First: first, Last: last}
	for offset := first; offset <= last; offset++ {
		b.Events = append(b.Events, Event(partition, offset))
	}
	return b
}

// Event makes one event. Of users 0 to 9 the even ones are in tenant "retail", the others in tenant "".
func Event(partition int32, offset int64) storage.EventRow {
	user := offset % 10
	at := StartMS + 1000*offset
	r := storage.EventRow{
		Coordinates: storage.Coordinates{Topic: Events, Partition: partition, Offset: offset, RecordTimeMS: at + 7},
		EventTimeMS: at, Clamped: offset%7 == 0, UserID: fmt.Sprintf("u-%d-%d", partition, user),
		Session: fmt.Sprintf("k1:session-%d-%d", partition, user), Token: "k1:token", TokenFamily: "k1:family",
		EventID: fmt.Sprintf("e-%d", offset), Source: "/apps/retail-web", Type: "session.presented", Outcome: "success",
		Action: "pay", IP: netip.MustParseAddr("2a02:d140::1"), Country: "SE", City: "Linköping", ASN: 29518, Network: "vpn,Corporate",
		Browser: "Chrome", BrowserMajor: 142, OS: "Windows", Device: "desktop", GeoBuild: "2026-11-18",
		Raw: fmt.Sprintf(`{"id":"e-%d","data":{"reason":"it's \"quoted\" \\ and %%s ? å"}}`, offset),
	}
	if user%2 == 0 {
		r.Tenant, r.IP = "retail", netip.MustParseAddr("89.160.20.112")
	}
	return r
}

// Decision makes one decision, with the id of its offset.
func Decision(partition int32, offset int64) storage.DecisionRow {
	at := StartMS + 1000*offset
	d := storage.DecisionRow{
		Coordinates: storage.Coordinates{Topic: Decisions, Partition: partition, Offset: offset, RecordTimeMS: at + 9},
		ID:          fmt.Sprintf("d1-%d-%d", partition, offset), TimeMS: at, Tenant: "retail", UserID: "u-1", Session: "k1:session-1",
		EventID: fmt.Sprintf("e-%d", offset), EventSource: "/apps/retail-web", Action: "require_reauth", Mode: "enforce",
		Score: 72, PreviousScore: 10, Rules: []string{"impossible-travel", "fingerprint-drift"}, Command: "sent",
		Ruleset: "sha256:00", Revision: "2026-11-22.1", GeoBuild: "2026-11-18", Raw: `{"id":"d1"}`,
	}
	if offset%2 == 1 {
		d.Action, d.Mode, d.Would, d.Rules, d.Command = "none", "shadow", "arm", []string{"asn-change"}, ""
	}
	return d
}

// DecisionBlock makes the decisions first to last of a partition.
func DecisionBlock(partition int32, first, last int64) *storage.Block {
	b := &storage.Block{Topic: Decisions, Partition: partition, First: first, Last: last}
	for offset := first; offset <= last; offset++ {
		b.Decisions = append(b.Decisions, Decision(partition, offset))
	}
	return b
}
