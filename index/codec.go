package index

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
)

// The format of docs/format/index.md.
const (
	magic   = "recsysix"
	version = 1
	// headerSize is that of magic, version, kind and dim.
	headerSize = len(magic) + 12
	sumSize    = 4
)

// kinds gives the number of a kind in the format.
var kinds = []string{1: KindExact, 2: KindIVF, 3: KindHNSW}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type writer struct{ buf []byte }

// newWriter starts the bytes of an index; values is about how many numbers will follow.
func newWriter(kind string, dim, values int) *writer {
	w := &writer{buf: make([]byte, 0, headerSize+sumSize+64+4*values)}
	w.buf = append(w.buf, magic...)
	w.uint32(version)
	for i, k := range kinds {
		if k == kind {
			w.uint32(uint32(i))
		}
	}
	w.uint32(uint32(dim))
	return w
}

func (w *writer) uint32(v uint32) { w.buf = binary.LittleEndian.AppendUint32(w.buf, v) }
func (w *writer) uint64(v uint64) { w.buf = binary.LittleEndian.AppendUint64(w.buf, v) }
func (w *writer) count(n int)     { w.uint32(uint32(n)) }

func (w *writer) int32s(v []int32) {
	for _, x := range v {
		w.uint32(uint32(x))
	}
}

func (w *writer) float32s(v []float32) {
	for _, x := range v {
		w.uint32(math.Float32bits(x))
	}
}

func (w *writer) finish() []byte {
	w.uint32(crc32.Checksum(w.buf, castagnoli))
	return w.buf
}

// reader takes an index apart. After the first fault all it returns is empty, and end
// returns the fault.
type reader struct {
	rest []byte
	kind string
	dim  int
	err  error
}

// newReader checks magic, version and checksum, in this order.
func newReader(data []byte) (*reader, error) {
	if len(data) < headerSize+sumSize || string(data[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: %d bytes that do not start with %q: build the index again", ErrCorrupt, len(data), magic)
	}
	body := data[len(magic):]
	if v := binary.LittleEndian.Uint32(body); v > version {
		return nil, fmt.Errorf("%w: version %d, this program reads up to %d: use a newer one or build the index again", ErrFutureVersion, v, version)
	} else if v == 0 {
		return nil, fmt.Errorf("%w: format version 0", ErrCorrupt)
	}
	end := len(data) - sumSize
	if want, got := binary.LittleEndian.Uint32(data[end:]), crc32.Checksum(data[:end], castagnoli); want != got {
		return nil, fmt.Errorf("%w: checksum %08x, the bytes give %08x: copy or build the index again", ErrCorrupt, want, got)
	}
	r := &reader{rest: data[headerSize:end]}
	kind, dim := binary.LittleEndian.Uint32(body[4:]), binary.LittleEndian.Uint32(body[8:])
	if kind == 0 || int64(kind) >= int64(len(kinds)) {
		return nil, fmt.Errorf("%w: kind number %d", ErrCorrupt, kind)
	}
	if dim == 0 || dim > maxDim {
		return nil, fmt.Errorf("%w: vectors of length %d", ErrCorrupt, dim)
	}
	r.kind, r.dim = kinds[kind], int(dim)
	return r, nil
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: "+format, append([]any{ErrCorrupt}, args...)...)
	}
}

// take returns the next n bytes, or nil.
func (r *reader) take(n int) []byte {
	if r.err != nil || n > len(r.rest) || n < 0 {
		r.fail("it ends %d bytes early", n-len(r.rest))
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// count reads a number of things of at least size bytes each, which must still follow.
func (r *reader) count(size int) int {
	n := int64(r.uint32())
	if n > math.MaxInt32 || n*int64(size) > int64(len(r.rest)) {
		r.fail("%d entries of %d bytes in %d bytes", n, size, len(r.rest))
		return 0
	}
	return int(n)
}

// setting reads a number between lo and hi.
func (r *reader) setting(what string, lo, hi int) int {
	n := int64(r.uint32())
	if n < int64(lo) || n > int64(hi) {
		r.fail("%s is %d, it must lie between %d and %d", what, n, lo, hi)
		return lo
	}
	return int(n)
}

func (r *reader) int32s(n int) []int32 {
	b := r.take(4 * n)
	out := make([]int32, len(b)/4)
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

// ids reads n distinct ids.
func (r *reader) ids(n int) []int32 {
	ids := r.int32s(n)
	r.checkIDs(ids)
	return ids
}

func (r *reader) checkIDs(ids []int32) {
	ascending := true
	for i, id := range ids {
		if id < 0 {
			r.fail("id %d", id)
			return
		}
		ascending = ascending && (i == 0 || id > ids[i-1])
	}
	if !ascending && lastOf(ids) != nil {
		r.fail("an id comes twice")
	}
}

// float32s reads n numbers, whatever they are.
func (r *reader) float32s(n int) []float32 {
	b := r.take(4 * n)
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

// vectors reads n vectors, which must be such as Add accepts.
func (r *reader) vectors(n int) []float32 {
	v := r.float32s(n * r.dim)
	if err := checkVectors("vector", v, r.dim); err != nil {
		r.fail("%v", err)
	}
	return v
}

// end returns the first fault; that bytes are left over is one.
func (r *reader) end() error {
	if len(r.rest) != 0 {
		r.fail("%d bytes too many", len(r.rest))
	}
	return r.err
}
