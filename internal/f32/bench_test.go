package f32

import "testing"

var sink float32

func BenchmarkDot128(b *testing.B) {
	r := testRand()
	x, y := random(r, 128), random(r, 128)
	benchmark(b, 2*128, func() { sink = Dot(x, y) })
}

func BenchmarkAxpy128(b *testing.B) {
	r := testRand()
	x, y := random(r, 128), random(r, 128)
	benchmark(b, 2*128, func() { Axpy(1e-9, x, y) })
}

func BenchmarkGemv1000x128(b *testing.B) {
	r := testRand()
	a, x, dst := random(r, 1000*128), random(r, 128), make([]float32, 1000)
	benchmark(b, 2*1000*128, func() { Gemv(dst, a, x) })
}

func BenchmarkGemvRows1000x128(b *testing.B) {
	r := testRand()
	a, x, dst := random(r, 4000*128), random(r, 128), make([]float32, 1000)
	idx := make([]int32, 1000)
	for i := range idx {
		idx[i] = int32(r.IntN(4000))
	}
	benchmark(b, 2*1000*128, func() { GemvRows(dst, a, idx, x) })
}

func BenchmarkGer128(b *testing.B) {
	r := testRand()
	a, x, y := random(r, 128*128), random(r, 128), random(r, 128)
	benchmark(b, 2*128*128, func() { Ger(a, 1e-9, x, y) })
}

func BenchmarkSyrkRows(b *testing.B) {
	for _, d := range []int{64, 128, 256} {
		for _, m := range []int{20, 100, 400} {
			b.Run(name(m, d), func(b *testing.B) {
				r := testRand()
				a, c, w := random(r, 2000*d), make([]float32, d*d), random(r, m)
				idx := make([]int32, m)
				for i := range idx {
					idx[i] = int32(r.IntN(2000))
				}
				benchmark(b, m*d*(d+1), func() { SyrkRows(c, a, d, idx, w) })
			})
		}
	}
}

func BenchmarkGemm(b *testing.B) {
	for what, run := range map[string]func(c, a, b []float32, m, n, k int){"NN": GemmNN, "NT": GemmNT, "TN": GemmTN} {
		for _, s := range [][3]int{{64, 300, 100}, {512, 512, 512}} {
			b.Run(what+name(s[:]...), func(b *testing.B) {
				m, n, k := s[0], s[1], s[2]
				r := testRand()
				x, y, c := random(r, m*k), random(r, k*n), make([]float32, m*n)
				benchmark(b, 2*m*n*k, func() { run(c, x, y, m, n, k) })
			})
		}
	}
}

func BenchmarkCholesky(b *testing.B) {
	for _, n := range []int{8, 16, 32, 64, 128, 256} {
		b.Run(name(n), func(b *testing.B) {
			a := positive(testRand(), n)
			l := clone(a)
			benchmark(b, n*n*n/3, func() { copy(l, a); Cholesky(l, n) })
		})
	}
}

func BenchmarkCholeskySolve(b *testing.B) {
	for _, n := range []int{64, 128} {
		b.Run(name(n), func(b *testing.B) {
			l := positive(testRand(), n)
			Cholesky(l, n)
			x, y := random(testRand(), n), make([]float32, n)
			benchmark(b, 2*n*n, func() { copy(y, x); CholeskySolve(l, n, y) })
		})
	}
}

func BenchmarkCholeskyBatch(b *testing.B) {
	for _, n := range []int{8, 16, 32, 64, 128} {
		b.Run(name(n), func(b *testing.B) {
			r := testRand()
			a, v := positive(r, n), random(r, n)
			var s *CholeskyBatch
			const systems = 16
			benchmark(b, systems*(n*n*n/3+2*n*n), func() {
				if s == nil || s.lanes != BatchSize(n) {
					s = NewCholeskyBatch(n)
				}
				for range systems {
					to, right := s.Next()
					copy(to, a)
					copy(right, v)
					if s.Full() {
						s.Solve()
					}
				}
			})
		})
	}
}

func BenchmarkAddRows100x64(b *testing.B) {
	r := testRand()
	a, dst, w := random(r, 500*64), make([]float32, 64), random(r, 100)
	idx := make([]int32, 100)
	for i := range idx {
		idx[i] = int32(r.IntN(500))
	}
	benchmark(b, 2*100*64, func() { AddRows(dst, a, idx, w) })
}

func BenchmarkPairStep128(b *testing.B) {
	r := testRand()
	u, i, j := random(r, 128), random(r, 128), random(r, 128)
	benchmark(b, 8*128, func() { PairStep(u, i, j, 1e-9, 1, 1, 1) })
}

func BenchmarkNormalRows(b *testing.B) {
	for _, d := range []int{64, 128} {
		for _, m := range []int{50, 400} {
			b.Run(name(m, d), func(b *testing.B) {
				r := testRand()
				a, y, x, t := random(r, 4000*d), random(r, d), random(r, d), make([]float32, m)
				idx := make([]int32, m)
				for i := range idx {
					idx[i] = int32(r.IntN(4000))
				}
				benchmark(b, 4*m*d, func() { NormalRows(y, t, a, idx, x, nil, 0, 1e-9) })
			})
		}
	}
}

func BenchmarkElementwise1000(b *testing.B) {
	x := random(testRand(), 1000)
	dst, acc := make([]float32, 1000), make([]float32, 1000)
	for what, f := range map[string]func(){
		"exp":         func() { Exp(dst, x) },
		"sigmoid":     func() { Sigmoid(dst, x) },
		"tanh":        func() { Tanh(dst, x) },
		"adagrad":     func() { Adagrad(dst, acc, x, 0.05, 1e-6) },
		"sum":         func() { sink = Sum(x) },
		"mul":         func() { Mul(dst, x) },
		"mulAdd":      func() { MulAdd(dst, x, x) },
		"max":         func() { sink = Max(x) },
		"findGreater": func() { FindGreater(x, 1e9) },
	} {
		// One operation per value.
		b.Run(what, func(b *testing.B) { benchmark(b, 1000, f) })
	}
}
