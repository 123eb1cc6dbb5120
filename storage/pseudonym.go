package storage

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"sync"
)

// IDKind keeps pseudonyms of different things apart: the same text as a session's and as a token's id gives two.
type IDKind string

// The kinds of id that the archive holds as pseudonyms only.
const (
	SessionID   IDKind = "session" // also session.previous_id
	TokenID     IDKind = "token"
	TokenFamily IDKind = "token_family"
	DeviceKey   IDKind = "device_key"
)

// keyID begins every pseudonym, so that a later key's can be told from this one's.
const keyID = "k1:"

// pseudonymBytes is the length of a truncated HMAC: 128 bits.
const pseudonymBytes = 16

// Pseudonymizer gives ids their pseudonyms: HMAC-SHA-256 under a secret key. A pseudonym links what belongs together and
// leads back to the id only by way of the key, also for ids that could be enumerated. It is safe for concurrent use.
type Pseudonymizer struct{ scratch sync.Pool }

// scratch is what one pseudonym needs; hashing through an interface would put it on the heap each time.
type scratch struct {
	mac     hash.Hash
	message []byte
	sum     []byte
}

// NewPseudonymizer makes one from a secret, best 32 random bytes or more. An empty secret is an error.
func NewPseudonymizer(secret []byte) (*Pseudonymizer, error) {
	if len(secret) == 0 {
		return nil, errors.New("make pseudonyms: the session key is empty")
	}
	key := append([]byte(nil), secret...)
	p := &Pseudonymizer{}
	p.scratch.New = func() any { return &scratch{mac: hmac.New(sha256.New, key)} }
	return p, nil
}

// Pseudonym is "k1:" and the base64url of HMAC-SHA-256(key, tenant 0x00 kind 0x00 value), truncated to 128 bits. That of ""
// is "": absent stays absent.
func (p *Pseudonymizer) Pseudonym(tenant string, kind IDKind, value string) string {
	if value == "" {
		return ""
	}
	s := p.scratch.Get().(*scratch)
	defer p.scratch.Put(s)
	s.message = append(append(s.message[:0], tenant...), 0)
	s.message = append(append(s.message, kind...), 0)
	s.message = append(s.message, value...)
	s.mac.Reset()
	s.mac.Write(s.message)
	s.sum = s.mac.Sum(s.sum[:0])
	var text [len(keyID) + 22]byte
	copy(text[:], keyID)
	base64.RawURLEncoding.Encode(text[len(keyID):], s.sum[:pseudonymBytes])
	return string(text[:])
}

// Session is the pseudonym of a session's id, in the shape that detector.AppendDecision takes as its mask.
func (p *Pseudonymizer) Session(tenant, sessionID string) string {
	return p.Pseudonym(tenant, SessionID, sessionID)
}
