package f32

import (
	"math"
	"testing"
)

// gemmRef adds alpha·a·b to c and returns the sums of absolute values beside.
func gemmRef(c []float32, alpha float64, a, b Matrix, m, n, k int) (want, scale []float64) {
	want, scale = make([]float64, m*n), make([]float64, m*n)
	for i := range m {
		for j := range n {
			s := float64(c[i*n+j])
			abs := math.Abs(s)
			for l := range k {
				p := alpha * float64(a.at(i, l).Data[0]) * float64(b.at(l, j).Data[0])
				s += p
				abs += math.Abs(p)
			}
			want[i*n+j], scale[i*n+j] = s, abs
		}
	}
	return want, scale
}

func TestGemm(t *testing.T) {
	type size struct{ m, n, k int }
	sizes := []size{{0, 3, 3}, {3, 0, 3}, {3, 3, 0}, {200, 40, 300}, {13, 1600, 5}, {30, 35, 520}}
	for _, m := range []int{1, 3, 4, 5, 6, 7, 11, 12, 13, 25} {
		for _, n := range []int{1, 4, 15, 16, 17, 31, 32, 33, 65} {
			for _, k := range []int{1, 7, 8, 9, 17} {
				sizes = append(sizes, size{m, n, k})
			}
		}
	}
	for what, run := range map[string]func(c, a, b []float32, m, n, k int){"NN": GemmNN, "NT": GemmNT, "TN": GemmTN} {
		t.Run(what, func(t *testing.T) {
			forEachImpl(t, func(t *testing.T) {
				r := testRand()
				for _, s := range sizes {
					a, _ := guarded(r, s.m*s.k, 1)
					b, _ := guarded(r, s.k*s.n, 2)
					c, whole := guarded(r, s.m*s.n, 3)
					va, vb := Matrix{a, s.k, false}, Matrix{b, s.n, false}
					if what == "TN" {
						va = Matrix{a, s.m, true}
					}
					if what == "NT" {
						vb = Matrix{b, s.k, true}
					}
					want, scale := gemmRef(c, 1, va, vb, s.m, s.n, s.k)
					run(c, a, b, s.m, s.n, s.k)
					checkGuard(t, whole, 3, s.m*s.n)
					for i := range c {
						near(t, at("value", s.m, s.n, s.k, i), c[i], want[i], scale[i])
					}
				}
				a, b, c := random(r, 50*20), random(r, 20*50), make([]float32, 2500)
				noAllocs(t, what, func() { run(c, a, b, 50, 50, 20) })
			})
		})
	}
}

// A product of parts must stay inside them.
func TestGemmStrides(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		const m, n, k, ld = 29, 37, 23, 41
		r := testRand()
		for _, transposed := range []bool{false, true} {
			a, b := random(r, 41*ld), random(r, 41*ld)
			c, _ := guarded(r, 41*ld, 0)
			before := clone(c)
			va, vb := Matrix{a[3:], ld, transposed}, Matrix{b[2:], ld, transposed}
			Gemm(Matrix{Data: c[1:], Stride: ld}, -0.5, va, vb, m, n, k)
			for i := range c {
				row, col := (i-1)/ld, (i-1)%ld
				if i == 0 || row >= m || col >= n {
					same(t, at("outside"), c[i:i+1], before[i:i+1])
					continue
				}
				want, scale := gemmRef(before[i:i+1], -0.5, va.at(row, 0), vb.at(0, col), 1, 1, k)
				near(t, at("value", row, col), c[i], want[0], scale[0])
			}
		}
	})
}
