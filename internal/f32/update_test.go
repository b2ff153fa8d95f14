package f32

import (
	"math"
	"testing"
)

func TestAdagrad(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		const lr, eps = 0.05, 1e-6
		r := testRand()
		for _, n := range lengths() {
			w, whole := guarded(r, n, 1)
			acc, wholeAcc := guarded(r, n, 2)
			g := random(r, n)
			for i := range acc {
				acc[i] = max(acc[i], 0)
			}
			w0, acc0 := clone(w), clone(acc)
			Adagrad(w, acc, g, lr, eps)
			checkGuard(t, whole, 1, n)
			checkGuard(t, wholeAcc, 2, n)
			for i := range w {
				gi := float64(g[i])
				sum := float64(acc0[i]) + gi*gi
				near(t, at("acc", n, i), acc[i], sum, sum)
				near(t, at("w", n, i), w[i], float64(w0[i])-lr*gi/math.Sqrt(sum+eps), 1+math.Abs(float64(w0[i])))
			}
		}
		w, acc, g := make([]float32, 50), make([]float32, 50), random(r, 50)
		noAllocs(t, "Adagrad", func() { Adagrad(w, acc, g, lr, eps) })
	})
}

func TestSGNSStep(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		const rows = 5
		r := testRand()
		for _, n := range lengths() {
			for _, m := range []int{0, 1, 3, 6} {
				v, wholeV := guarded(r, n, 1)
				u, wholeU := guarded(r, rows*n, 2)
				g, idx := random(r, m), make([]int32, m)
				for i := range idx {
					idx[i] = int32(r.IntN(rows)) // some come twice
				}
				want, next, scale := make([]float64, rows*n), make([]float64, n), make([]float64, n)
				for p, x := range u {
					want[p] = float64(x)
				}
				for f, x := range v {
					next[f], scale[f] = float64(x), 1+math.Abs(float64(x))
				}
				for i, row := range idx {
					for f, x := range v {
						p := int(row)*n + f
						next[f] += float64(g[i]) * want[p]
						scale[f] += math.Abs(float64(g[i]) * want[p])
						want[p] += float64(g[i]) * float64(x)
					}
				}
				SGNSStep(v, u, idx, g)
				checkGuard(t, wholeV, 1, n)
				checkGuard(t, wholeU, 2, rows*n)
				for f := range v {
					near(t, at("v", n, m, f), v[f], next[f], 4*scale[f])
				}
				for p := range u {
					near(t, at("u", n, m, p), u[p], want[p], 10+math.Abs(want[p]))
				}
			}
		}
		v, u, g, idx := random(r, 50), random(r, 500), random(r, 3), []int32{1, 9, 1}
		noAllocs(t, "SGNSStep", func() { SGNSStep(v, u, idx, g) })
	})
}
