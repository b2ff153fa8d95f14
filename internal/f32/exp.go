package f32

import "math"

// Exp is
//
//	for i := range x {
//		dst[i] = exp(x[i])
//	}
//
// dst may be x. It panics if dst is shorter than x.
func Exp(dst, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = float32(math.Exp(float64(v)))
	}
}

// Sigmoid is
//
//	for i := range x {
//		dst[i] = 1 / (1 + exp(-x[i]))
//	}
//
// dst may be x. It panics if dst is shorter than x.
func Sigmoid(dst, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = float32(1 / (1 + math.Exp(-float64(v))))
	}
}

// Tanh is
//
//	for i := range x {
//		dst[i] = tanh(x[i])
//	}
//
// dst may be x. It panics if dst is shorter than x.
func Tanh(dst, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = float32(math.Tanh(float64(v)))
	}
}
