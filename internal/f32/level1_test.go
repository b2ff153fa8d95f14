package f32

import (
	"math"
	"testing"
)

func dotRef(x, y []float32) (sum, scale float64) {
	for i := range x {
		p := float64(x[i]) * float64(y[i])
		sum += p
		scale += math.Abs(p)
	}
	return sum, scale
}

func TestDot(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, n := range lengths() {
			for off := range 4 {
				x, _ := guarded(r, n, off)
				y, _ := guarded(r, n, 3-off)
				want, scale := dotRef(x, y)
				got := Dot(x, y)
				near(t, at("dot", n, off), got, want, scale)
				want, scale = dotRef(x, x)
				near(t, at("squared norm", n, off), SquaredNorm(x), want, scale)
				want, scale = 0, 0
				for _, v := range x {
					want += float64(v)
					scale += math.Abs(float64(v))
				}
				near(t, at("sum", n, off), Sum(x), want, scale)
				// Nothing may depend on the address.
				x2, _ := guarded(r, n, 5)
				copy(x2, x)
				same(t, at("dot elsewhere"), []float32{Dot(x2, y)}, []float32{got})
			}
		}
		x := random(r, 130)
		noAllocs(t, "Dot", func() { Dot(x, x) })
		noAllocs(t, "Sum", func() { Sum(x) })
	})
}

func TestVectorUpdates(t *testing.T) {
	const alpha = -1.75
	for _, c := range []struct {
		name string
		run  func(x, y []float32)
		ref  func(x, y float64) float64
	}{
		{"axpy", func(x, y []float32) { Axpy(alpha, x, y) }, func(x, y float64) float64 { return y + alpha*x }},
		{"scale", func(_, y []float32) { Scale(alpha, y) }, func(_, y float64) float64 { return alpha * y }},
		{"mul", func(x, y []float32) { Mul(y, x) }, func(x, y float64) float64 { return x * y }},
		{"mulAdd", func(x, y []float32) { MulAdd(y, x, x) }, func(x, y float64) float64 { return y + x*x }},
		{"add", func(x, y []float32) { Add(y, x) }, func(x, y float64) float64 { return x + y }},
	} {
		t.Run(c.name, func(t *testing.T) {
			forEachImpl(t, func(t *testing.T) {
				r := testRand()
				for _, n := range lengths() {
					for off := range 3 {
						x, _ := guarded(r, n, off)
						y, whole := guarded(r, n, 2*off)
						before := clone(y)
						c.run(x, y)
						checkGuard(t, whole, 2*off, n)
						for i := range y {
							near(t, at("value", n, i), y[i], c.ref(float64(x[i]), float64(before[i])), 1+math.Abs(float64(y[i])))
						}
					}
				}
				x, y := random(r, 77), random(r, 77)
				noAllocs(t, c.name, func() { c.run(x, y) })
			})
		})
	}
}

// A vector that is too short must panic even if its capacity would do.
func TestShortVectorsPanic(t *testing.T) {
	long, short := make([]float32, 9), make([]float32, 16)[:8]
	for what, f := range map[string]func(){
		"Dot":       func() { Dot(long, short) },
		"Axpy":      func() { Axpy(1, long, short) },
		"Add":       func() { Add(short, long) },
		"Gemv":      func() { Gemv(make([]float32, 3), short, make([]float32, 3)) },
		"GemvRows":  func() { GemvRows(make([]float32, 1), short, []int32{4}, make([]float32, 2)) },
		"negative":  func() { GemvRows(make([]float32, 1), short, []int32{-1}, make([]float32, 2)) },
		"Ger":       func() { Ger(short, 1, make([]float32, 3), make([]float32, 3)) },
		"SyrkRows":  func() { SyrkRows(make([]float32, 4), short, 2, []int32{4}, nil) },
		"weights":   func() { SyrkRows(make([]float32, 4), short, 2, []int32{1, 2}, short[:1]) },
		"Syrk":      func() { Syrk(short, long, 3) },
		"GemmNN":    func() { GemmNN(short, long, long, 3, 3, 3) },
		"Cholesky":  func() { Cholesky(short, 3) },
		"Exp":       func() { Exp(short, long) },
		"AddRows":   func() { AddRows(make([]float32, 2), long, []int32{4}, nil) },
		"Adagrad":   func() { Adagrad(long, short, long, 1, 1) },
		"PairStep":  func() { PairStep(long, long, short, 1, 1, 1, 1) },
		"Normal":    func() { NormalRows(short, long, long, []int32{9}, short, nil, 0, 1) },
		"products":  func() { NormalRows(short, nil, long, []int32{0}, short, nil, 0, 1) },
		"Solve":     func() { CholeskySolve(long, 3, short[:2]) },
		"Transpose": func() { Transpose(short, 3, long, 3, 3, 3) },
	} {
		t.Run(what, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("did not panic")
				}
			}()
			f()
		})
	}
}
