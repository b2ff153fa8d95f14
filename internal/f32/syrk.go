package f32

import "sync"

// syrkDepth is how many rows are gathered before they are multiplied: few enough
// for the second-level cache, enough to pay for reading and writing c.
const syrkDepth = 128

// ones and firstRows stand in for weights and row numbers that are not given.
var ones, firstRows = func() (w [syrkDepth]float32, rows [syrkDepth]int32) {
	for i := range w {
		w[i], rows[i] = 1, int32(i)
	}
	return
}()

// scratch is memory for packed copies.
type scratch struct{ buf []float32 }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// take returns n floats of unknown content.
func (s *scratch) take(n int) []float32 {
	if cap(s.buf) < n {
		s.buf = make([]float32, n)
	}
	return s.buf[:n]
}

// SyrkRows adds a weighted sum of outer products of chosen rows to the lower
// triangle of c (d×d). It is
//
//	for i, r := range idx {
//		row := a[r*d : (r+1)*d]
//		for p := range d {
//			for q := range p + 1 {
//				c[p*d+q] += w[i] * row[p] * row[q]
//			}
//		}
//	}
//
// A nil w stands for ones. What lies above the diagonal of c is left alone. It panics if a row
// lies outside a.
func SyrkRows(c, a []float32, d int, idx []int32, w []float32) {
	checkRows(a, idx, d)
	if d == 0 {
		return
	}
	c = c[: d*d : len(c)]
	s := scratches.Get().(*scratch)
	for from := 0; from < len(idx); from += syrkDepth {
		to := min(from+syrkDepth, len(idx))
		f := ones[:to-from]
		if w != nil {
			f = w[from:to:len(w)]
		}
		syrkBlock(s, c, a, d, idx[from:to], f)
	}
	scratches.Put(s)
}

// Syrk adds aᵀ·a to the lower triangle of c (d×d): it is SyrkRows over all the rows of a,
// each with weight one.
func Syrk(c, a []float32, d int) {
	if d == 0 {
		return
	}
	c = c[: d*d : len(c)]
	s := scratches.Get().(*scratch)
	for len(a) >= d {
		n := min(len(a)/d, syrkDepth)
		syrkBlock(s, c, a, d, firstRows[:n], ones[:n])
		a = a[n*d:]
	}
	scratches.Put(s)
}

// syrkBlock packs at most syrkDepth rows, plain and weighted, and multiplies the two, a tile of
// the lower triangle at a time.
func syrkBlock(s *scratch, c, a []float32, d int, idx []int32, w []float32) {
	k, ld := len(idx), oddLines(d)
	buf := s.take(2 * syrkDepth * ld)
	plain, weighted := buf[:k*ld], buf[k*ld:2*k*ld]
	packRows(plain, weighted, ld, a, d, idx, w)
	tile := syrkShape()
	for j := 0; j < d; j += tile.cols {
		for i := j; i < d; i += tile.rows {
			syrkTile(k, weighted[i:], plain[j:], ld, c[i*d+j:], d, i-j, d-i, d-j)
		}
	}
}

// oddLines returns a row length of at least n that leaves room for one tile past the end and is
// an odd number of cache lines, so that the rows of a panel fall into different sets of the cache.
func oddLines(n int) int {
	return (n+15)/16*16 | 16
}
