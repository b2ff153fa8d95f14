package f32

import (
	"math"
	"testing"
)

func TestDotDiff(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, n := range lengths() {
			for off := range 3 {
				p, _ := guarded(r, n, off)
				a, _ := guarded(r, n, off)
				b, _ := guarded(r, n, 2*off)
				var want, scale float64
				for i := range p {
					want += float64(p[i]) * (float64(a[i]) - float64(b[i]))
					scale += math.Abs(float64(p[i])) * (math.Abs(float64(a[i])) + math.Abs(float64(b[i])))
				}
				near(t, at("difference", n, off), DotDiff(p, a, b), want, scale)
			}
		}
		p := random(r, 64)
		noAllocs(t, "DotDiff", func() { DotDiff(p, p, p) })
	})
}

func TestPairStep(t *testing.T) {
	const g, sp, sa, sb = 0.3, 0.9, 0.8, 0.7
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, n := range lengths() {
			for off := range 3 {
				p, pw := guarded(r, n, off)
				a, aw := guarded(r, n, off)
				b, bw := guarded(r, n, 2*off)
				p0, a0, b0 := clone(p), clone(a), clone(b)
				PairStep(p, a, b, g, sp, sa, sb)
				for i := range p {
					pi, ai, bi := float64(p0[i]), float64(a0[i]), float64(b0[i])
					near(t, at("p", n, off, i), p[i], sp*pi+g*(ai-bi), 10)
					near(t, at("a", n, off, i), a[i], sa*ai+g*pi, 10)
					near(t, at("b", n, off, i), b[i], sb*bi-g*pi, 10)
				}
				checkGuard(t, pw, off, n)
				checkGuard(t, aw, off, n)
				checkGuard(t, bw, 2*off, n)
			}
		}
		p, a, b := random(r, 64), random(r, 64), random(r, 64)
		noAllocs(t, "PairStep", func() { PairStep(p, a, b, 0, 1, 1, 1) })
	})
}

func TestPairGradient(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		const weight = 1.7
		r := testRand()
		for _, n := range lengths() {
			p, a, b := random(r, n), random(r, n), random(r, n)
			gp, wholeP := guarded(r, n, 1)
			ga, wholeA := guarded(r, n, 2)
			gb, wholeB := guarded(r, n, 3)
			PairGradient(gp, ga, gb, p, a, b, weight)
			checkGuard(t, wholeP, 1, n)
			checkGuard(t, wholeA, 2, n)
			checkGuard(t, wholeB, 3, n)
			for i := range p {
				pi, ai, bi := float64(p[i]), float64(a[i]), float64(b[i])
				near(t, at("gp", n, i), gp[i], weight*(bi-ai), 2*(math.Abs(ai)+math.Abs(bi)))
				near(t, at("ga", n, i), ga[i], -weight*pi, 2*math.Abs(pi))
				near(t, at("gb", n, i), gb[i], weight*pi, 2*math.Abs(pi))
			}
		}
		x, g := random(r, 50), make([]float32, 50)
		noAllocs(t, "PairGradient", func() { PairGradient(g, g, g, x, x, x, weight) })
	})
}

func BenchmarkPairStep(b *testing.B) {
	r := testRand()
	p, x, y := random(r, 64), random(r, 64), random(r, 64)
	benchmark(b, 3*64+8*64, func() {
		DotDiff(p, x, y)
		PairStep(p, x, y, 0, 1, 1, 1)
	})
}
