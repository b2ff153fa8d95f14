package f32

import "math"

// Adagrad takes one step of Adagrad. It is
//
//	for i := range w {
//		acc[i] += g[i] * g[i]
//		w[i] -= lr * g[i] / sqrt(acc[i]+eps)
//	}
//
// It panics if acc or g is shorter than w.
func Adagrad(w, acc, g []float32, lr, eps float32) {
	acc, g = acc[:len(w)], g[:len(w)]
	for i, v := range g {
		acc[i] += v * v
		w[i] -= lr * v / float32(math.Sqrt(float64(acc[i]+eps)))
	}
}
