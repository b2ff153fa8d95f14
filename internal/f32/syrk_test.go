package f32

import (
	"math"
	"testing"
)

func TestSyrk(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, d := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 31, 32, 33, 48, 63, 64, 65, 100, 128, 130} {
			for _, m := range []int{0, 1, 2, 9, 127, 128, 129, 300} {
				if m > 9 && d > 40 && d != 64 && d != 100 {
					continue
				}
				const rows = 20
				a, _ := guarded(r, rows*d, 1)
				idx := make([]int32, m)
				for i := range idx {
					idx[i] = int32(r.IntN(rows))
				}
				for _, w := range [][]float32{nil, random(r, m)} {
					c, whole := guarded(r, d*d, 3)
					checkSyrk(t, c, a, d, idx, w, func() { SyrkRows(c, a, d, idx, w) })
					checkGuard(t, whole, 3, d*d)
				}
				all := random(r, m*d)
				idx = idx[:0]
				for i := range m {
					idx = append(idx, int32(i))
				}
				c, whole := guarded(r, d*d, 2)
				checkSyrk(t, c, all, d, idx, nil, func() { Syrk(c, all, d) })
				checkGuard(t, whole, 2, d*d)
			}
		}
		a, c := random(r, 200*33), make([]float32, 33*33)
		idx, w := []int32{5, 199, 0}, []float32{1, 2, 3}
		noAllocs(t, "SyrkRows", func() { SyrkRows(c, a, 33, idx, w) })
		noAllocs(t, "Syrk", func() { Syrk(c, a, 33) })
	})
}

func checkSyrk(t *testing.T, c, a []float32, d int, idx []int32, w []float32, run func()) {
	t.Helper()
	before := clone(c)
	run()
	want, scale := make([]float64, d*d), make([]float64, d*d)
	for i, r := range idx {
		f := 1.0
		if w != nil {
			f = float64(w[i])
		}
		row := a[int(r)*d : (int(r)+1)*d]
		for p := range d {
			for q := range p + 1 {
				v := f * float64(row[p]) * float64(row[q])
				want[p*d+q] += v
				scale[p*d+q] += math.Abs(v)
			}
		}
	}
	for p := range d {
		for q := range d {
			i := p*d + q
			if q > p {
				same(t, at("above the diagonal", d, p, q), c[i:i+1], before[i:i+1])
				continue
			}
			near(t, at("value", d, len(idx), p, q), c[i], want[i]+float64(before[i]), scale[i]+math.Abs(float64(before[i])))
		}
	}
}
