package f32

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
// A nil w stands for ones. What lies above the diagonal of c is left alone.
func SyrkRows(c, a []float32, d int, idx []int32, w []float32) {
	checkRows(a, idx, d)
	c = c[:d*d]
	if w != nil {
		w = w[:len(idx)]
	}
	for i, r := range idx {
		row := a[int(r)*d : (int(r)+1)*d]
		f := float32(1)
		if w != nil {
			f = w[i]
		}
		for p, v := range row {
			axpy(f*v, row[:p+1], c[p*d:p*d+p+1])
		}
	}
}

// Syrk adds aᵀ·a to the lower triangle of c (d×d): SyrkRows over all the rows of a,
// each with weight one.
func Syrk(c, a []float32, d int) {
	c = c[:d*d]
	for ; len(a) >= d && d > 0; a = a[d:] {
		for p, v := range a[:d] {
			axpy(v, a[:p+1], c[p*d:p*d+p+1])
		}
	}
}
