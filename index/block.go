package index

import (
	"math/bits"
	"slices"

	"github.com/recsys-lite/recsys"
)

// block is a run of vectors with their ids. A published block is not changed, but for rows
// appended behind its end, which who holds it does not see.
type block struct {
	ids  []int32
	data []float32 // len(ids) × dim
	// run says that the ids ascend by one, so that a filter is read word by word.
	run bool
}

// clone returns a copy that may be changed, with room for further rows.
func (b *block) clone(room, dim int) block {
	c := block{ids: make([]int32, len(b.ids), len(b.ids)+room), data: make([]float32, len(b.data), len(b.data)+room*dim), run: b.run}
	copy(c.ids, b.ids)
	copy(c.data, b.data)
	return c
}

func (b *block) append(id int32, v []float32) {
	b.run = len(b.ids) == 0 || b.run && b.ids[len(b.ids)-1]+1 == id
	b.ids = append(b.ids, id)
	b.data = append(b.data, v...)
}

// drop removes the last row. What is appended next must not overwrite it for those who hold
// the block as it was.
func (b *block) drop(dim int) {
	n := len(b.ids) - 1
	b.ids, b.data = slices.Clip(b.ids[:n]), slices.Clip(b.data[:n*dim])
}

// replace overwrites a row of a block that is not shared.
func (b *block) replace(row int, id int32, v []float32) {
	b.run = b.run && b.ids[row] == id
	b.ids[row] = id
	copy(b.data[row*len(v):], v)
}

func (b *block) row(i, dim int) []float32 { return b.data[i*dim : (i+1)*dim] }

// allowedRows appends the rows of [lo, hi) whose ids are allowed.
func (b *block) allowedRows(rows []int32, lo, hi int, allowed *recsys.Bitset) []int32 {
	if !b.run {
		for i, id := range b.ids[lo:hi] {
			if allowed.Has(id) {
				rows = append(rows, int32(lo+i))
			}
		}
		return rows
	}
	first := int(b.ids[0])
	words := allowed.Words()
	from, to := first+lo, min(first+hi, allowed.Len())
	for w := from >> 6; w<<6 < to; w++ {
		word := words[w]
		if w == from>>6 {
			word &= ^uint64(0) << (uint(from) & 63)
		}
		if left := to - w<<6; left < 64 {
			word &= 1<<uint(left) - 1
		}
		for ; word != 0; word &= word - 1 {
			rows = append(rows, int32(w<<6+bits.TrailingZeros64(word)-first))
		}
	}
	return rows
}
