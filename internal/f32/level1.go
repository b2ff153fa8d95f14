package f32

// Dot is
//
//	var s float32
//	for i := range x {
//		s += x[i] * y[i]
//	}
//	return s
//
// It panics if y is shorter than x.
func Dot(x, y []float32) float32 {
	return dot(x, y[:len(x):len(y)])
}

// Axpy is
//
//	for i := range x {
//		y[i] += alpha * x[i]
//	}
//
// It panics if y is shorter than x.
func Axpy(alpha float32, x, y []float32) {
	axpy(alpha, x, y[:len(x):len(y)])
}

// Scale is
//
//	for i := range x {
//		x[i] *= alpha
//	}
func Scale(alpha float32, x []float32) {
	scale(alpha, x)
}

// Add is
//
//	for i := range x {
//		dst[i] += x[i]
//	}
//
// It panics if dst is shorter than x.
func Add(dst, x []float32) {
	add(dst[:len(x):len(dst)], x)
}

// Mul is
//
//	for i := range x {
//		dst[i] *= x[i]
//	}
//
// It panics if dst is shorter than x.
func Mul(dst, x []float32) {
	mul(dst[:len(x):len(dst)], x)
}

// MulAdd is
//
//	for i := range x {
//		dst[i] += x[i] * y[i]
//	}
//
// It panics if dst or y is shorter than x.
func MulAdd(dst, x, y []float32) {
	mulAdd(dst[:len(x):len(dst)], x, y[:len(x):len(y)])
}

// Sum is
//
//	var s float32
//	for _, v := range x {
//		s += v
//	}
//	return s
func Sum(x []float32) float32 {
	return sum(x)
}

// SquaredNorm is
//
//	var s float32
//	for i := range x {
//		s += x[i] * x[i]
//	}
//	return s
func SquaredNorm(x []float32) float32 {
	return dot(x, x)
}
