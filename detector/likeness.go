package detector

// likeness is who showed something: the parts of a client that tell it apart from another, without what an update changes.
type likeness struct {
	device  uint32
	ja4TCP  uint32
	ja4QUIC uint32
	name    uint32 // as in print
	browser Browser
	engine  EngineFamily
	os      OS
	class   DeviceClass
	flags   printFlags
	brand   Browser
	_       [2]uint8
}

func likenessOf(p *print) likeness {
	return likeness{device: p.device, ja4TCP: p.ja4TCP, ja4QUIC: p.ja4QUIC, name: p.name, browser: p.browser, engine: p.engine, os: p.os,
		class: p.class, flags: p.flags, brand: p.brand}
}

func (h *likeness) print() print {
	return print{device: h.device, ja4TCP: h.ja4TCP, ja4QUIC: h.ja4QUIC, name: h.name, browser: h.browser, engine: h.engine, os: h.os,
		class: h.class, flags: h.flags, brand: h.brand}
}

func (h *likeness) known() bool {
	return h.browser != UnknownBrowser || h.os != UnknownOS || h.device != 0 || h.ja4TCP != 0 || h.ja4QUIC != 0
}

// compare says whether a client is the one of before: "same", "another" or "unknown", which is never "another". A phone that asks for the
// desktop site is the same.
func (h *likeness) compare(now *print, app bool) string {
	then, is := h.print(), likenessOf(now)
	switch {
	case !h.known() || !is.known():
		return "unknown"
	case sameClient(&then, now, app), desktopSwitch(&then, now):
		return "same"
	}
	return "another"
}
