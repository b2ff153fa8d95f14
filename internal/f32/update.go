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

// SGNSUpdate takes the step of skip-gram with negative sampling on an output vector u for the input
// vector v, and collects the step of v, which is due after the last u. It is
//
//	for f := range u {
//		acc[f] += step * u[f]
//		u[f] += step * v[f]
//	}
//
// The three must not overlap. It panics if acc or v is shorter than u.
func SGNSUpdate(acc, u, v []float32, step float32) {
	sgnsUpdate(acc[:len(u):len(acc)], u, v[:len(u):len(v)], step)
}
