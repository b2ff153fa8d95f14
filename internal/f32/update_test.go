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

func TestSGDPair(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		const step, keepU, keepI, keepJ = 0.05, 0.9, 0.8, 0.7
		r := testRand()
		for _, n := range lengths() {
			u, wholeU := guarded(r, n, 1)
			i, wholeI := guarded(r, n, 2)
			j, wholeJ := guarded(r, n, 3)
			u0, i0, j0 := clone(u), clone(i), clone(j)
			SGDPair(u, i, j, step, keepU, keepI, keepJ)
			checkGuard(t, wholeU, 1, n)
			checkGuard(t, wholeI, 2, n)
			checkGuard(t, wholeJ, 3, n)
			for f := range u {
				uf, vi, vj := float64(u0[f]), float64(i0[f]), float64(j0[f])
				scale := math.Abs(uf) + math.Abs(vi) + math.Abs(vj)
				near(t, at("u", n, f), u[f], keepU*uf+step*(vi-vj), scale)
				near(t, at("i", n, f), i[f], keepI*vi+step*uf, scale)
				near(t, at("j", n, f), j[f], keepJ*vj-step*uf, scale)
			}
		}
		u, i, j := random(r, 50), random(r, 50), random(r, 50)
		noAllocs(t, "SGDPair", func() { SGDPair(u, i, j, step, keepU, keepI, keepJ) })
	})
}

func TestSGNSUpdate(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		const step = -0.3
		r := testRand()
		for _, n := range lengths() {
			acc, wholeAcc := guarded(r, n, 1)
			u, wholeU := guarded(r, n, 2)
			v := random(r, n)
			acc0, u0 := clone(acc), clone(u)
			SGNSUpdate(acc, u, v, step)
			checkGuard(t, wholeAcc, 1, n)
			checkGuard(t, wholeU, 2, n)
			for f := range u {
				uf, vf, af := float64(u0[f]), float64(v[f]), float64(acc0[f])
				near(t, at("acc", n, f), acc[f], af+step*uf, math.Abs(af)+math.Abs(uf))
				near(t, at("u", n, f), u[f], uf+step*vf, math.Abs(uf)+math.Abs(vf))
			}
		}
		acc, u, v := random(r, 50), random(r, 50), random(r, 50)
		noAllocs(t, "SGNSUpdate", func() { SGNSUpdate(acc, u, v, step) })
	})
}
