package sketch

import (
	"math/bits"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/topk"
)

// A search reads the bounds of tile vectors at a time, multiplies batch of those whose bounds are
// high, and asks between stretches of vectors whether it is to go on.
const tile, batch, stretch = 4 * group, 8, 1024

// Search is a query with the memory of its search, to be used again. The zero value is ready for Set.
type Search struct {
	// Read and Multiplied count the bounds and the products of the last Run.
	Read, Multiplied int

	of      *Sketch
	query   []float32
	codes   []int8
	offset  int32
	weights [3]float32
	bounds  [tile]float32
	high    [tile / 64]uint64
	rows    [batch]int32
	scores  [batch]float32
}

// Set makes x a search in s for a query as long as its vectors, which is not to be changed before
// Run; it returns false where there are no bounds for it: a vector of zeros, for one, which is as
// near to all.
func (x *Search) Set(s *Sketch, query []float32) bool {
	if cap(x.codes) < s.padded {
		x.codes = make([]int8, s.padded)
	}
	x.of, x.query = s, query[:s.dim]
	x.codes, x.offset = x.codes[:s.padded], 0
	clear(x.codes[s.dim:])
	p := split(x.codes, x.query, levelsQuery)
	for _, c := range x.codes {
		x.offset += levels * int32(c)
	}
	norm := p.kept + p.lost
	x.weights = [3]float32{p.step, float32(p.lost * up), float32(norm * up)}
	return norm >= minQuery && norm <= maxQuery
}

// Release lets go of sketch and query.
func (x *Search) Release() { x.of, x.query = nil, nil }

// Run offers to h the vectors whose bits are set in allowed, but for some that could not enter it:
// what h holds then is what it would hold after all of their products as f32.Dot computes them. It
// calls more now and then, and ends with its error if there is one.
func (x *Search) Run(h *topk.Heap, allowed []uint64, more func() error) error {
	s := x.of
	x.Read, x.Multiplied = 0, 0
	// The first group is to raise the threshold.
	for lo, hi := 0, group; lo < len(s.order) && s.reach[lo/group]*x.weights[2] >= h.Threshold(); lo, hi = hi, hi+tile {
		if lo == 0 || hi/stretch > lo/stretch {
			if err := more(); err != nil {
				return err
			}
		}
		x.tile(h, allowed, lo, min(hi, len(s.reach)*group))
	}
	return nil
}

// tile offers the vectors of the ranks [lo, hi).
func (x *Search) tile(h *topk.Heap, allowed []uint64, lo, hi int) {
	bounds, high, rows := x.bounds[:hi-lo], x.high[:(hi-lo)/64], x.rows[:0]
	x.bound(bounds, lo)
	x.Read += hi - lo
	// A product that equals the threshold may win by its lower index.
	f32.AtLeast(high, bounds, h.Threshold())
	for w, word := range high {
		for ; word != 0; word &= word - 1 {
			at := w*64 + bits.TrailingZeros64(word)
			row := x.of.order[lo+at]
			if bounds[at] < h.Threshold() || allowed[row>>6]>>(uint(row)&63)&1 == 0 {
				continue
			}
			if rows = append(rows, row); len(rows) == batch {
				x.multiply(h, rows)
				rows = rows[:0]
			}
		}
	}
	x.multiply(h, rows)
}

// bound sets dst to upper bounds of the products with the vectors from rank lo on, as f32.Dot
// computes them; behind the last vector they are NaN. lo and the length of dst are multiples of
// group.
func (x *Search) bound(dst []float32, lo int) {
	s := x.of
	f32.CodeBounds(dst, s.codes[lo*s.padded:], x.codes, x.offset, s.terms[3*lo:], &x.weights)
}

// multiply offers the products of some vectors.
func (x *Search) multiply(h *topk.Heap, rows []int32) {
	scores := x.scores[:len(rows)]
	f32.GemvRows(scores, x.of.vectors, rows, x.query)
	for i, row := range rows {
		h.Push(row, scores[i])
	}
	x.Multiplied += len(rows)
}
