package f32

import (
	"math"
	"testing"
)

// Gemv and GemvRows must agree with Dot to the last bit, wherever a row stands: the
// score of an item must not depend on its neighbours.
func TestGemv(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, n := range lengths() {
			for _, m := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 13} {
				a, _ := guarded(r, m*n, 1)
				x, _ := guarded(r, n, 3)
				for _, large := range []int{largeMatrix, 1} {
					dst, whole := guarded(r, m, 2)
					gemvOf(t, large, dst, a, x)
					checkGuard(t, whole, 2, m)
					for i := range m {
						same(t, at("gemv", large, m, n, i), dst[i:i+1], []float32{Dot(x, a[i*n:(i+1)*n])})
					}
				}
				if m == 0 {
					continue
				}
				idx := make([]int32, m+1)
				for i := range idx {
					idx[i] = int32(r.IntN(m))
				}
				dst, whole := guarded(r, m+1, 1)
				GemvRows(dst, a, idx, x)
				checkGuard(t, whole, 1, m+1)
				for i, row := range idx {
					same(t, at("gemvRows", m, n, i), dst[i:i+1], []float32{Dot(x, a[int(row)*n:(int(row)+1)*n])})
				}
			}
		}
		a, x, dst := random(r, 9*33), random(r, 33), make([]float32, 9)
		idx := []int32{3, 1, 4, 1, 5}
		noAllocs(t, "Gemv", func() { Gemv(dst, a, x) })
		noAllocs(t, "GemvRows", func() { GemvRows(dst, a, idx, x) })
		noAllocs(t, "Ger", func() { Ger(a, 0.5, dst, x) })
	})
}

// gemvOf is Gemv where matrices from a size on count as large.
func gemvOf(t *testing.T, large int, dst, a, x []float32) {
	defer func(was int) { largeMatrix = was }(largeMatrix)
	largeMatrix = large
	Gemv(dst, a, x)
}

// A row that is not there is found wherever it stands.
func TestRowsOutside(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		a, x := make([]float32, 5*3), make([]float32, 3)
		for _, n := range lengths() {
			for at := range n {
				idx, dst := make([]int32, n), make([]float32, n)
				for i := range idx {
					idx[i] = int32(i % 5)
				}
				GemvRows(dst, a, idx, x)
				for _, bad := range []int32{5, -1, math.MaxInt32, math.MinInt32} {
					idx[at] = bad
					func() {
						defer func() {
							if recover() == nil {
								t.Fatalf("%d rows: no panic for %d at %d", n, bad, at)
							}
						}()
						GemvRows(dst, a, idx, x)
					}()
				}
			}
		}
	})
}

func TestAddRows(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		const rows = 6
		r := testRand()
		for _, n := range []int{0, 1, 7, 8, 15, 16, 17, 33, 64, 70, 130} {
			a, _ := guarded(r, rows*n, 1)
			for m := range 11 {
				idx := make([]int32, m)
				for i := range idx {
					idx[i] = int32(r.IntN(rows))
				}
				for _, w := range [][]float32{nil, random(r, m)} {
					dst, whole := guarded(r, n, 2)
					before := clone(dst)
					AddRows(dst, a, idx, w)
					checkGuard(t, whole, 2, n)
					for f := range dst {
						want, scale := float64(before[f]), math.Abs(float64(before[f]))
						for i, row := range idx {
							v := float64(a[int(row)*n+f])
							if w != nil {
								v *= float64(w[i])
							}
							want += v
							scale += math.Abs(v)
						}
						near(t, at("value", n, m, f), dst[f], want, scale)
					}
				}
			}
		}
		a, dst, idx := random(r, 90), random(r, 30), []int32{0, 1, 2, 2, 1}
		noAllocs(t, "AddRows", func() { AddRows(dst, a, idx, a[:5]) })
	})
}

func TestGer(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, n := range []int{0, 1, 7, 16, 33} {
			for _, m := range []int{0, 1, 5} {
				a, whole := guarded(r, m*n, 3)
				before := clone(a)
				x, y := random(r, m), random(r, n)
				Ger(a, 2.5, x, y)
				checkGuard(t, whole, 3, m*n)
				for i := range a {
					p := 2.5 * float64(x[i/n]) * float64(y[i%n])
					near(t, at("value", m, n, i), a[i], float64(before[i])+p, math.Abs(p)+math.Abs(float64(before[i])))
				}
			}
		}
	})
}

func TestNormalRows(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		const rows, alpha, beta = 6, 0.7, -1.3
		r := testRand()
		for _, n := range lengths() {
			a, _ := guarded(r, rows*n, 1)
			for _, m := range []int{0, 1, 2, 3, 4, 5, 8, 11, 129, 300} {
				idx := make([]int32, m)
				for i := range idx {
					idx[i] = int32(r.IntN(rows))
				}
				for _, w := range [][]float32{nil, random(r, m)} {
					y, wholeY := guarded(r, n, 2)
					got, wholeT := guarded(r, m, 3)
					x, before := random(r, n), clone(y)
					NormalRows(y, got, a, idx, x, w, alpha, beta)
					checkGuard(t, wholeY, 2, n)
					checkGuard(t, wholeT, 3, m)
					want, scale := make([]float64, n), make([]float64, n)
					for f, v := range before {
						want[f], scale[f] = float64(v), math.Abs(float64(v))
					}
					for i, row := range idx {
						product, size := 0.0, 1.0
						for f, v := range x {
							p := float64(v) * float64(a[int(row)*n+f])
							product += p
							size += math.Abs(p)
						}
						v := alpha + beta*product
						if w != nil {
							v *= float64(w[i])
							size *= math.Abs(float64(w[i]))
						}
						near(t, at("t", n, m, i), got[i], v, 2*size)
						for f := range x {
							p := v * float64(a[int(row)*n+f])
							want[f] += p
							scale[f] += math.Abs(p) + size*math.Abs(float64(a[int(row)*n+f]))
						}
					}
					for f := range y {
						near(t, at("y", n, m, f), y[f], want[f], 2*scale[f])
					}
				}
			}
		}
		y, got, a, x := random(r, 30), random(r, 5), random(r, 90), random(r, 30)
		idx := []int32{0, 1, 2, 2, 1}
		noAllocs(t, "NormalRows", func() { NormalRows(y, got, a, idx, x, nil, 0, 1) })
	})
}
