package bank

import (
	"cmp"
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
	e.label.SessionID = e.sessionID
	e.label.Cause |= f.cause()
	if e.session != nil {
		e.label.Lineage = e.session.lineage
		e.session.causes |= e.label.Cause
		e.label.Cause = e.session.causes
	}
	e.label.Source = e.source()
	key := e.customer.id
	if e.anonymous {
		key = e.sessionID
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

func (e *event) writeUser(w []byte) []byte {
	if e.anonymous {
		return w
	}
	w = text(w, `,"user":{"id":"`, e.customer.id)
	w = append(w, `,"roles":["customer"]`...)
	w = text(w, `,"segment":"`, e.customer.segment)
	if e.session != nil {
		w = text(w, `,"actor_id":"`, e.session.actor)
	}
	return append(w, '}')
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
	w = append(w, '"')
	w = append(w, s.transport()...)
	cookie := !s.native && !s.api
	if e.client != nil && cookie {
		w = text(w, `,"integrity":"`, cmp.Or(e.integrity, "ok"))
	}
	if (e.kind == "session.created" || e.kind == "session.renewed") && cookie {
		w = append(w, `,"cookie":{"secure":true,"http_only":true,"same_site":"Lax","host_prefix":true}`...)
	}
	w = number(w, `,"seq":`, e.seq)
	w = text(w, `,"end_reason":"`, e.endReason)
	return append(w, '}')
}

// transport is how the session's id travels: a __Host- cookie of 128 random bits in browsers (OWASP ASVS 7.2.3 asks
// for 128), a bearer header in the app.
func (s *session) transport() string {
	if s.api {
		return `,"kind":"api","transport":"header","id_bits":128`
	}
	if s.native {
		return `,"kind":"mobile_app","transport":"header","id_bits":128`
	}
	return `,"kind":"browser","transport":"cookie","id_bits":128`
}

func (b *Bank) writeClient(w []byte, e *event, ip string, rttMS int64) []byte {
	c := e.client
	if e.hop {
		ip = proxyHop
	}
	w = text(w, `,"client":{"ip":"`, ip)
	w = append(w, ',')
	w = append(w, c.agent.json...)
	w = text(w, `,"accept_language":"`, c.language)
	w = text(w, `,"timezone":"`, c.timezone)
	w = text(w, `,"screen":"`, c.screen)
	ja4 := c.agent.ja4
	switch {
	case e.inspected != "":
		ja4 = e.inspected
	case e.quic && c.agent.ja4QUIC != "":
		ja4 = c.agent.ja4QUIC
	case e.resumed && c.agent.ja4Again != "":
		ja4 = c.agent.ja4Again
	}
	w = text(w, `,"ja4":"`, ja4)
	w = append(w, `,"rtt_ms":`...)
	w = strconv.AppendInt(w, rttMS, 10)
	if b.cfg.Geo && !e.hop && e.access.network != nowhere {
		w = append(w, ',')
		w = append(w, b.geo.json[e.access.carrying(ip)]...)
	}
	w = append(w, '}')
	if c.deviceID != "" {
		w = text(w, `,"device":{"id":"`, c.deviceID)
		w = text(w, `,"app_version":"`, c.agent.appVersion)
		w = text(w, `,"binding":"`, e.binding)
		w = text(w, `,"key_thumbprint":"`, e.thumbprint)
		if e.flags != "" {
			w = append(w, `,"flags":`...)
			w = append(w, e.flags...)
		}
		w = append(w, '}')
	}
	return w
}

func (e *event) writeRest(w []byte) []byte {
	w = e.writeAuth(w)
	w = e.writeToken(w)
	w = e.writeHTTP(w)
	if e.place != "" {
		w = append(w, `,"place":{`...)
		w = append(w, e.place...)
		w = append(w, '}')
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

// writeAuth says how and when the customer proved who she is: on the event that did so, and on every request for an
// action, whose app looks at it.
func (e *event) writeAuth(w []byte) []byte {
	methods := e.authMethods
	if methods == "" && e.kind == "action.requested" {
		methods = e.session.methods
	}
	if methods == "" {
		return w
	}
	w = append(w, `,"auth":{"time":"`...)
	w = appendTime(w, e.session.authMS)
	w = append(w, `","methods":`...)
	w = append(w, methods...)
	w = number(w, `,"aal":`, int64(e.session.aal))
	return append(w, '}')
}

func (e *event) writeToken(w []byte) []byte {
	if e.tokenID == "" {
		return w
	}
	w = text(w, `,"token":{"family":"`, e.session.tokens.family)
	w = text(w, `,"id":"`, e.tokenID)
	w = number(w, `,"generation":`, e.generation)
	return append(w, '}')
}

// writeHTTP adds what a browser sends by itself (Fetch Metadata: all engines since 2023) and what the app checked.
func (e *event) writeHTTP(w []byte) []byte {
	if e.method == "" {
		return w
	}
	w = text(w, `,"http":{"method":"`, e.method)
	w = text(w, `,"path":"`, e.path)
	w = append(w, `,"scheme":"https"`...)
	if a := e.client.agent; a.isBrowser && a.appVersion == "" {
		w = text(w, `,"sec_fetch_site":"`, cmp.Or(e.site, "same-origin"))
	}
	if e.method == "POST" && e.session != nil && !e.session.native && !e.session.api {
		w = text(w, `,"csrf":"`, cmp.Or(e.csrf, "ok"))
	}
	return append(w, '}')
}

var webPages = []string{"/overview", "/accounts", "/accounts/1/transactions", "/accounts/2/transactions", "/cards", "/payments/new", "/savings", "/loans", "/documents", "/messages"}
