package cooc

import "slices"

// A matrix is transposed slab by slab, each of this part of its entries or at least so many:
// as a whole, the transpose would take as much memory as the matrix.
const (
	slabs    = 48
	minCells = 1 << 15
)

// cell is an entry of an item's row of the transpose.
type cell struct {
	user  int32
	place int32 // of the item in the user's row
}

// slab holds the rows of the transpose for some items in a row.
type slab struct {
	x      *Rows
	counts []int32 // users of each item
	// done is how many entries of each user were in the slabs before the end of this one.
	done  []int32
	from  int32 // the first item
	start []int // where the items' rows start in cells
	cells []cell
	// order is the items, those of many users first: when the slab comes to its end, no worker
	// waits long for another.
	order []int32
}

// newSlab returns the empty slab before the first.
func newSlab(x *Rows) *slab {
	s := &slab{x: x, counts: make([]int32, x.Cols), done: make([]int32, len(x.Indptr)-1)}
	for _, i := range x.Indices {
		s.counts[i]++
	}
	return s
}

// next moves on to the items that follow; false when there are none.
func (s *slab) next() bool {
	s.from += int32(len(s.order))
	s.order, s.start = s.order[:0], append(s.start[:0], 0)
	room, end := max(len(s.x.Indices)/slabs, minCells), 0
	for i := int(s.from); i < s.x.Cols; i++ {
		n := int(s.counts[i])
		if len(s.order) > 0 && end+n > room {
			break
		}
		end += n
		s.order, s.start = append(s.order, int32(i)), append(s.start, end)
	}
	if len(s.order) == 0 {
		return false
	}
	s.fill(end)
	slices.SortStableFunc(s.order, func(a, b int32) int { return int(s.counts[b] - s.counts[a]) })
	return true
}

// fill sets the cells, of which there are so many.
func (s *slab) fill(n int) {
	if cap(s.cells) < n {
		s.cells = nil
		s.cells = make([]cell, n)
	}
	s.cells = s.cells[:n]
	to := s.from + int32(len(s.order))
	// start[i] is where row i goes on; in the end it is where row i+1 starts.
	for u, done := range s.done {
		row := s.x.Indices[s.x.Indptr[u]:s.x.Indptr[u+1]]
		for ; int(done) < len(row) && row[done] < to; done++ {
			at := &s.start[row[done]-s.from]
			s.cells[*at] = cell{int32(u), done}
			*at++
		}
		s.done[u] = done
	}
	copy(s.start[1:], s.start)
	s.start[0] = 0
}

// row lists the users of item i, ascending.
func (s *slab) row(i int32) []cell {
	at := i - s.from
	return s.cells[s.start[at]:s.start[at+1]]
}
