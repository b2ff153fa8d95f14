package f32

// Transpose copies a part of a matrix into the transposed place of another. It is
//
//	for i := range rows {
//		for j := range cols {
//			dst[j*ldd+i] = src[i*lds+j]
//		}
//	}
//
// The two must not overlap. It panics if either is too short.
func Transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	_, _ = dst[(cols-1)*ldd+rows-1], src[(rows-1)*lds+cols-1]
	transpose(dst, ldd, src, lds, rows, cols)
}
