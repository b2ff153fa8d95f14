package f32

import "fmt"

// Gemv multiplies a matrix by a vector. With n = len(x) it is
//
//	for i := range dst {
//		dst[i] = Dot(a[i*n:(i+1)*n], x)
//	}
//
// It panics if a is shorter than len(dst)·len(x).
func Gemv(dst, a, x []float32) {
	gemv(dst, a[:len(dst)*len(x):len(a)], len(x), x)
}

// GemvRows is Gemv over chosen rows. With n = len(x) it is
//
//	for i, r := range idx {
//		dst[i] = Dot(a[r*n:(r+1)*n], x)
//	}
//
// It panics if dst is shorter than idx or a row lies outside a.
func GemvRows(dst, a []float32, idx []int32, x []float32) {
	checkRows(a, idx, len(x))
	gemvRows(dst[:len(idx):len(dst)], a, idx, x)
}

// Ger adds an outer product. With n = len(y) it is
//
//	for i := range x {
//		Axpy(alpha*x[i], y, a[i*n:(i+1)*n])
//	}
//
// It panics if a is shorter than len(x)·len(y).
func Ger(a []float32, alpha float32, x, y []float32) {
	n := len(y)
	a = a[: len(x)*n : len(a)]
	for i, v := range x {
		axpy(alpha*v, y, a[i*n:(i+1)*n])
	}
}

// checkRows panics unless every row of idx lies inside a, whose rows hold d values.
func checkRows(a []float32, idx []int32, d int) {
	if d == 0 {
		return
	}
	rows := uint32(len(a) / d)
	for _, r := range idx {
		if uint32(r) >= rows {
			panic(fmt.Sprintf("f32: row %d of a matrix of %d rows", r, rows))
		}
	}
}
