package detector

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
)

// A snapshot is: magic, length of the header (uint32), header (JSON), then for each slab in the header's order its free slots and its
// records as they lie in memory, then the names, then a CRC-32C of all before. Numbers are little-endian.
//
// Records are written as they are: a million sessions are copied, not encoded. What makes that readable by another version is the
// header, which lists the fields of each record by name, offset and size (layout.go). A reader whose records look the same copies them
// back; another one moves field by field what both know.
const (
	snapshotMagic   = "SGSNAP\x00\x01"
	snapshotVersion = 1
	maxHeader       = 1 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrSnapshot is wrapped by every error of Restore that says that the bytes are not a whole snapshot.
var ErrSnapshot = errors.New("not a whole snapshot")

// ErrHashKey is returned by Restore for a snapshot that was made with another key: its sessions could not be found.
var ErrHashKey = errors.New("the snapshot was made with another session key")

type snapshotHeader struct {
	Version    int           `json:"version"`
	KeyCheck   uint64        `json:"key_check"`
	Clock      int64         `json:"clock_ms"`
	Live       uint32        `json:"live"`
	Hand       uint32        `json:"hand"`
	UserHand   uint32        `json:"user_hand"`
	FamilyHand uint32        `json:"family_hand"`
	PastHand   uint32        `json:"past_hand"`
	Unenforced int64         `json:"unenforced_ms"`
	NodeHand   uint32        `json:"node_hand"`
	ClaimHand  uint32        `json:"claim_hand"`
	Credit     int64         `json:"credit"`
	Arrivals   uint32        `json:"arrivals"`
	Evicted    uint64        `json:"evicted"`
	Resumed    uint64        `json:"resumed"`
	Doubted    [2]int64      `json:"doubted_ms"`
	Names      int           `json:"names"`
	Slabs      []slabSection `json:"slabs"`
}

type slabSection struct {
	Name   string  `json:"name"`
	Used   uint32  `json:"used"`
	Free   uint32  `json:"free"`
	Size   uint32  `json:"size"` // bytes of a record
	Layout []field `json:"layout"`
}

// Snapshot writes the whole state, versioned and with a checksum. The same state gives the same bytes.
func (g *Engine) Snapshot(w io.Writer) error {
	sum := crc32.New(castagnoli)
	out := bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<16)
	if err := g.state.write(out, g.keyCheck()); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, sum.Sum32())
}

// Hash is a digest of the whole state, for tests that compare histories.
func (g *Engine) Hash() [16]byte {
	sum := sha256.New()
	_ = g.state.write(sum, g.keyCheck()) // a hash never fails
	return [16]byte(sum.Sum(nil)[:16])
}

func (g *Engine) keyCheck() uint64 { return g.hash.id("sessionguard", "key check") }

func (s *state) write(w io.Writer, keyCheck uint64) error {
	h := snapshotHeader{Version: snapshotVersion, KeyCheck: keyCheck, Clock: s.clock, Live: s.live, Hand: s.hand, UserHand: s.userHand, FamilyHand: s.familyHand, NodeHand: s.nodeHand,
		ClaimHand: s.claimHand, Credit: s.credit, PastHand: s.pastHand, Unenforced: s.unenforcedAt, Arrivals: s.arrivals,
		Evicted: s.evicted, Resumed: s.resumed, Doubted: [2]int64{s.doubted.from, s.doubted.to}, Names: len(s.names.texts)}
	sections := s.sections()
	for _, sec := range sections {
		h.Slabs = append(h.Slabs, sec.describe())
	}
	header, err := json.Marshal(h)
	if err != nil {
		return err
	}
	buf := binary.LittleEndian.AppendUint32([]byte(snapshotMagic), uint32(len(header)))
	if _, err := w.Write(append(buf, header...)); err != nil {
		return err
	}
	for _, sec := range sections {
		if err := sec.write(w); err != nil {
			return err
		}
	}
	return s.names.write(w)
}

func (n *names) write(w io.Writer) error {
	for _, t := range n.texts {
		if _, err := w.Write(append(binary.AppendUvarint(nil, uint64(len(t))), t...)); err != nil {
			return err
		}
	}
	return nil
}

// Restore replaces the state by a snapshot's. On an error the engine is as it was. It reads to the end of the snapshot and no further
// than a buffer beyond.
func (g *Engine) Restore(r io.Reader) error {
	in := newChecked(r)
	s, err := readState(in, g.keyCheck())
	if err != nil {
		return err
	}
	want := in.sum.Sum32()
	var got [4]byte
	if _, err := io.ReadFull(in.r, got[:]); err != nil || binary.LittleEndian.Uint32(got[:]) != want {
		return fmt.Errorf("%w: the checksum does not match", ErrSnapshot)
	}
	if err := s.check(); err != nil {
		return err
	}
	s.index()
	g.state = *s
	return nil
}

func readState(in *checked, keyCheck uint64) (*state, error) {
	h, err := readHeader(in)
	if err != nil {
		return nil, err
	}
	if h.KeyCheck != keyCheck {
		return nil, ErrHashKey
	}
	s := &state{clock: h.Clock, live: h.Live, hand: h.Hand, userHand: h.UserHand, familyHand: h.FamilyHand, nodeHand: h.NodeHand, evicted: h.Evicted,
		claimHand: h.ClaimHand, credit: h.Credit, pastHand: h.PastHand, unenforcedAt: h.Unenforced, resumed: h.Resumed, doubted: period{h.Doubted[0], h.Doubted[1]}, arrivals: h.Arrivals}
	known := s.sections()
	for _, sec := range h.Slabs {
		if err := readSection(in, known, sec); err != nil {
			return nil, err
		}
	}
	return s, s.names.read(in, h.Names)
}

func readHeader(in *checked) (h snapshotHeader, err error) {
	head := make([]byte, len(snapshotMagic)+4)
	if _, err := io.ReadFull(in, head); err != nil || string(head[:len(snapshotMagic)]) != snapshotMagic {
		return h, fmt.Errorf("%w: it does not begin as one", ErrSnapshot)
	}
	size := binary.LittleEndian.Uint32(head[len(snapshotMagic):])
	if size > maxHeader {
		return h, fmt.Errorf("%w: a header of %d bytes", ErrSnapshot, size)
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(in, text); err != nil {
		return h, fmt.Errorf("%w: the header is cut short", ErrSnapshot)
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return h, fmt.Errorf("%w: the header is not readable", ErrSnapshot)
	}
	if h.Version != snapshotVersion {
		return h, fmt.Errorf("snapshot of version %d, this program reads version %d", h.Version, snapshotVersion)
	}
	return h, nil
}

func (n *names) read(in *checked, count int) error {
	if count < 0 || count > maxNames {
		return fmt.Errorf("%w: %d names", ErrSnapshot, count)
	}
	for range count {
		size, err := binary.ReadUvarint(in)
		if err != nil || size > maxNameSize {
			return fmt.Errorf("%w: the names are cut short", ErrSnapshot)
		}
		text := make([]byte, size)
		if _, err := io.ReadFull(in, text); err != nil {
			return fmt.Errorf("%w: the names are cut short", ErrSnapshot)
		}
		n.add(string(text))
	}
	return nil
}

// index finds what has a key again by it.
func (s *state) index() {
	s.sessionAt = indexOf(&s.sessions, func(x *session) key { return x.key })
	s.familyAt = indexOf(&s.families, func(x *family) key { return x.key })
	s.userAt = indexOf(&s.users, func(x *user) key { return x.key })
	s.nodeAt = indexOf(&s.nodes, func(x *node) key { return x.key })
	s.claimAt = indexOf(&s.claims, func(x *claim) key { return x.session })
	s.wayAt = indexOf(&s.ways, func(x *way) knownKey { return x.knownKey })
	s.knownAt = indexOf(&s.known, func(x *known) knownKey { return x.knownKey })
}

// checked sums up what is read.
type checked struct {
	r   *bufio.Reader
	sum hash.Hash32
}

func newChecked(r io.Reader) *checked {
	return &checked{r: bufio.NewReaderSize(r, 1<<16), sum: crc32.New(castagnoli)}
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.sum.Write(p[:n])
	return n, err
}

func (c *checked) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.sum.Write([]byte{b})
	}
	return b, err
}
