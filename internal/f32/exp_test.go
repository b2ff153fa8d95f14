package f32

import (
	"math"
	"testing"
)

func TestExpSigmoidTanh(t *testing.T) {
	for _, c := range []struct {
		name     string
		run      func(dst, x []float32)
		ref      func(float64) float64
		from, to float64 // the range in which the relative error is bounded
		limit    float64
	}{
		{"exp", Exp, math.Exp, -87.3, 88.7, 1e-7},
		{"sigmoid", Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, -87, 200, 2e-7},
		{"tanh", Tanh, math.Tanh, -200, 200, 2e-7},
	} {
		t.Run(c.name, func(t *testing.T) {
			forEachImpl(t, func(t *testing.T) {
				checkAccuracy(t, c.run, c.ref, c.from, c.to, c.limit)
				r := testRand()
				for _, n := range lengths() {
					x, _ := guarded(r, n, 1)
					dst, whole := guarded(r, n, 2)
					c.run(dst, x)
					checkGuard(t, whole, 2, n)
					for i := range dst {
						want := c.ref(float64(x[i]))
						near(t, at("value", n, i), dst[i], want, math.Abs(want))
						// A value's result must not depend on its place.
						one := []float32{x[i]}
						c.run(one, one)
						same(t, at("value", n, i), dst[i:i+1], one)
					}
				}
				x := random(r, 100)
				noAllocs(t, c.name, func() { c.run(x, x) })
			})
		})
	}
}

// checkAccuracy measures the error over a grid that is dense near zero and covers the whole range.
func checkAccuracy(t *testing.T, run func(dst, x []float32), ref func(float64) float64, from, to, limit float64) {
	t.Helper()
	var x []float32
	for i := range 40000 {
		u := float64(i)/20000 - 1
		for _, scale := range []float64{1e-6, 1e-3, 1, 10, 200} {
			if v := float32(u * scale); float64(v) >= from && float64(v) <= to {
				x = append(x, v)
			}
		}
	}
	dst := make([]float32, len(x))
	run(dst, x)
	worst, where := 0.0, float32(0)
	for i, v := range x {
		want := ref(float64(v))
		if e := math.Abs(float64(dst[i])-want) / math.Abs(want); want != 0 && e > worst {
			worst, where = e, v
		}
	}
	t.Logf("greatest relative error %.3g at %g", worst, where)
	if worst > limit {
		t.Errorf("relative error %g at %g, allowed %g", worst, where, limit)
	}
}

func TestExpSpecialValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	negZero := float32(math.Copysign(0, -1))
	x := []float32{nan, inf, -inf, 1000, -1000, 0, negZero, math.MaxFloat32, -math.MaxFloat32, 1e-40}
	for _, c := range []struct {
		name string
		run  func(dst, x []float32)
		want []float32
	}{
		{"exp", Exp, []float32{nan, inf, 0, inf, 0, 1, 1, inf, 0, 1}},
		{"sigmoid", Sigmoid, []float32{nan, 1, 0, 1, 0, 0.5, 0.5, 1, 0, 0.5}},
		{"tanh", Tanh, []float32{nan, 1, -1, 1, -1, 0, negZero, 1, -1, 1e-40}},
	} {
		t.Run(c.name, func(t *testing.T) {
			forEachImpl(t, func(t *testing.T) {
				got := make([]float32, len(x))
				c.run(got, x)
				for i, want := range c.want {
					if want != want {
						if got[i] == got[i] {
							t.Errorf("f(%g) = %g, want NaN", x[i], got[i])
						}
						continue
					}
					if math.Float32bits(got[i]) != math.Float32bits(want) {
						t.Errorf("f(%g) = %g, want %g", x[i], got[i], want)
					}
				}
			})
		})
	}
}
