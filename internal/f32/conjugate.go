package f32

// ConjugateStep moves along the direction p of preconditioned conjugate gradients, for which
// q = A·p, and returns ⟨r, z⟩ for the new residual r. It is
//
//	var s float32
//	for i := range x {
//		x[i] += step * p[i]
//		r[i] -= step * q[i]
//		z[i] = r[i] * inv[i]
//		s += r[i] * z[i]
//	}
//	return s
//
// It panics if another slice is shorter than x.
func ConjugateStep(x, r, z, p, q, inv []float32, step float32) float32 {
	n := len(x)
	return conjugateStep(x, r[:n:len(r)], z[:n:len(z)], p[:n:len(p)], q[:n:len(q)], inv[:n:len(inv)], step)
}

// ScaleAdd scales and adds. It is
//
//	for i := range y {
//		y[i] = alpha*y[i] + x[i]
//	}
//
// It panics if x is shorter than y.
func ScaleAdd(alpha float32, y, x []float32) { scaleAdd(alpha, y, x[:len(y):len(x)]) }

func conjugateStepGo(x, r, z, p, q, inv []float32, step float32) (s float32) {
	for i := range x {
		x[i] += step * p[i]
		r[i] -= step * q[i]
		z[i] = r[i] * inv[i]
		s += r[i] * z[i]
	}
	return s
}

func scaleAddGo(alpha float32, y, x []float32) {
	for i, v := range x {
		y[i] = alpha*y[i] + v
	}
}
