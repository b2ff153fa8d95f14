package f32

import "math"

// shapeGo is as large a tile as the compiler keeps in registers, more or less.
var shapeGo = shape{4, 4}

const bandWidthGo = 4

// productGo returns the sum over l < k of the outer products of four values of a and four
// of b, row-major. It goes over b twice: the sums of all four rows would not fit the registers.
func productGo(k int, a []float32, lda int, b []float32, ldb int) (t [16]float32) {
	for r := 0; r < 4; r += 2 {
		var c00, c01, c02, c03, c10, c11, c12, c13 float32
		for l := range k {
			x, y := a[l*lda+r:l*lda+r+2:l*lda+r+2], b[l*ldb:l*ldb+4:l*ldb+4]
			y0, y1, y2, y3 := y[0], y[1], y[2], y[3]
			v := x[0]
			c00 += v * y0
			c01 += v * y1
			c02 += v * y2
			c03 += v * y3
			v = x[1]
			c10 += v * y0
			c11 += v * y1
			c12 += v * y2
			c13 += v * y3
		}
		copy(t[r*4:], []float32{c00, c01, c02, c03, c10, c11, c12, c13})
	}
	return t
}

func gemmTileGo(k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc, m, n int) {
	t := productGo(k, a, lda, b, ldb)
	for i := range min(m, 4) {
		addGo(c[i*ldc:], t[i*4:i*4+min(n, 4)])
	}
}

func syrkTileGo(k int, a, b []float32, ld int, c []float32, ldc, below, m, n int) {
	t := productGo(k, a, ld, b, ld)
	for i := range min(m, 4) {
		addGo(c[i*ldc:], t[i*4:i*4+min(below+i+1, n, 4)])
	}
}

func packRowsGo(plain, weighted []float32, ld int, a []float32, d int, idx []int32, w []float32) {
	for i, r := range idx {
		row, times := a[int(r)*d:int(r)*d+d], weighted[i*ld:i*ld+d]
		copy(plain[i*ld:], row)
		copy(times, row)
		scale(w[i], times)
	}
}

// copyPanelGo copies k rows of w values, lds apart, to dst without gaps.
func copyPanelGo(dst []float32, w int, src []float32, lds, k int) {
	for l := range k {
		copy(dst[l*w:l*w+w], src[l*lds:])
	}
}

// transposeGo is
//
//	for i := range rows {
//		for j := range cols {
//			dst[j*ldd+i] = src[i*lds+j]
//		}
//	}
func transposeGo(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	for i := range rows {
		for j, v := range src[i*lds : i*lds+cols] {
			dst[j*ldd+i] = v
		}
	}
}

// updateTileGo subtracts a product of panels from a tile of the upper factor.
func updateTileGo(k int, a, b, c []float32, ld int) {
	t := productGo(k, a, ld, b, ld)
	for i := range 4 {
		for j := range 4 {
			c[i*ld+j] -= t[i*4+j]
		}
	}
}

// cholTileGo factors a diagonal tile of the upper factor into uᵀ·u.
func cholTileGo(u []float32, ld int, f *factored) bool {
	w := bandWidth()
	for k := range w {
		row := u[k*ld : k*ld+w]
		if !(row[k] > 0) {
			return false
		}
		f.inv[k] = 1 / float32(math.Sqrt(float64(row[k])))
		row[k] = float32(math.Sqrt(float64(row[k])))
		for j := k + 1; j < w; j++ {
			row[j] *= f.inv[k]
		}
		for i := k + 1; i < w; i++ {
			for j := i; j < w; j++ {
				u[i*ld+j] -= row[i] * row[j]
			}
		}
		copy(f.tile[k*w:], row)
	}
	return true
}

// solveTilesGo sets the band x of n tiles to tile⁻ᵀ·x.
func solveTilesGo(f *factored, x []float32, ld, n int) {
	w := bandWidth()
	for k := range w {
		row := x[k*ld : k*ld+n*w]
		scale(f.inv[k], row)
		for i := k + 1; i < w; i++ {
			axpy(-f.tile[k*w+i], row, x[i*ld:i*ld+n*w])
		}
	}
}
