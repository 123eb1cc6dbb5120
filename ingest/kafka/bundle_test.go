package kafka

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func packed(t testing.TB, id string, payload []byte) []*Record {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	messages, err := (&bundle{kind: kindSnapshot, id: id, header: []byte(`{"format":1}`), payload: payload}).messages([]byte("k"), z)
	if err != nil {
		t.Fatal(err)
	}
	var records []*Record
	for i, m := range messages {
		if m.size() > maxRequestBytes {
			t.Fatalf("record %d of %d has %d bytes", i, len(messages), m.size())
		}
		records = append(records, &Record{Offset: int64(i), Key: m.Key, Value: m.Value, Headers: m.Headers})
	}
	return records
}

func gather(id string, records []*Record) (*bundle, error) {
	g := &gathering{kind: kindSnapshot, id: id}
	for _, r := range records {
		if kind, part, i := labels(r); kind == g.kind && i == id {
			if err := g.add(part, r); err != nil {
				return nil, err
			}
		}
	}
	return g.open()
}

// noise does not compress, so that a bundle has many chunks.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func TestBundleComesBack(t *testing.T) {
	for _, n := range []int{0, 1, chunkBytes - 100, chunkBytes + 1, 5 * chunkBytes} {
		want := noise(n)
		records := packed(t, "a", want)
		// A zombie writes in between, and a retry writes everything twice.
		var log []*Record
		for i, r := range packed(t, "b", noise(n)) {
			log = append(log, r, records[i])
		}
		b, err := gather("a", append(log, records...))
		if err != nil || !bytes.Equal(b.payload, want) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestDamagedBundleIsRefused(t *testing.T) {
	for name, damage := range map[string]func([]*Record) []*Record{
		"a chunk is gone":   func(r []*Record) []*Record { return append(r[:2:2], r[3:]...) },
		"the header is":     func(r []*Record) []*Record { return r[1:] },
		"the footer is":     func(r []*Record) []*Record { return r[:len(r)-1] },
		"a bit has flipped": func(r []*Record) []*Record { r[2].Value[100] ^= 1; return r },
		"all is gone":       func([]*Record) []*Record { return nil },
		"header is no JSON": func(r []*Record) []*Record { r[0].Value = []byte("{"); return r },
		"size is absurd":    func(r []*Record) []*Record { r[0].Value = []byte(`{"codec":"zstd","size":9000000000}`); return r },
	} {
		if b, err := gather("a", damage(packed(t, "a", noise(3*chunkBytes)))); err == nil {
			t.Errorf("%s: read %d bytes", name, len(b.payload))
		}
	}
}

func FuzzGather(f *testing.F) {
	for _, r := range packed(f, "a", noise(1000)) {
		f.Add(string(r.Headers[1].Value), r.Value)
	}
	records := packed(f, "a", noise(1000))
	f.Fuzz(func(t *testing.T, part string, value []byte) {
		changed := *records[1]
		changed.Headers = append(changed.Headers[:1:1], header("part", part), header("id", "a"))
		changed.Value = value
		// Whatever stands in place of a chunk: an error, or the payload as it was.
		b, err := gather("a", []*Record{records[0], &changed, records[2]})
		if err == nil && !bytes.Equal(b.payload, noise(1000)) {
			t.Errorf("another payload came back")
		}
	})
}

func TestPointer(t *testing.T) {
	for _, p := range []pointer{
		{partition: 0, from: 0, to: 2, id: "0123456789abcdef", crc: 0, epoch: "sha256:1234/"},
		{partition: 47, from: 1 << 40, to: 1<<40 + 9, id: "ff", crc: 0xffffffff, epoch: "sha256:1234/2026-11-18", final: true},
	} {
		got, err := parsePointer(p.String())
		if err != nil || got != p {
			t.Errorf("%q came back as %+v, %v", p.String(), got, err)
		}
		if len(p.String()) > 200 {
			t.Errorf("%q is long: Kafka's limit is 4096 bytes, and it is one a commit", p.String())
		}
	}
	for _, text := range []string{"", "1", "2|0|0|2|id|0|e", "1|0|5|2|id|0|e", "1|-1|0|2|id|0|e", "1|0|0|2||0|e", "1|0|0|2|id|xyz|e", "1|0|0|2|id|0|e|f", strings.Repeat("|", 6)} {
		if p, err := parsePointer(text); err == nil {
			t.Errorf("%q was read as %+v", text, p)
		}
	}
}

func FuzzPointer(f *testing.F) {
	f.Add("1|0|0|2|0123456789abcdef|00000000|sha256:1234/2026-11-18|final")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePointer(text)
		if err != nil {
			return
		}
		if again, err := parsePointer(p.String()); err != nil || again != p {
			t.Errorf("%q: %+v came back as %+v, %v", text, p, again, err)
		}
	})
}
