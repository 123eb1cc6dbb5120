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
	"slices"
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
	s.forgetTruths()
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

// check holds every slot and name that a record refers to against what there is, so that a wrong snapshot is refused here and not found
// out by a panic later.
func (s *state) check() error {
	if s.brakes.used < brakeRevoke {
		return fmt.Errorf("%w: it has no brakes", ErrSnapshot)
	}
	names := uint32(len(s.names.texts))
	for slot := uint32(1); slot <= s.sessions.used; slot++ {
		x := s.sessions.at(slot)
		if x.trail > s.trails.used || x.risk > s.risks.used || x.hands > s.hands.used || x.user > s.users.used || x.successor > s.sessions.used ||
			x.life.visitor > s.visitors.used || x.place.name > names || !x.client.sound(names) || int(x.next) >= len(x.repeats) {
			return fmt.Errorf("%w: session record %d refers to what is not there", ErrSnapshot, slot)
		}
	}
	for slot := uint32(1); slot <= s.trails.used; slot++ {
		if s.trails.at(slot).approver.name > names {
			return fmt.Errorf("%w: trail record %d refers to what is not there", ErrSnapshot, slot)
		}
		for i := range s.trails.at(slot).stays {
			if s.trails.at(slot).stays[i].name > names {
				return fmt.Errorf("%w: trail record %d refers to what is not there", ErrSnapshot, slot)
			}
		}
	}
	for slot := uint32(1); slot <= s.risks.used; slot++ {
		if !s.risks.at(slot).sound(names) {
			return fmt.Errorf("%w: risk record %d refers to what is not there", ErrSnapshot, slot)
		}
	}
	if !s.texts.sound() {
		return fmt.Errorf("%w: a text leads to what is not there", ErrSnapshot)
	}
	if s.hellos.used != 0 && s.hellos.used != maxHellos {
		return fmt.Errorf("%w: it has %d hellos", ErrSnapshot, s.hellos.used)
	}
	if !soundPairs(&s.told, maxToldSets) || !soundPairs(&s.tried, maxTriedSets) {
		return fmt.Errorf("%w: the tables of what was told have %d and %d sets", ErrSnapshot, s.told.used, s.tried.used)
	}
	if s.knocks.used != 0 && s.knocks.used != allKnocks || len(s.knocks.free) > 0 {
		return fmt.Errorf("%w: it has %d knocks", ErrSnapshot, s.knocks.used)
	}
	for slot := uint32(1); slot <= s.nodes.used; slot++ {
		if n := s.nodes.at(slot); n.probe > s.probes.used || n.thieves > s.thieves.used {
			return fmt.Errorf("%w: node record %d refers to what is not there", ErrSnapshot, slot)
		}
	}
	if s.newcomers.used > maxNewcomers || len(s.newcomers.free) > 0 {
		return fmt.Errorf("%w: it has %d newcomers", ErrSnapshot, s.newcomers.used)
	}
	for slot := uint32(1); slot <= s.newcomers.used; slot++ {
		if s.newcomers.at(slot).text > s.texts.parts.used {
			return fmt.Errorf("%w: newcomer record %d refers to what is not there", ErrSnapshot, slot)
		}
	}
	for slot := uint32(1); slot <= s.hands.used; slot++ {
		if !s.hands.at(slot).sound(names) {
			return fmt.Errorf("%w: hands record %d refers to what is not there", ErrSnapshot, slot)
		}
	}
	for slot := uint32(1); slot <= s.families.used; slot++ {
		if err := s.checkFamily(slot, names); err != nil {
			return err
		}
	}
	for slot := uint32(1); slot <= s.claims.used; slot++ {
		if s.claims.at(slot).name > s.texts.parts.used {
			return fmt.Errorf("%w: claim record %d refers to what is not there", ErrSnapshot, slot)
		}
	}
	for slot := uint32(1); slot <= s.visitors.used; slot++ {
		if s.visitors.at(slot).shownBy.name > names {
			return fmt.Errorf("%w: visitor record %d refers to what is not there", ErrSnapshot, slot)
		}
	}
	for slot := uint32(1); slot <= s.users.used; slot++ {
		if u := s.users.at(slot); int(u.next) >= len(u.repeats) || u.spending > s.spendings.used || u.truth > s.truths.used || slices.Max(u.recent[:]) > s.sessions.used {
			return fmt.Errorf("%w: user record %d refers to what is not there", ErrSnapshot, slot)
		}
	}
	for slot := uint32(1); slot <= s.spendings.used; slot++ {
		if x := s.spendings.at(slot); int(x.next) >= len(x.amounts) {
			return fmt.Errorf("%w: spending record %d refers to what is not there", ErrSnapshot, slot)
		}
	}
	if err := s.checkNetworks(names); err != nil {
		return err
	}
	return s.checkPasts(names)
}

// checkNetworks does it for what is known of networks.
func (s *state) checkNetworks(names uint32) error {
	for slot := uint32(1); slot <= s.nodes.used; slot++ {
		if s.nodes.at(slot).egress > s.egresses.used {
			return fmt.Errorf("%w: network record %d refers to what is not there", ErrSnapshot, slot)
		}
	}
	for slot := uint32(1); slot <= s.egresses.used; slot++ {
		if !s.egresses.at(slot).sound(names) {
			return fmt.Errorf("%w: egress record %d refers to what is not there", ErrSnapshot, slot)
		}
	}
	if s.known.used > maxKnown || s.ways.used > maxWays {
		return fmt.Errorf("%w: it knows of %d networks and %d ways", ErrSnapshot, s.known.used, s.ways.used)
	}
	return nil
}

// sound says whether a print can be put into words.
func (p *print) sound(names uint32) bool {
	return p.name <= names && int(p.browser) < NumBrowsers && int(p.os) < NumOS
}

func (h *hands) sound(names uint32) bool {
	for i := range h.of {
		if !h.of[i].faces[0].sound(names) || !h.of[i].faces[1].sound(names) {
			return false
		}
	}
	for i := range h.visits {
		if h.visits[i].hand > maxHands {
			return false
		}
	}
	return true
}

func (s *state) checkFamily(slot, names uint32) error {
	f := s.families.at(slot)
	wrong := f.risk > s.risks.used
	for i := range f.shown {
		wrong = wrong || f.shown[i].shownBy.name > names
	}
	if wrong {
		return fmt.Errorf("%w: family record %d refers to what is not there", ErrSnapshot, slot)
	}
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

// index finds sessions and users again by their keys.
func (s *state) index() {
	s.sessionAt = make(map[key]uint32, s.sessions.live())
	for slot := uint32(1); slot <= s.sessions.used; slot++ {
		if k := s.sessions.at(slot).key; k != (key{}) {
			s.sessionAt[k] = slot
		}
	}
	s.familyAt = make(map[key]uint32, s.families.live())
	for slot := uint32(1); slot <= s.families.used; slot++ {
		if k := s.families.at(slot).key; k != (key{}) {
			s.familyAt[k] = slot
		}
	}
	s.userAt = make(map[key]uint32, s.users.live())
	for slot := uint32(1); slot <= s.users.used; slot++ {
		if k := s.users.at(slot).key; k != (key{}) {
			s.userAt[k] = slot
		}
	}
	s.nodeAt = make(map[key]uint32, s.nodes.live())
	for slot := uint32(1); slot <= s.nodes.used; slot++ {
		if k := s.nodes.at(slot).key; k != (key{}) {
			s.nodeAt[k] = slot
		}
	}
	s.claimAt = make(map[key]uint32, s.claims.live())
	for slot := uint32(1); slot <= s.claims.used; slot++ {
		if k := s.claims.at(slot).session; k != (key{}) {
			s.claimAt[k] = slot
		}
	}
	s.wayAt = make(map[knownKey]uint32, s.ways.live())
	for slot := uint32(1); slot <= s.ways.used; slot++ {
		if w := s.ways.at(slot); w.knownKey != (knownKey{}) {
			s.wayAt[w.knownKey] = slot
		}
	}
	s.knownAt = make(map[knownKey]uint32, s.known.live())
	for slot := uint32(1); slot <= s.known.used; slot++ {
		if k := s.known.at(slot); k.knownKey != (knownKey{}) {
			s.knownAt[k.knownKey] = slot
		}
	}
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
