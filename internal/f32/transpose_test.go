package f32

import "testing"

func TestTranspose(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for rows := range 35 {
			for cols := range 35 {
				lds, ldd := cols+3, rows+2
				src, _ := guarded(r, rows*lds, 1)
				dst, whole := guarded(r, cols*ldd, 3)
				before := clone(dst)
				Transpose(dst, ldd, src, lds, rows, cols)
				checkGuard(t, whole, 3, cols*ldd)
				for p := range dst {
					j, i := p/ldd, p%ldd
					want := before[p]
					if i < rows {
						want = src[i*lds+j]
					}
					same(t, at("value", rows, cols, i, j), dst[p:p+1], []float32{want})
				}
			}
		}
	})
}
