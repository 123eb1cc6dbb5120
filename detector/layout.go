package detector

import (
	"encoding/binary"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"unsafe"
)

// field is a leaf of a record: where it lies and how large it is. Names are paths: "client.major", "findings.3.at".
type field struct {
	Name   string `json:"n"`
	Offset uint32 `json:"o"`
	Size   uint32 `json:"s"`
}

// layoutOf lists the leaves of a record, blanks left out.
func layoutOf(t reflect.Type) []field { return appendLayout(nil, t, "", 0) }

func appendLayout(dst []field, t reflect.Type, path string, at uintptr) []field {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Name != "_" {
				dst = appendLayout(dst, f.Type, join(path, f.Name), at+f.Offset)
			}
		}
		return dst
	case reflect.Array:
		if k := t.Elem().Kind(); k != reflect.Struct && k != reflect.Array {
			break // an array of numbers is one leaf
		}
		for i := range t.Len() {
			dst = appendLayout(dst, t.Elem(), join(path, strconv.Itoa(i)), at+uintptr(i)*t.Elem().Size())
		}
		return dst
	}
	return append(dst, field{path, uint32(at), uint32(t.Size())})
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// section is one slab as the snapshot sees it.
type section struct {
	describe func() slabSection
	write    func(io.Writer) error
	fill     func(*checked, slabSection) error
}

// sections lists the slabs in the order in which they are written.
func (s *state) sections() []section {
	return []section{
		sectionOf("sessions", &s.sessions), sectionOf("trails", &s.trails), sectionOf("risks", &s.risks), sectionOf("users", &s.users),
		sectionOf("brakes", &s.brakes), sectionOf("spendings", &s.spendings),
		sectionOf("hands", &s.hands), sectionOf("releases", &s.releases), sectionOf("hellos", &s.hellos),
		sectionOf("families", &s.families), sectionOf("visitors", &s.visitors),
		s.truthSection(), sectionOf("egresses", &s.egresses),
		sectionOf("pasts", &s.pasts), sectionOf("tallies", &s.tallies),
		sectionOf("nodes", &s.nodes), sectionOf("claims", &s.claims), sectionOf("texts", &s.texts.parts), sectionOf("told", &s.told),
		sectionOf("newcomers", &s.newcomers), sectionOf("thieves", &s.thieves), sectionOf("probes", &s.probes), sectionOf("knocks", &s.knocks), sectionOf("tried", &s.tried),
		sectionOf("ways", &s.ways), sectionOf("known", &s.known),
	}
}

func sectionOf[T any](name string, s *slab[T]) section {
	layout := layoutOf(reflect.TypeFor[T]())
	size := uint32(unsafe.Sizeof(*new(T)))
	return section{
		describe: func() slabSection {
			return slabSection{Name: name, Used: s.used, Free: uint32(len(s.free)), Size: size, Layout: layout}
		},
		write: func(w io.Writer) error { return s.write(w) },
		fill: func(in *checked, from slabSection) error {
			if from.Size == size && slices.Equal(from.Layout, layout) {
				return s.read(in, from)
			}
			return s.translate(in, from, layout)
		},
	}
}

// truthSection is where the bank saw its customers, without what is over: the state itself stays as it is, since a snapshot is only a copy.
func (s *state) truthSection() section {
	sec := sectionOf("truths", &s.truths)
	sec.write = func(w io.Writer) error {
		return s.truths.writeAs(w, func(t *truth) truth { return t.lasting(s.clock) })
	}
	return sec
}

func readSection(in *checked, known []section, from slabSection) error {
	for _, sec := range known {
		if sec.describe().Name == from.Name {
			if err := sec.fill(in, from); err != nil {
				return fmt.Errorf("%w: %s: %w", ErrSnapshot, from.Name, err)
			}
			return nil
		}
	}
	// A slab of a newer version: what it holds is not known here.
	_, err := io.CopyN(io.Discard, in, int64(from.Free)*4+int64(from.Used)*int64(from.Size))
	return err
}

func (s *slab[T]) write(w io.Writer) error { return s.writeAs(w, nil) }

// writeAs writes each record as what it is turned into; nil leaves them as they are.
func (s *slab[T]) writeAs(w io.Writer, turn func(*T) T) error {
	if err := binary.Write(w, binary.LittleEndian, s.free); err != nil {
		return err
	}
	left := s.used
	for _, c := range s.chunks {
		n := min(left, chunkSize)
		records := c[:n]
		if turn != nil {
			records = make([]T, n)
			for i := range records {
				records[i] = turn(&c[i])
			}
		}
		if _, err := w.Write(bytesOf(records)); err != nil {
			return err
		}
		left -= n
	}
	return nil
}

// maxSlots bounds what a header may ask for: no snapshot of ours is larger.
const maxSlots = 1 << 27

func (s *slab[T]) readFree(in io.Reader, from slabSection) error {
	if from.Used > maxSlots || from.Free > from.Used || from.Size > 1<<16 {
		return fmt.Errorf("%d records of %d bytes, %d free", from.Used, from.Size, from.Free)
	}
	for range from.Free {
		var b [4]byte
		if _, err := io.ReadFull(in, b[:]); err != nil {
			return err
		}
		slot := binary.LittleEndian.Uint32(b[:])
		if slot == 0 || slot > from.Used {
			return fmt.Errorf("free slot %d of %d", slot, from.Used)
		}
		s.free = append(s.free, slot)
	}
	return nil
}

// read takes records of the same layout as they are.
func (s *slab[T]) read(in io.Reader, from slabSection) error {
	if err := s.readFree(in, from); err != nil {
		return err
	}
	for left := from.Used; left > 0; {
		c, n := new([chunkSize]T), min(left, chunkSize)
		if _, err := io.ReadFull(in, bytesOf(c[:n])); err != nil {
			return err
		}
		s.chunks, s.used, left = append(s.chunks, c), s.used+n, left-n
	}
	return nil
}

// translate takes records of another layout field by field: what is new here stays zero, what is not known here is dropped.
func (s *slab[T]) translate(in io.Reader, from slabSection, layout []field) error {
	if err := s.readFree(in, from); err != nil {
		return err
	}
	moves, err := movesBetween(from, layout)
	if err != nil {
		return err
	}
	old := make([]byte, from.Size)
	free := s.free
	s.free = nil
	for range from.Used {
		if _, err := io.ReadFull(in, old); err != nil {
			return err
		}
		rec := unsafe.Slice((*byte)(unsafe.Pointer(s.at(s.take()))), unsafe.Sizeof(*new(T)))
		for _, m := range moves {
			copy(rec[m.to:m.to+m.size], old[m.from:])
		}
	}
	s.free = free
	return nil
}

// move copies one leaf from an old record to a new one.
type move struct{ from, to, size uint32 }

func movesBetween(from slabSection, layout []field) ([]move, error) {
	old := map[string]field{}
	for _, f := range from.Layout {
		if f.Offset > from.Size || f.Size > from.Size-f.Offset {
			return nil, fmt.Errorf("field %q lies outside its record", f.Name)
		}
		old[f.Name] = f
	}
	var moves []move
	for _, f := range layout {
		if o, ok := old[f.Name]; ok && o.Size == f.Size {
			moves = append(moves, move{o.Offset, f.Offset, f.Size})
		}
	}
	return moves, nil
}

// bytesOf views records as bytes. T holds no pointers and no padding but named blanks, which stay zero; a test holds that.
func bytesOf[T any](records []T) []byte {
	if len(records) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&records[0])), uintptr(len(records))*unsafe.Sizeof(records[0]))
}
