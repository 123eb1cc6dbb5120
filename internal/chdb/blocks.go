package chdb

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// onDisk is the revision of blocks in the engine's own Native format: they have no header.
const onDisk = 0

// onWire is the protocol revision that the front speaks: the last before columns may choose their own serialization, which
// the engine's Native format does not have. Clients step down to it.
const onWire = proto.DBMS_MIN_REVISION_WITH_PARALLEL_REPLICAS

// decodeBlocks reads an answer in Native format.
func decodeBlocks(native []byte) ([]*proto.Block, error) {
	reader := chproto.NewReader(bytes.NewReader(native))
	var blocks []*proto.Block
	for {
		b := proto.NewBlock()
		err := b.Decode(reader, onDisk)
		if errors.Is(err, io.EOF) {
			return blocks, nil
		}
		if err != nil {
			return nil, fmt.Errorf("decode the engine's answer: %w", err)
		}
		blocks = append(blocks, b)
	}
}

// header asks the engine for the names and types that a SELECT gives, as a block without rows.
func (e *Engine) header(query string) (*proto.Block, error) {
	native, err := e.Query("DESCRIBE ("+query+") SETTINGS print_pretty_type_names=0", "Native")
	if err != nil {
		return nil, err
	}
	described, err := decodeBlocks(native)
	if err != nil {
		return nil, err
	}
	header := proto.NewBlock()
	for _, b := range described {
		for row := range b.Rows() {
			name, kind := b.Columns[0].Row(row, false).(string), b.Columns[1].Row(row, false).(string)
			if err := header.AddColumn(name, column.Type(kind)); err != nil {
				return nil, err
			}
		}
	}
	return header, nil
}

// encode writes a block as it stands on the wire. A block without rows has no serialization prefixes, which the client's
// own encoder, who never sends such a block with columns, would write.
func encode(to *chproto.Buffer, b *proto.Block) error {
	if b.Rows() > 0 {
		return b.Encode(to, onWire)
	}
	if err := b.EncodeHeader(to, onWire); err != nil {
		return err
	}
	for _, c := range b.Columns {
		to.PutString(c.Name())
		to.PutString(string(c.Type()))
	}
	return nil
}
