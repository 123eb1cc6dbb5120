package bank

import (
	"strconv"
	"time"

	"github.com/sessionguard/sessionguard/internal/bank/internet"
)

// client is how somebody's software shows itself in data.client and data.device.
type client struct {
	agent    *agent
	language string
	timezone string
	screen   string
	deviceID string
	native   bool // the bank's app
}

// event is what write makes a CloudEvent of. Empty fields are left out.
type event struct {
	kind       string // CloudEvents type
	customer   *customer
	session    *session // nil before there is one
	sessionID  string   // as the client showed it
	previousID string
	client     *client // nil when the app acts by itself
	access     *access

	label Label

	method, path     string
	op               *operation
	amount           int64
	outcome, reason  string
	endReason        string
	authMethods      string // a JSON list
	background, quic bool
}

// eventRoom is more than an event takes: a chunk with less room left is replaced.
const (
	eventRoom = 2 << 10
	chunkSize = 128 << 10
)

// emit writes an event at the present time and queues it.
func (b *Bank) emit(e *event, ip string, rttMS int64) {
	if cap(b.chunk)-len(b.chunk) < eventRoom {
		b.chunk = make([]byte, 0, chunkSize)
	}
	e.customer.events++
	e.label.EventID = b.idPrefix + "-" + strconv.FormatUint(uint64(e.customer.n), 36) + "-" + strconv.FormatUint(e.customer.events, 36)
	e.label.SessionID = e.sessionID
	if e.session != nil {
		e.label.Lineage = e.session.lineage
	}
	e.label.Source = e.source()
	from := len(b.chunk)
	b.chunk = b.write(b.chunk, e, ip, rttMS)
	b.pending = append(b.pending, Published{JSON: b.chunk[from:len(b.chunk):len(b.chunk)], Key: e.customer.id, TimeMS: b.nowMS, Label: e.label})
}

func (b *Bank) write(w []byte, e *event, ip string, rttMS int64) []byte {
	w = append(w, `{"specversion":"1.0"`...)
	w = text(w, `,"id":"`, e.label.EventID)
	w = text(w, `,"source":"`, e.label.Source)
	w = text(w, `,"type":"`, e.kind)
	w = append(w, `,"time":"`...)
	w = appendTime(w, b.nowMS)
	w = append(w, '"')
	if b.cfg.Labels {
		w = text(w, `,"label":"`, e.label.Actor.String())
		w = text(w, `,"attack":"`, e.label.Attack)
		w = text(w, `,"attackid":"`, e.label.AttackID)
	}
	w = append(w, `,"data":{"tenant":"retail"`...)
	w = e.writeSession(w)
	w = text(w, `,"user":{"id":"`, e.customer.id)
	w = append(w, `,"roles":["customer"]`...)
	w = text(w, `,"segment":"`, e.customer.segment)
	w = append(w, '}')
	if e.client != nil {
		w = b.writeClient(w, e, ip, rttMS)
	}
	w = e.writeRest(w)
	return append(w, '}', '}')
}

// source is the app that publishes the event.
func (e *event) source() string {
	if e.session != nil && e.session.native || e.client != nil && e.client.native {
		return "/apps/mobile"
	}
	return "/apps/retail-web"
}

// text appends a member whose key, colon and opening quote are given, unless the value is empty. Values of this world
// need no escaping.
func text(w []byte, key, value string) []byte {
	if value == "" {
		return w
	}
	w = append(w, key...)
	w = append(w, value...)
	return append(w, '"')
}

func appendTime(w []byte, ms int64) []byte {
	return time.UnixMilli(ms).UTC().AppendFormat(w, "2006-01-02T15:04:05.000Z")
}

func (e *event) writeSession(w []byte) []byte {
	s := e.session
	if s == nil {
		return w
	}
	w = text(w, `,"session":{"id":"`, e.sessionID)
	w = text(w, `,"previous_id":"`, e.previousID)
	w = append(w, `,"created_at":"`...)
	w = appendTime(w, s.createdMS)
	if s.native {
		w = append(w, `","kind":"mobile_app","transport":"header"`...)
	} else {
		w = append(w, `","kind":"browser","transport":"cookie"`...)
	}
	w = text(w, `,"end_reason":"`, e.endReason)
	return append(w, '}')
}

func (b *Bank) writeClient(w []byte, e *event, ip string, rttMS int64) []byte {
	c := e.client
	w = text(w, `,"client":{"ip":"`, ip)
	w = append(w, ',')
	w = append(w, c.agent.json...)
	w = text(w, `,"accept_language":"`, c.language)
	w = text(w, `,"timezone":"`, c.timezone)
	w = text(w, `,"screen":"`, c.screen)
	ja4 := c.agent.ja4
	if e.quic && c.agent.ja4QUIC != "" {
		ja4 = c.agent.ja4QUIC
	}
	w = text(w, `,"ja4":"`, ja4)
	w = append(w, `,"rtt_ms":`...)
	w = strconv.AppendInt(w, rttMS, 10)
	if b.cfg.Geo {
		w = append(w, ',')
		w = append(w, b.geoJSON[e.access.network]...)
	}
	w = append(w, '}')
	if c.deviceID != "" {
		w = text(w, `,"device":{"id":"`, c.deviceID)
		w = text(w, `,"app_version":"`, c.agent.appVersion)
		w = append(w, '}')
	}
	return w
}

func (e *event) writeRest(w []byte) []byte {
	if e.authMethods != "" {
		w = append(w, `,"auth":{"time":"`...)
		w = appendTime(w, e.session.authMS)
		w = append(w, `","methods":`...)
		w = append(w, e.authMethods...)
		w = append(w, `,"aal":2}`...)
	}
	if e.method != "" {
		w = text(w, `,"http":{"method":"`, e.method)
		w = text(w, `,"path":"`, e.path)
		w = append(w, `,"scheme":"https"}`...)
	}
	if e.op != nil {
		w = e.op.write(w, e.amount)
	}
	w = text(w, `,"outcome":"`, e.outcome)
	w = text(w, `,"reason":"`, e.reason)
	if e.background {
		w = append(w, `,"background":true`...)
	}
	return w
}

// operation is something that a customer can do with her money or her account.
type operation struct {
	name, sensitivity, kind string
	path                    string
	median                  int64 // amount in the customer's currency; 0: no amount
	weight                  float64
}

func (o *operation) sensitive() bool { return o.sensitivity == "high" || o.sensitivity == "critical" }

func (o *operation) write(w []byte, amount int64) []byte {
	w = text(w, `,"action":{"name":"`, o.name)
	w = text(w, `,"sensitivity":"`, o.sensitivity)
	w = text(w, `,"kind":"`, o.kind)
	if amount > 0 {
		w = append(w, `,"amount":`...)
		w = strconv.AppendInt(w, amount, 10)
		w = append(w, `,"currency":"EUR"`...)
	}
	return append(w, '}')
}

// operations are what customers do, by how often they do it. Before a critical one the app itself asks for a step-up
// (strong customer authentication, PSD2 RTS Art. 97).
var operations = []operation{
	{"transfer.own", "normal", "transfer", "/transfers/own", 200, 30},
	{"transfer.domestic", "normal", "transfer", "/transfers", 90, 40},
	{"transfer.large", "high", "transfer", "/transfers", 1400, 8},
	{"payee.add", "high", "payee", "/payees", 0, 7},
	{"card.limit", "high", "limit", "/cards/limit", 0, 3},
	{"statement.export", "normal", "export", "/statements/export", 0, 8},
	{"card.freeze", "low", "other", "/cards/freeze", 0, 2},
	{"contact.update", "critical", "contact", "/profile/contact", 0, 2},
}

// The thief's own: a payee and all that the account holds. The bank of this world asks no step-up for them, so that
// only the session's protection stands between.
var (
	stealPayee    = operation{"payee.add", "high", "payee", "/payees", 0, 0}
	stealTransfer = operation{"transfer.domestic", "high", "transfer", "/transfers", 4800, 0}
)

var webPages = []string{"/overview", "/accounts", "/accounts/1/transactions", "/accounts/2/transactions", "/cards", "/payments/new", "/savings", "/loans", "/documents", "/messages"}

func (b *Bank) timezone(city int32) string { return internet.Cities[city].Timezone }
