package detector

import (
	"encoding/binary"

	"github.com/dchest/siphash"
)

// key is the keyed hash by which a session or a user is known. Keyed, because an attacker who chooses ids must not be able
// to choose collisions; 128 bits, because two customers must never meet.
type key struct{ hi, lo uint64 }

// The kinds of key, so that a user and a session of the same name differ.
const (
	sessionKey byte = 's'
	userKey    byte = 'u'
	eventKey   byte = 'e'
	familyKey  byte = 'f'
	tokenKey   byte = 't'
	commandKey byte = 'c'
	nodeKey    byte = 'n'
	pairKey    byte = 'p'
	pathTold   byte = 'w'
	knockKey   byte = 'k'
)

// hasher makes keys. Its buffer keeps hashing free of allocation.
type hasher struct {
	k0, k1 uint64
	buf    []byte
}

// key hashes two texts with their lengths, so that ("a", "bc") and ("ab", "c") differ.
func (h *hasher) key(kind byte, a, b string) key {
	h.buf = binary.AppendUvarint(append(h.buf[:0], kind), uint64(len(a)))
	h.buf = append(append(h.buf, a...), b...)
	hi, lo := siphash.Hash128(h.k0, h.k1, h.buf)
	return key{hi, lo}
}

// id is the hash by which a repeat of an event is recognised; never 0.
func (h *hasher) id(source, id string) uint64 {
	k := h.key(eventKey, source, id)
	return k.lo | 1
}

// word is a hash of one text; 0 only for the empty one. Letters of ASCII count alike in both cases: tags of languages, time zones and
// devices' ids come in either.
func (h *hasher) word(s string) uint32 {
	if s == "" {
		return 0
	}
	h.buf = append(h.buf[:0], s...)
	for i, c := range h.buf {
		if 'A' <= c && c <= 'Z' {
			h.buf[i] = c + 'a' - 'A'
		}
	}
	return uint32(siphash.Hash(h.k0, h.k1, h.buf)>>32) | 1
}
