package als

import "math"

// wide solves in float64 what is too ill-conditioned or too large for float32. If A is
// singular even so, it adds to the diagonal: first 10⁻¹² of the largest element, then ten
// times as much until the matrix has a Cholesky factor. That is the least-norm-like solution
// of a problem that by itself has many.
type wide struct {
	d int
	a []float64 // d×d, lower triangle: the matrix
	l []float64 // its Cholesky factor
	x []float64
}

func newWide(d int) *wide {
	return &wide{d: d, a: make([]float64, d*d), l: make([]float64, d*d), x: make([]float64, d)}
}

// factor builds A of the row and factors it.
func (w *wide) factor(sys *system, idx []int32, c []float32) {
	d := w.d
	for i, v := range sys.gram {
		w.a[i] = float64(v)
	}
	for j, i := range idx {
		f, cj := sys.row(i), float64(weight(c, j))
		for p, v := range f {
			cv := cj * float64(v)
			for q, u := range f[:p+1] {
				w.a[p*d+q] += cv * float64(u)
			}
		}
	}
	lambda, top := sys.cfg.lambda(len(idx), sys.n), 0.0
	for i := 0; i < d*d; i += d + 1 {
		w.a[i] += lambda
		top = max(top, w.a[i])
	}
	if top == 0 {
		top = 1
	}
	for jitter := 0.0; ; jitter = max(10*jitter, 1e-12*top) {
		copy(w.l, w.a)
		for i := 0; i < d*d; i += d + 1 {
			w.l[i] += jitter
		}
		if cholesky(w.l, d, 1e-14*top) {
			return
		}
	}
}

// cholesky factors the lower triangle of a (d×d) in place and reports whether every pivot was
// above least.
func cholesky(a []float64, d int, least float64) bool {
	for i := range d {
		ri := a[i*d : i*d+i+1]
		for j := range i + 1 {
			rj := a[j*d : j*d+j+1]
			sum := ri[j]
			for k, v := range rj[:j] {
				sum -= v * ri[k]
			}
			switch {
			case i > j:
				ri[j] = sum / rj[j]
			case sum > least:
				ri[i] = math.Sqrt(sum)
			default:
				return false
			}
		}
	}
	return true
}

// solveRow writes the solution of the factored row to x, see solver.solve.
func (w *wide) solveRow(x []float32, sys *system, idx []int32, c []float32) float64 {
	clear(w.x)
	for j, i := range idx {
		cj := float64(weight(c, j))
		for p, v := range sys.row(i) {
			w.x[p] += cj * float64(v)
		}
	}
	b := append([]float64(nil), w.x...)
	w.substitute()
	gain := 0.0
	for p, v := range w.x {
		gain += b[p] * v
	}
	w.narrow(x)
	return gain
}

// invert replaces y by A⁻¹·y for the factored A.
func (w *wide) invert(y []float32) {
	for p, v := range y {
		w.x[p] = float64(v)
	}
	w.substitute()
	w.narrow(y)
}

// substitute solves l·lᵀ·x = x in place.
func (w *wide) substitute() {
	d := w.d
	for i := range d {
		sum := w.x[i]
		for k, v := range w.l[i*d : i*d+i] {
			sum -= v * w.x[k]
		}
		w.x[i] = sum / w.l[i*d+i]
	}
	for i := d - 1; i >= 0; i-- {
		w.x[i] /= w.l[i*d+i]
		for k, v := range w.l[i*d : i*d+i] {
			w.x[k] -= v * w.x[i]
		}
	}
}

// narrow writes x to dst, within ±maxValue.
func (w *wide) narrow(dst []float32) {
	for p, v := range w.x {
		dst[p] = float32(max(-maxValue, min(maxValue, v)))
	}
}
