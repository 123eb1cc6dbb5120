package chdb

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// errDropped ends a session whose connection a fault closes.
var errDropped = errors.New("dropped on purpose")

// session is one client's connection.
type session struct {
	front      *Front
	conn       net.Conn
	in         *chproto.Reader
	out        chproto.Buffer
	database   string
	compressed bool // blocks of the query being answered
}

func newSession(f *Front, c net.Conn) *session {
	return &session{front: f, conn: c, in: chproto.NewReader(c)}
}

// serve answers the client until it leaves or breaks the protocol.
func (s *session) serve() {
	for {
		code, err := s.in.UVarInt()
		if err != nil {
			return
		}
		switch chproto.ClientCode(code) {
		case chproto.ClientCodeHello:
			err = s.hello()
		case chproto.ClientCodePing:
			chproto.ServerCodePong.Encode(&s.out)
		case chproto.ClientCodeQuery:
			err = s.query()
		default: // cancel, and what we do not speak
			return
		}
		var refused *Error
		if errors.As(err, &refused) {
			s.exception(refused)
		} else if err != nil {
			return
		}
		if s.flush() != nil {
			return
		}
	}
}

func (s *session) hello() error {
	var h chproto.ClientHello
	if err := h.Decode(s.in); err != nil {
		return err
	}
	s.database = h.Database
	if err := s.front.use(h.Database); err != nil {
		return err
	}
	hello := chproto.ServerHello{Name: "ClickHouse", Major: 26, Minor: 7, Patch: 2, Revision: onWire, Timezone: "UTC", DisplayName: "libchdb"}
	hello.EncodeAware(&s.out, onWire)
	return nil
}

// insertOf recognises an INSERT whose rows follow as data blocks.
var insertOf = regexp.MustCompile(`(?is)^\s*INSERT\s+INTO\s+(\S+)\s*\(([^)]*)\)\s*(?:VALUES|FORMAT\s+Native)?\s*$`)

func (s *session) query() error {
	var q chproto.Query
	if err := q.DecodeAware(s.in, onWire); err != nil {
		return err
	}
	s.compressed = q.Compression == chproto.CompressionEnabled
	for { // external tables, which we do not have, until an empty block
		b, err := s.block()
		if err != nil {
			return err
		}
		if len(b.Columns) == 0 {
			break
		}
	}
	if s.front.faults.Fail != nil {
		if refused := s.front.faults.Fail(q.Body); refused != nil {
			return refused
		}
	}
	if err := s.front.use(s.database); err != nil {
		return err
	}
	if m := insertOf.FindStringSubmatch(q.Body); m != nil {
		return s.insert(&q, m[1], m[2])
	}
	return s.answer(q.Body)
}

// asks recognises a query that has an answer.
var asks = regexp.MustCompile(`(?i)^\s*(SELECT|WITH)\b`)

// answer runs a query and sends its blocks; the first has the names and types and no row.
func (s *session) answer(query string) error {
	native, err := s.front.engine.Query(query, "Native")
	if err != nil {
		return err
	}
	blocks, err := decodeBlocks(native)
	if err != nil {
		return err
	}
	if asks.MatchString(query) {
		header, err := s.front.engine.header(query)
		if err != nil {
			return err
		}
		blocks = append([]*proto.Block{header}, blocks...)
	}
	for _, b := range blocks {
		if err := s.send(b); err != nil {
			return err
		}
	}
	chproto.ServerCodeEndOfStream.Encode(&s.out)
	return nil
}

// insert tells the client the columns, takes its blocks, and gives them to the engine as one file. The engine sees an INSERT
// SELECT; with its settings it repeats no block of a token, as it does for an INSERT.
func (s *session) insert(q *chproto.Query, table, columns string) error {
	header, err := s.front.engine.header("SELECT " + columns + " FROM " + table)
	if err != nil {
		return err
	}
	if err := errors.Join(s.send(header), s.flush()); err != nil {
		return err
	}
	file := s.front.spool()
	defer os.Remove(file)
	rows, err := s.receive(file)
	if err != nil {
		return err
	}
	if f := s.front.faults.DropInsert; f != nil && f(q.Body) {
		return errDropped
	}
	if rows > 0 {
		run := fmt.Sprintf("INSERT INTO %s (%s) SETTINGS %s SELECT * FROM file('%s', Native)", table, columns, settings(q), file)
		if _, err := s.front.engine.Query(run, "Native"); err != nil {
			return err
		}
	}
	if f := s.front.faults.DropAck; f != nil && f(q.Body) {
		return errDropped
	}
	chproto.ServerCodeEndOfStream.Encode(&s.out)
	return nil
}

// receive writes the client's blocks to a file, up to the empty one that ends them.
func (s *session) receive(file string) (rows int, err error) {
	out, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	for {
		code, err := s.in.UVarInt()
		if err != nil {
			return rows, err
		}
		if chproto.ClientCode(code) != chproto.ClientCodeData {
			return rows, io.ErrUnexpectedEOF
		}
		b, err := s.dataBlock()
		if err != nil || len(b.Columns) == 0 {
			return rows, err
		}
		rows += b.Rows()
		var buf chproto.Buffer
		if err := b.Encode(&buf, onDisk); err != nil {
			return rows, err
		}
		if _, err := out.Write(buf.Buf); err != nil {
			return rows, err
		}
	}
}

// settings gives a query's settings as SQL, with those that make the engine treat our INSERT SELECT as an INSERT.
func settings(q *chproto.Query) string {
	list := []string{"deduplicate_insert_select='enable_even_for_bad_queries'", "max_insert_threads=1", "max_threads=1",
		"max_block_size=1000000", "input_format_native_allow_types_conversion=1"}
	for _, set := range q.Settings {
		list = append(list, set.Key+"='"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(set.Value)+"'")
	}
	return strings.Join(list, ", ")
}

// block reads a data packet.
func (s *session) block() (*proto.Block, error) {
	code, err := s.in.UVarInt()
	if err != nil {
		return nil, err
	}
	if chproto.ClientCode(code) != chproto.ClientCodeData {
		return nil, fmt.Errorf("read a block: the client sends packet %d", code)
	}
	return s.dataBlock()
}

// dataBlock reads what follows a data packet's code.
func (s *session) dataBlock() (*proto.Block, error) {
	if _, err := s.in.Str(); err != nil { // the table's name
		return nil, err
	}
	if s.compressed {
		s.in.EnableCompression()
		defer s.in.DisableCompression()
	}
	b := proto.NewBlock()
	return b, b.Decode(s.in, onWire)
}

// send puts a block into the answer.
func (s *session) send(b *proto.Block) error {
	chproto.ServerCodeData.Encode(&s.out)
	s.out.PutString("")
	if !s.compressed {
		return encode(&s.out, b)
	}
	var plain chproto.Buffer
	if err := encode(&plain, b); err != nil {
		return err
	}
	w := compress.NewWriter(compress.LevelZero, compress.LZ4)
	if err := w.Compress(plain.Buf); err != nil {
		return err
	}
	s.out.PutRaw(w.Data)
	return nil
}

func (s *session) exception(e *Error) {
	chproto.ServerCodeException.Encode(&s.out)
	x := chproto.Exception{Code: chproto.Error(e.Code), Name: "DB::Exception", Message: e.Message}
	x.EncodeAware(&s.out, onWire)
}

func (s *session) flush() error {
	_, err := s.conn.Write(s.out.Buf)
	s.out.Reset()
	return err
}
