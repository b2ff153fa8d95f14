package als

import "slices"

// pageRows is the number of rows that an update of one row copies.
const pageRows = 256

// rows is an n×d matrix in pages, so that a new version with a few changed rows shares all
// other pages with the old one. Both stay valid; neither is ever written after it is made.
type rows struct {
	n, d  int
	pages [][]float32
	// whole is the matrix in one piece while no row has been changed.
	whole []float32
}

// newRows cuts data (n×d), which it keeps, into pages.
func newRows(data []float32, n, d int) *rows {
	r := &rows{n: n, d: d, whole: data}
	for lo := 0; lo < n; lo += pageRows {
		hi := min(lo+pageRows, n)
		r.pages = append(r.pages, data[lo*d:hi*d:hi*d])
	}
	return r
}

// row returns row i as a slice into r.
func (r *rows) row(i int32) []float32 {
	at := int(i) % pageRows * r.d
	return r.pages[int(i)/pageRows][at : at+r.d : at+r.d]
}

// with returns r with row ids[j] replaced by data[j*d:(j+1)*d], and n rows in all. Rows that
// come up without being replaced are zero.
func (r *rows) with(n int, ids []int32, data []float32) *rows {
	next := &rows{n: n, d: r.d, pages: slices.Clone(r.pages)}
	copied := make(map[int]bool)
	own := func(p int) {
		if copied[p] {
			return
		}
		page := make([]float32, min(pageRows, n-p*pageRows)*r.d)
		if p < len(next.pages) {
			copy(page, next.pages[p])
			next.pages[p] = page
		} else {
			next.pages = append(next.pages, page)
		}
		copied[p] = true
	}
	if n > r.n {
		for p := r.n / pageRows; p*pageRows < n; p++ {
			own(p)
		}
	}
	for j, id := range ids {
		own(int(id) / pageRows)
		copy(next.row(id), data[j*r.d:(j+1)*r.d])
	}
	return next
}

// matrix returns the rows in one piece, row-major.
func (r *rows) matrix() []float32 {
	if r.whole != nil || r.n == 0 {
		return r.whole
	}
	return slices.Concat(r.pages...)
}
