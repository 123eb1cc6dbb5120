package bank

import (
	"strconv"
	"time"
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
	atMS       int64  // by the publisher's clock
	hop        bool   // the client's address is lost behind a proxy
	customer   *customer
	anonymous  bool     // before the login: the app does not know whose it is
	session    *session // nil before there is one
	sessionID  string   // as the client showed it
	previousID string
	seq        int64   // the app's own counter of its requests
	integrity  string  // of the cookie; "" is ok
	client     *client // nil when the app acts by itself
	access     *access

	label Label

	method, path    string
	op              *operation
	amount          int64
	outcome, reason string
	endReason       string
	authMethods     string // a JSON list
	background      bool
	key             string // of the record; "": the customer's id, before the login the session's
	inspected       string // the JA4 of who inspects the connection
	quic, resumed   bool   // the connection

	// What only the customer's own client can show. A thief has none of it, unless he stole it too.
	binding    string // Bindings
	thumbprint string // of the key that the session is bound to
	tokenID    string // the refresh token presented
	generation int64  // its number in the family, from 1
	flags      string // what the app's SDK sees on the device, a JSON list
	place      string // members of data.place
	site       string // Sec-Fetch-Site where it is not same-origin
	csrf       string // "" is ok
}

// proxyHop is the inner address of a proxy in front of the apps.
const proxyHop = "10.20.0.7"

// eventRoom is more than an event takes: a chunk with less room left is replaced.
const (
	eventRoom = 2 << 10
	chunkSize = 128 << 10
)

// emit writes an event at the present time and sends it on its way.
func (b *Bank) emit(e *event, ip string, rttMS int64) {
	if cap(b.chunk)-len(b.chunk) < eventRoom {
		b.chunk = make([]byte, 0, chunkSize)
	}
	e.customer.events++
	f := b.fate(e.customer, e.session != nil && e.session.native, e.client != nil)
	e.atMS, e.hop = b.nowMS+f.skewMS, f.hop
	e.label.EventID = b.idPrefix + "-" + strconv.FormatUint(uint64(e.customer.n), 36) + "-" + strconv.FormatUint(e.customer.events, 36)
	e.label.SessionID, e.label.Group = e.sessionID, e.customer.group.String()
	e.label.Cause |= f.cause()
	if e.session != nil {
		e.label.Lineage, e.label.Group = e.session.lineage, e.session.c.group.String()
		e.session.causes |= e.label.Cause
		e.label.Cause = e.session.causes
	}
	e.label.Source = e.source()
	key := e.customer.id
	if e.anonymous {
		key = e.sessionID
	}
	if e.key != "" {
		key = e.key
	}
	if len(b.fleets) > 0 && e.label.Actor == Honest {
		e.label.Beside = b.besideOf(e, ip)
	}
	from := len(b.chunk)
	b.chunk = b.write(b.chunk, e, ip, rttMS)
	b.deliver(Published{JSON: b.chunk[from:len(b.chunk):len(b.chunk)], Key: key, TimeMS: e.atMS, Label: e.label}, &f)
}

func (b *Bank) write(w []byte, e *event, ip string, rttMS int64) []byte {
	w = append(w, `{"specversion":"1.0"`...)
	w = text(w, `,"id":"`, e.label.EventID)
	w = text(w, `,"source":"`, e.label.Source)
	w = text(w, `,"type":"`, e.kind)
	w = append(w, `,"time":"`...)
	w = appendTime(w, e.atMS)
	w = append(w, '"')
	if b.cfg.Labels {
		w = text(w, `,"label":"`, e.label.Actor.String())
		w = text(w, `,"attack":"`, e.label.Attack)
		w = text(w, `,"attackid":"`, e.label.AttackID)
	}
	w = append(w, `,"data":{"tenant":"retail"`...)
	w = e.writeSession(w)
	w = e.writeUser(w)
	if e.client != nil {
		w = b.writeClient(w, e, ip, rttMS)
	}
	w = e.writeRest(w)
	return append(w, '}', '}')
}

// source is the app that publishes the event.
func (e *event) source() string {
	switch s := e.session; {
	case e.place != "":
		return "/cards"
	case s != nil && s.api:
		return "/apps/open-banking"
	case s != nil && s.native || e.client != nil && e.client.native:
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

// number appends a member whose key and colon are given, unless the value is 0.
func number(w []byte, key string, value int64) []byte {
	if value == 0 {
		return w
	}
	w = append(w, key...)
	return strconv.AppendInt(w, value, 10)
}

func appendTime(w []byte, ms int64) []byte {
	return time.UnixMilli(ms).UTC().AppendFormat(w, "2006-01-02T15:04:05.000Z")
}
