package f32

import (
	"math"
	"testing"
)

func TestConjugateStep(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		const step = -0.6
		rand := testRand()
		for _, n := range lengths() {
			x, wholeX := guarded(rand, n, 1)
			r, wholeR := guarded(rand, n, 2)
			z, wholeZ := guarded(rand, n, 3)
			p, q, inv := random(rand, n), random(rand, n), random(rand, n)
			x0, r0 := clone(x), clone(r)
			got := ConjugateStep(x, r, z, p, q, inv, step)
			checkGuard(t, wholeX, 1, n)
			checkGuard(t, wholeR, 2, n)
			checkGuard(t, wholeZ, 3, n)
			sum, scale := 0.0, 1.0
			for i := range x {
				ri, size := float64(r0[i])-step*float64(q[i]), math.Abs(float64(r0[i]))+math.Abs(float64(q[i]))
				zi := ri * float64(inv[i])
				near(t, at("x", n, i), x[i], float64(x0[i])+step*float64(p[i]), math.Abs(float64(x0[i]))+math.Abs(float64(p[i])))
				near(t, at("r", n, i), r[i], ri, size)
				near(t, at("z", n, i), z[i], zi, size*math.Abs(float64(inv[i])))
				sum += ri * zi
				scale += size * size * math.Abs(float64(inv[i]))
			}
			near(t, at("rz", n), got, sum, scale)
		}
		v := random(rand, 300)
		noAllocs(t, "ConjugateStep", func() { ConjugateStep(v[:50], v[50:], v[100:], v[150:], v[200:], v[250:], 0.1) })
	})
}

func TestScaleAdd(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, n := range lengths() {
			y, whole := guarded(r, n, 1)
			x, y0 := random(r, n), clone(y)
			ScaleAdd(-0.8, y, x)
			checkGuard(t, whole, 1, n)
			for i := range y {
				near(t, at("y", n, i), y[i], -0.8*float64(y0[i])+float64(x[i]), math.Abs(float64(y0[i]))+math.Abs(float64(x[i])))
			}
		}
		y, x := random(r, 50), random(r, 50)
		noAllocs(t, "ScaleAdd", func() { ScaleAdd(0.5, y, x) })
	})
}
