package kafka

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"

	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// A bundle is a payload too big for one record: a header record, chunks, and a footer record, all with the bundle's id.
// Other bundles may stand in between, from a member that lost the partition and does not know it yet, and a retry may
// have written a record twice; the reader keeps what carries the id, once. Snapshots and rules are kept so.
type bundle struct {
	kind    string // kindSnapshot or kindRules
	id      string
	header  []byte // JSON, of the kind's own
	payload []byte // uncompressed
	crc     uint32 // of the compressed payload
}

const (
	kindSnapshot = "snapshot"
	kindRules    = "rules"

	chunkBytes = 512 << 10 // far under Kafka's 1 MiB, big enough that a snapshot is few records

	// maxPayloadBytes bounds what a reader unpacks, whatever a damaged record claims.
	maxPayloadBytes = 4 << 30
)

// bundleHeader is the header record's value.
type bundleHeader struct {
	Chunks int             `json:"chunks"`
	Codec  string          `json:"codec"`
	Size   int             `json:"size"`
	CRC    uint32          `json:"crc"`
	About  json.RawMessage `json:"about"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// messages gives the records of a bundle, and sets its crc. Every record has the key, which Kafka needs for nothing and
// people for reading along.
func (b *bundle) messages(key []byte, z *zstd.Encoder) ([]Message, error) {
	packed := z.EncodeAll(b.payload, nil)
	b.crc = crc32.Checksum(packed, castagnoli)
	chunks := (len(packed) + chunkBytes - 1) / chunkBytes
	head, err := json.Marshal(bundleHeader{Chunks: chunks, Codec: "zstd", Size: len(b.payload), CRC: b.crc, About: b.header})
	if err != nil {
		return nil, fmt.Errorf("encode %s header: %w", b.kind, err)
	}
	list := make([]Message, 0, chunks+2)
	list = append(list, b.message(key, "header", head))
	for i := range chunks {
		part := packed[i*chunkBytes : min((i+1)*chunkBytes, len(packed))]
		value := binary.BigEndian.AppendUint32(make([]byte, 0, len(part)+8), uint32(i))
		value = binary.BigEndian.AppendUint32(value, crc32.Checksum(part, castagnoli))
		list = append(list, b.message(key, "chunk", append(value, part...)))
	}
	return append(list, b.message(key, "footer", head)), nil
}

func (b *bundle) message(key []byte, part string, value []byte) Message {
	return Message{Key: key, Value: value, Headers: []cloudevents.Header{
		{Key: "kind", Value: []byte(b.kind)}, {Key: "part", Value: []byte(part)}, {Key: "id", Value: []byte(b.id)}}}
}

// gathering puts a bundle together from its records.
type gathering struct {
	kind, id string
	from, to int64 // offsets of the first record and the last
	head     *bundleHeader
	chunks   [][]byte // in order; nil until seen
	footer   bool
}

// labels reads which bundle a record belongs to.
func labels(r *Record) (kind, part, id string) {
	for _, h := range r.Headers {
		switch h.Key {
		case "kind":
			kind = string(h.Value)
		case "part":
			part = string(h.Value)
		case "id":
			id = string(h.Value)
		}
	}
	return kind, part, id
}

// add takes one record of the bundle, in the log's order. It copies what it keeps.
func (g *gathering) add(part string, r *Record) error {
	g.to = r.Offset
	switch part {
	case "header":
		return g.addHeader(r)
	case "chunk":
		return g.addChunk(r.Value)
	case "footer":
		g.footer = true
		return nil
	}
	return fmt.Errorf("record %d of %s %s is neither header, chunk nor footer", r.Offset, g.kind, g.id)
}

func (g *gathering) addHeader(r *Record) error {
	if g.head != nil {
		return nil // written twice by a retry
	}
	g.from = r.Offset
	head := &bundleHeader{}
	if err := json.Unmarshal(r.Value, head); err != nil {
		return fmt.Errorf("read header of %s %s: %w", g.kind, g.id, err)
	}
	if head.Codec != "zstd" || head.Size < 0 || head.Size > maxPayloadBytes || head.Chunks < 0 || head.Chunks > head.Size/chunkBytes*2+2 {
		return fmt.Errorf("read header of %s %s: codec %q, %d bytes in %d chunks cannot be", g.kind, g.id, head.Codec, head.Size, head.Chunks)
	}
	g.head, g.chunks = head, make([][]byte, head.Chunks)
	return nil
}

func (g *gathering) addChunk(value []byte) error {
	if len(value) < 8 || g.head == nil {
		return fmt.Errorf("%s %s has a chunk without its header", g.kind, g.id)
	}
	i, crc, body := binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:]), value[8:]
	if int64(i) >= int64(len(g.chunks)) {
		return fmt.Errorf("%s %s has a chunk %d of %d", g.kind, g.id, i, len(g.chunks))
	}
	if crc32.Checksum(body, castagnoli) != crc {
		return fmt.Errorf("chunk %d of %s %s is damaged: its checksum does not agree", i, g.kind, g.id)
	}
	if g.chunks[i] == nil {
		g.chunks[i] = append([]byte{}, body...)
	}
	return nil
}

// whole says whether every record of the bundle was added.
func (g *gathering) whole() bool {
	if g.head == nil || !g.footer {
		return false
	}
	for _, c := range g.chunks {
		if c == nil {
			return false
		}
	}
	return true
}

// open unpacks a whole bundle and checks it.
func (g *gathering) open() (*bundle, error) {
	if !g.whole() {
		return nil, fmt.Errorf("%s %s is not whole in the log", g.kind, g.id)
	}
	var packed []byte
	for _, c := range g.chunks {
		packed = append(packed, c...)
	}
	b := &bundle{kind: g.kind, id: g.id, header: g.head.About, crc: crc32.Checksum(packed, castagnoli)}
	if b.crc != g.head.CRC {
		return nil, fmt.Errorf("%s %s is damaged: its checksum does not agree", g.kind, g.id)
	}
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(max(g.head.Size, 1<<20))))
	if err != nil {
		return nil, fmt.Errorf("open %s %s: %w", g.kind, g.id, err)
	}
	defer z.Close()
	if b.payload, err = z.DecodeAll(packed, nil); err != nil {
		return nil, fmt.Errorf("unpack %s %s: %w", g.kind, g.id, err)
	}
	if len(b.payload) != g.head.Size {
		return nil, errors.New(g.kind + " " + g.id + " has another size than its header says")
	}
	return b, nil
}
