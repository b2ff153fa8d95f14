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

// AddRows adds a weighted sum of chosen rows to dst. With n = len(dst) it is
//
//	for i, r := range idx {
//		Axpy(w[i], a[r*n:(r+1)*n], dst)
//	}
//
// A nil w stands for ones. It panics if w is shorter than idx or a row lies outside a.
func AddRows(dst, a []float32, idx []int32, w []float32) {
	n := len(dst)
	checkRows(a, idx, n)
	if w != nil {
		w = w[:len(idx):len(w)]
	}
	addRows(dst, a, idx, w)
}

// addRows is AddRows without its checks.
func addRows(dst, a []float32, idx []int32, w []float32) {
	n := len(dst)
	if n == 0 {
		return
	}
	row := func(r int32) []float32 { return a[int(r)*n : (int(r)+1)*n] }
	i := 0
	for ; i+4 <= len(idx); i += 4 {
		by := ones[:4]
		if w != nil {
			by = w[i : i+4]
		}
		axpy4(dst, row(idx[i]), row(idx[i+1]), row(idx[i+2]), row(idx[i+3]), by)
	}
	for ; i < len(idx); i++ {
		by := float32(1)
		if w != nil {
			by = w[i]
		}
		axpy(by, row(idx[i]), dst)
	}
}

// NormalRows applies a sum of outer products of chosen rows, the normal equations of a row of
// a factorisation, while it reads them once. With n = len(x) it is
//
//	for i, r := range idx {
//		row := a[r*n : (r+1)*n]
//		t[i] = w[i] * (alpha + beta*Dot(row, x))
//		Axpy(t[i], row, y)
//	}
//
// A nil w stands for ones. It panics if y is shorter than x, t or w shorter than idx, or a row lies
// outside a.
func NormalRows(y, t, a []float32, idx []int32, x, w []float32, alpha, beta float32) {
	checkRows(a, idx, len(x))
	y, t = y[:len(x):len(y)], t[:len(idx):len(t)]
	if w != nil {
		w = w[:len(idx):len(w)]
	}
	for from := 0; from < len(idx); from += syrkDepth {
		to := min(from+syrkDepth, len(idx))
		by := ones[:to-from]
		if w != nil {
			by = w[from:to]
		}
		normalRows(y, t[from:to], a, idx[from:to], x, by, alpha, beta)
	}
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
	if d == 0 || len(idx) == 0 {
		return
	}
	if r, rows := maxIndex(idx), uint32(len(a)/d); r >= rows {
		panic(fmt.Sprintf("f32: row %d of a matrix of %d rows", int32(r), rows))
	}
}
