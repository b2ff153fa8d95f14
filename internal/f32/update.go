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

// SGNSStep takes the step of skip-gram with negative sampling on chosen output vectors, the
// rows idx of u, and then on the input vector v. With n = len(v) it is
//
//	next := clone(v)
//	for i, r := range idx {
//		row := u[r*n : (r+1)*n]
//		for f := range v {
//			next[f] += g[i] * row[f]
//			row[f] += g[i] * v[f]
//		}
//	}
//	copy(v, next)
//
// v must not lie in u. It panics if g is shorter than idx or a row lies outside u.
func SGNSStep(v, u []float32, idx []int32, g []float32) {
	checkRows(u, idx, len(v))
	if len(idx) == 0 || len(v) == 0 {
		return
	}
	sgnsStep(v, u, idx, g[:len(idx):len(g)])
}
