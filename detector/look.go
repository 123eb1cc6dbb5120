package detector

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/dchest/siphash"
)

// look is a client as one person's tool is known again in the sessions of others: what it says it is, and how its person set it up, without
// its version; the TLS hello of each transport; and the device.
type look struct {
	kind    uint32 // of browser, engine, OS, class, language, time zone and screen; 0: neither browser nor OS is known
	ja4TCP  uint32
	ja4QUIC uint32
	device  uint32
}

func (g *Engine) lookOf(p *print) look {
	l := look{ja4TCP: p.ja4TCP, ja4QUIC: p.ja4QUIC, device: p.device}
	if p.browser == UnknownBrowser && p.os == UnknownOS {
		return l
	}
	b := append(g.hash.buf[:0], byte(p.browser), byte(p.brand), byte(p.engine), byte(p.os), byte(p.class))
	for _, part := range [...]uint32{p.language, p.timezone, p.screen} {
		b = binary.LittleEndian.AppendUint32(b, part)
	}
	b = append(b, g.names.text(p.name)...)
	g.hash.buf = b
	l.kind = uint32(siphash.Hash(g.hash.k0, g.hash.k1, b)>>32) | 1
	return l
}

// like says whether two looks may be one tool: one device, or alike in all that both show.
func (l look) like(m look) bool {
	return l.sameDevice(m) || l.kind != 0 && l.kind == m.kind && !differs(l.ja4TCP, m.ja4TCP) && !differs(l.ja4QUIC, m.ja4QUIC)
}

func (l look) sameDevice(m look) bool { return l.device != 0 && l.device == m.device }

// text is a look as the stages tell it each other.
func (l look) text() string {
	var b []byte
	for _, part := range [...]uint32{l.kind, l.ja4TCP, l.ja4QUIC, l.device} {
		b = binary.BigEndian.AppendUint32(b, part)
	}
	return hex.EncodeToString(b)
}

// parseLook gives the look that text wrote; an unknown one for anything else.
func parseLook(s string) look {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 16 {
		return look{}
	}
	part := func(i int) uint32 { return binary.BigEndian.Uint32(b[4*i:]) }
	return look{part(0), part(1), part(2), part(3)}
}
