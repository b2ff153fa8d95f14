package bench

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/internal/dense"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
)

// sink takes results, so that they are computed.
var sink float32

// BenchmarkPeak is what one core can do at most, in fused multiply-adds that touch no memory.
func BenchmarkPeak(b *testing.B) {
	flops := 0
	for b.Loop() {
		flops += fma(1 << 20)
	}
	b.ReportMetric(float64(flops)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// BenchmarkKernel is each kernel on one core; sum, max and findGreater, which do next to no
// arithmetic, count one operation per value, as do the elementwise functions.
func BenchmarkKernel(b *testing.B) {
	random := func(n int) []float32 {
		x := make([]float32, n)
		rng.New(1, uint64(n)).Fill(x, 1)
		return x
	}
	rows := func(n, of int) []int32 {
		r, idx := rng.New(2), make([]int32, n)
		for i := range idx {
			idx[i] = int32(r.Intn(of))
		}
		return idx
	}
	kernel := func(name string, flops float64, f func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
	const d, n = 64, 1000
	a, x, y, idx, w := random(4*n*d), random(d), random(d), rows(n, 4*n), random(n)
	scores, square := make([]float32, n), make([]float32, d*d)
	kernel("dot/d=64", 2*d, func() { sink = f32.Dot(x, y) })
	kernel("axpy/d=64", 2*d, func() { f32.Axpy(1e-9, x, y) })
	kernel("gemv/1000x64", 2*n*d, func() { f32.Gemv(scores, a[:n*d], x) })
	kernel("gemvRows/1000x64", 2*n*d, func() { f32.GemvRows(scores, a, idx, x) })
	kernel("addRows/1000x64", 2*n*d, func() { f32.AddRows(y, a, idx, w) })
	kernel("ger/d=64", 2*d*d, func() { f32.Ger(square, 1e-9, x, y) })
	kernel("pairStep/d=64", 8*d, func() { f32.PairStep(a[:d], a[d:2*d], a[2*d:3*d], 1e-9, 1, 1, 1) })
	kernel("sgnsStep/6x64", 6*4*d, func() { f32.SGNSStep(x, a, idx[:6], y) })
	kernel("normalRows/1000x64", 4*n*d, func() { f32.NormalRows(y, scores, a, idx, x, w, 0, 1e-9) })
	for _, d := range []int{64, 128, 256} {
		c, a := make([]float32, d*d), random(100*d)
		kernel(fmt.Sprintf("syrk/100x%d", d), float64(100*d*(d+1)), func() { f32.Syrk(c, a, d) })
	}
	for _, n := range []int{64, 512, 1024} {
		p, q, c := random(n*n), random(n*n), make([]float32, n*n)
		kernel(fmt.Sprintf("gemm/%d", n), 2*math.Pow(float64(n), 3), func() { f32.GemmNN(c, p, q, n, n, n) })
	}
	for _, n := range []int{64, 128} {
		l, v := positive(n), random(n)
		copied := make([]float32, n*n)
		kernel(fmt.Sprintf("cholesky/%d", n), math.Pow(float64(n), 3)/3, func() { copy(copied, l); f32.Cholesky(copied, n) })
		kernel(fmt.Sprintf("choleskySolve/%d", n), 2*float64(n*n), func() { f32.CholeskySolve(copied, n, v); f32.Scale(1, v) })
	}
	const large = 2048
	g, work := positive(large), make([]float32, large*large)
	one := func(tasks int, body func(i int)) {
		for i := range tasks {
			body(i)
		}
	}
	kernel("choleskyInverse/2048", math.Pow(large, 3), func() {
		copy(work, g)
		require.NoError(b, dense.Cholesky(work, large, one))
		dense.CholeskyInverse(work, large, one)
	})
	z, dst := random(n), make([]float32, n)
	acc := make([]float32, n)
	kernel("exp/1000", n, func() { f32.Exp(dst, z) })
	kernel("sigmoid/1000", n, func() { f32.Sigmoid(dst, z) })
	kernel("tanh/1000", n, func() { f32.Tanh(dst, z) })
	kernel("adagrad/1000", 6*n, func() { f32.Adagrad(dst, acc, z, 0.05, 1e-6) })
	kernel("max/1000", n, func() { sink = f32.Max(z) })
	kernel("findGreater/1000", n, func() { f32.FindGreater(z, 1e9) })
}

// positive is a positive definite matrix.
func positive(n int) []float32 {
	x, c := make([]float32, n*n), make([]float32, n*n)
	rng.New(3).Fill(x, 1)
	f32.GemmNT(c, x, x, n, n, n)
	for i := range n {
		c[i*n+i] += float32(n)
	}
	return c
}
