package f32

import "math"

// Cholesky factors a symmetric positive definite a (n×n, lower triangle) in place
// into l·lᵀ. It is
//
//	for i := range n {
//		for j := range i + 1 {
//			s := a[i*n+j] - Dot(a[i*n:i*n+j], a[j*n:j*n+j])
//			if i > j {
//				a[i*n+j] = s / a[j*n+j]
//			} else if s > 0 {
//				a[i*n+i] = sqrt(s)
//			} else {
//				return false
//			}
//		}
//	}
//	return true
//
// What lies above the diagonal is neither read nor written. If it returns false, a is not
// positive definite (or holds a NaN) and its lower triangle is of no further use.
func Cholesky(a []float32, n int) bool {
	a = a[:n*n]
	for i := range n {
		for j := range i + 1 {
			s := a[i*n+j] - dot(a[i*n:i*n+j], a[j*n:j*n+j])
			switch {
			case i > j:
				a[i*n+j] = s / a[j*n+j]
			case s > 0:
				a[i*n+i] = float32(math.Sqrt(float64(s)))
			default:
				return false
			}
		}
	}
	return true
}

// CholeskySolve solves l·lᵀ·x = b in place for the factor l (n×n) of Cholesky. It is
//
//	for i := range n {
//		b[i] = (b[i] - Dot(l[i*n:i*n+i], b[:i])) / l[i*n+i]
//	}
//	for i := n - 1; i >= 0; i-- {
//		b[i] /= l[i*n+i]
//		Axpy(-b[i], l[i*n:i*n+i], b[:i])
//	}
func CholeskySolve(l []float32, n int, b []float32) {
	l, b = l[:n*n], b[:n]
	for i := range n {
		b[i] = (b[i] - dot(l[i*n:i*n+i], b[:i])) / l[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		b[i] /= l[i*n+i]
		axpy(-b[i], l[i*n:i*n+i], b[:i])
	}
}
