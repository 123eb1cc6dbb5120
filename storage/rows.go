package storage

import "net/netip"

// Coordinates say where a record stands in Kafka. They identify an archived row.
type Coordinates struct {
	Topic        string
	Partition    int32
	Offset       int64
	RecordTimeMS int64 // the broker's timestamp, Unix ms
}

// EventRow is one archived session event. Its texts hold no raw session or token id.
//
// A record that could not become an event has a row too, with Rejected saying why and nothing else but its coordinates:
// so the archive can prove that it is complete. The record itself is in the dead-letter topic.
type EventRow struct {
	Coordinates
	EventTimeMS     int64 // Unix ms, as the engine took it: not after RecordTimeMS + 5 min
	Clamped         bool  // the event's own time was later than that; it still stands in Raw
	Tenant          string
	UserID          string
	Session         string // pseudonym
	PreviousSession string // pseudonym
	Token           string // pseudonym
	TokenFamily     string // pseudonym
	EventID         string
	Source          string
	Type            string // as it came, also when it is none that we know
	Outcome         string
	Action          string     // action.name
	IP              netip.Addr // invalid: none
	Country         string     // ISO 3166-1 alpha-2, of IP
	City            string
	ASN             uint32 // 0: not known
	Network         string // kinds of anonymising network, comma separated, and connection type
	Browser         string
	BrowserMajor    uint16
	OS              string
	Device          string // class: desktop, phone, tablet
	GeoBuild        string
	Rejected        string
	Raw             string // structured-mode JSON of the event with pseudonyms in place of its ids; it decodes as an event
}

// DecisionRow is one archived decision. The same ID may stand at several coordinates, since decisions are published at least
// once; queries show it once.
type DecisionRow struct {
	Coordinates
	ID            string
	TimeMS        int64 // Unix ms, of the event that was judged
	Tenant        string
	UserID        string
	Session       string // pseudonym
	EventID       string
	EventSource   string
	Action        string
	Mode          string
	Would         string
	Score         int32
	PreviousScore int32
	Rules         []string // ids of the rules that fired, as ordered in Raw
	Command       string
	Retracts      string
	Ruleset       string
	Revision      string
	GeoBuild      string
	Rejected      string // why the record is no decision; see EventRow
	Raw           string // the decision's JSON, session and token ids as pseudonyms
}
