package model

import (
	"encoding/binary"
	"errors"
	"fmt"

	flatbuffers "github.com/google/flatbuffers/go"
)

// The most that any file of the format has: the columns of the catalogue, and a map's
// entries, key and value below one of them.
const (
	maxFields = 64
	maxDepth  = 6
)

// checkFooter looks through the metadata of an Arrow file before the Arrow library does. That
// one believes the lengths that it finds there and asks for as much memory, or recurses as
// deeply; here a file has one record batch, uncompressed, no dictionaries, no metadata of its
// own, and a handful of columns. It is called under guard. (Field numbers: Arrow's File.fbs,
// Schema.fbs and Message.fbs.)
func checkFooter(data []byte) error {
	const tail = 4 + len("ARROW1") // the footer's size and the magic
	if len(data) < 2*tail {
		return errors.New("too short for an Arrow file")
	}
	size := int(binary.LittleEndian.Uint32(data[len(data)-tail:]))
	if size > len(data)-tail {
		return errors.New("the footer is longer than the file")
	}
	footer := root(data[len(data)-tail-size : len(data)-tail])
	if n := footer.length(2); n != 0 {
		return fmt.Errorf("%d dictionaries, want none", n)
	}
	if n := footer.length(3); n != 1 {
		return fmt.Errorf("%d record batches, want 1", n)
	}
	schema, ok := footer.child(1)
	if !ok || schema.length(2) != 0 {
		return errors.New("no schema, or one with metadata of its own")
	}
	left := maxFields
	if err := checkFields(schema, 1, maxDepth, &left); err != nil {
		return err
	}
	return checkBatch(data, footer)
}

func checkFields(t node, field, depth int, left *int) error {
	n := t.length(field)
	if *left -= n; *left < 0 || depth == 0 {
		return errors.New("more columns, or deeper ones, than any file of this format has")
	}
	for i := range n {
		f := t.element(field, i)
		if f.length(6) != 0 {
			return errors.New("a column with metadata of its own")
		}
		if err := checkFields(f, 5, depth-1, left); err != nil {
			return err
		}
	}
	return nil
}

// checkBatch looks at the message of the one record batch.
func checkBatch(data []byte, footer node) error {
	block := footer.bytes(3) // offset int64, length of the metadata int32, padding, length of the body int64
	at, meta := binary.LittleEndian.Uint64(block), binary.LittleEndian.Uint32(block[8:])
	if at > uint64(len(data)) || uint64(meta) > uint64(len(data))-at || meta < 12 {
		return errors.New("the record batch lies outside the file")
	}
	message := root(data[at+8 : at+uint64(meta)]) // behind a marker and the length
	batch, ok := message.child(2)
	if !ok || message.length(4) != 0 || batch.has(3) {
		return errors.New("a record batch with metadata of its own, or compressed")
	}
	return nil
}

// node is a table of a flatbuffer.
type node struct{ flatbuffers.Table }

func root(buf []byte) node {
	return node{flatbuffers.Table{Bytes: buf, Pos: flatbuffers.GetUOffsetT(buf)}}
}

func (t node) slot(field int) flatbuffers.UOffsetT {
	return flatbuffers.UOffsetT(t.Offset(flatbuffers.VOffsetT(4 + 2*field)))
}

func (t node) has(field int) bool { return t.slot(field) != 0 }

// length is that of a vector, 0 when it is absent. No vector has more elements than the
// buffer has bytes.
func (t node) length(field int) int {
	o := t.slot(field)
	if o == 0 {
		return 0
	}
	n := t.VectorLen(o)
	if n < 0 || n > len(t.Bytes) {
		panic("a vector longer than its buffer")
	}
	return n
}

func (t node) child(field int) (node, bool) {
	o := t.slot(field)
	if o == 0 {
		return node{}, false
	}
	return node{flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(t.Pos + o)}}, true
}

// element is table i of a vector of tables.
func (t node) element(field, i int) node {
	at := t.Vector(t.slot(field)) + flatbuffers.UOffsetT(4*i)
	return node{flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(at)}}
}

// bytes is the buffer from the start of a vector of structs.
func (t node) bytes(field int) []byte { return t.Bytes[t.Vector(t.slot(field)):] }
