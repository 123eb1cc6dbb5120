package bank

import (
	"cmp"
	"strconv"
)

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
	w = text(w, `,"ja4":"`, e.ja4())
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

// ja4 is the fingerprint of the connection that the event came by.
func (e *event) ja4() string {
	a := e.client.agent
	switch {
	case e.inspected != "":
		return e.inspected
	case e.quic && a.ja4QUIC != "":
		return a.ja4QUIC
	case e.resumed && a.ja4Again != "":
		return a.ja4Again
	}
	return a.ja4
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
