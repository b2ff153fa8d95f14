package f32

// The updates of the models that learn by gradient steps, each in one pass over its vectors.

// Adagrad takes one step of Adagrad. It is
//
//	for i := range w {
//		acc[i] += g[i] * g[i]
//		w[i] -= lr * g[i] / sqrt(acc[i]+eps)
//	}
//
// It panics if acc or g is shorter than w.
func Adagrad(w, acc, g []float32, lr, eps float32) {
	adagrad(w, acc[:len(w):len(acc)], g[:len(w):len(g)], lr, eps)
}
