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
