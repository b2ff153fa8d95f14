package als

import (
	"context"

	"github.com/recsys-lite/recsys"
)

// maxSlabs is the number of slabs that items are cut into. Two of them are in memory at a time.
const maxSlabs = 16

// minSlab is the number of interactions below which memory matters less than that workers wait for one
// another at the end of a slab. Tests set it.
var minSlab = 1 << 16

// slabs gives one side's rows to solve, a run of them at a time: the users' as they are, the
// items' transposed piece by piece, so that a fit does not hold the interactions twice.
type slabs struct {
	x          *recsys.CSR
	transposed bool
	indptr     []int64     // of the rows
	bounds     []int       // slab k is the rows [bounds[k], bounds[k+1])
	plans      []*schedule // of the slabs
}

func newSlabs(x *recsys.CSR, d int) *slabs {
	return &slabs{x: x, indptr: x.Indptr, bounds: []int{0, x.Rows}, plans: []*schedule{newSchedule(x.Indptr, d)}}
}

func newTransposedSlabs(x *recsys.CSR, d int) *slabs {
	s := &slabs{x: x, transposed: true, indptr: make([]int64, x.Cols+1), bounds: []int{0}}
	for _, c := range x.Indices {
		s.indptr[c+1]++
	}
	for c := range x.Cols {
		s.indptr[c+1] += s.indptr[c]
	}
	size := int64(max((x.NNZ()+maxSlabs-1)/maxSlabs, minSlab))
	for c := range x.Cols {
		lo := s.bounds[len(s.bounds)-1]
		if c > lo && s.indptr[c+1]-s.indptr[lo] > size {
			s.bounds = append(s.bounds, c)
		}
	}
	s.bounds = append(s.bounds, x.Cols)
	for k := range len(s.bounds) - 1 {
		s.plans = append(s.plans, newSchedule(s.indptr[s.bounds[k]:s.bounds[k+1]+1], d))
	}
	return s
}

func (s *slabs) rows() int { return len(s.indptr) - 1 }

func (s *slabs) rowLen(r int) int { return int(s.indptr[r+1] - s.indptr[r]) }

// slab is the rows from lo on, whose interactions are those of a matrix.
type slab struct {
	lo   int
	x    *recsys.CSR
	plan *schedule
}

// each calls solve for one slab after the other. While one is solved, the next is transposed.
func (s *slabs) each(ctx context.Context, solve func(slab) error) error {
	if !s.transposed {
		return solve(slab{0, s.x, s.plans[0]})
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ready, free := make(chan slab), make(chan *recsys.CSR, 2)
	free <- new(recsys.CSR)
	free <- new(recsys.CSR)
	go func() {
		defer close(ready)
		next := make([]int32, s.x.Rows) // where each row of x goes on, from its start
		for k := range s.plans {
			select {
			case into := <-free:
				s.transpose(k, next, into)
				select {
				case ready <- slab{s.bounds[k], into, s.plans[k]}:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	for p := range ready {
		if err := solve(p); err != nil {
			return err
		}
		free <- p.x
	}
	return ctx.Err()
}

// transpose writes slab k to t, whose memory it uses again.
func (s *slabs) transpose(k int, next []int32, t *recsys.CSR) {
	lo, hi := s.bounds[k], s.bounds[k+1]
	base := s.indptr[lo]
	n := int(s.indptr[hi] - base)
	if cap(t.Indices) < n {
		t.Indices = make([]int32, n)
		if s.x.Values != nil {
			t.Values = make([]float32, n)
		}
	}
	t.Rows, t.Cols, t.Indices = hi-lo, s.x.Rows, t.Indices[:n]
	t.Indptr = append(t.Indptr[:0], s.indptr[lo:hi+1]...)
	for r := range t.Indptr {
		t.Indptr[r] -= base
	}
	at := append([]int64(nil), t.Indptr[:t.Rows]...)
	if s.x.Values != nil {
		t.Values = t.Values[:n]
	}
	for u := 0; u < len(next); u += lookAhead {
		block := min(u+lookAhead, len(next))
		// Where rows go on is nowhere near. Reading it for many of them first lets these reads
		// wait together.
		var first [lookAhead]int32
		for r := u; r < block; r++ {
			if p := s.x.Indptr[r] + int64(next[r]); p < s.x.Indptr[r+1] {
				first[r-u] = s.x.Indices[p]
			} else {
				first[r-u] = int32(s.x.Cols)
			}
		}
		for r := u; r < block; r++ {
			if int(first[r-u]) < hi {
				next[r] = s.spread(r, next[r], lo, hi, at, t)
			}
		}
	}
}

// lookAhead is the number of rows that are looked up together.
const lookAhead = 64

// spread writes what row r of x has in columns [lo, hi), from its place from on, to t, and
// returns the place behind.
func (s *slabs) spread(r int, from int32, lo, hi int, at []int64, t *recsys.CSR) int32 {
	cols, values := s.x.Row(r)
	for p := int(from); p < len(cols); p++ {
		c := int(cols[p])
		if c >= hi {
			return int32(p)
		}
		q := at[c-lo]
		at[c-lo] = q + 1
		t.Indices[q] = int32(r)
		if values != nil {
			t.Values[q] = values[p]
		}
	}
	return int32(len(cols))
}
