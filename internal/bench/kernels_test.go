package bench

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/internal/dense"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
	"github.com/recsys-lite/recsys/internal/topk"
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

// BenchmarkKernel is each kernel on one core. What does next to no arithmetic (max, findGreater,
// atLeast, transpose, topkMerge) counts one operation per value, as do the elementwise functions;
// codeBounds counts multiplications and additions of bytes, overlaps three operations per word
// of 64 bits.
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
	u, v, p, q := random(d), random(d), random(d), random(d)
	kernel("conjugateStep/d=64", 7*d, func() { sink = f32.ConjugateStep(u, v, p, x, y, q, 1e-9) })
	kernel("pairStep/d=64", 8*d, func() { f32.PairStep(a[:d], a[d:2*d], a[2*d:3*d], 1e-9, 1, 1, 1) })
	kernel("pairGradient/d=64", 3*d, func() { f32.PairGradient(u, v, p, a[:d], a[d:2*d], a[2*d:3*d], 1e-9) })
	ranker, preferences := ranking(n, d)
	kernel("ranker/1000x64", n*11*d, func() { sink = ranker.Steps(preferences) })
	skipGram := f32.SkipGram{D: d, Input: random(4 * n * d), Output: a, Targets: 6, Rate: 1e-9}
	targets := rows(6*n, 4*n)
	kernel("skipGram/1000x6x64", n*6*6*d, func() { skipGram.Steps(idx, targets) })
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
	for _, n := range []int{16, 32, 64, 128} {
		a, v := positive(n), random(n)
		flops := math.Pow(float64(n), 3)/3 + 2*float64(n*n)
		copied, x := make([]float32, n*n), make([]float32, n)
		kernel(fmt.Sprintf("choleskyAndSolve/%d", n), flops, func() {
			copy(copied, a)
			copy(x, v)
			f32.Cholesky(copied, n)
			f32.CholeskySolve(copied, n, x)
		})
		batch := f32.NewCholeskyBatch(n)
		kernel(fmt.Sprintf("choleskyBatch/%d", n), float64(f32.BatchSize(n))*flops, func() {
			for !batch.Full() {
				to, b := batch.Next()
				copy(to, a)
				copy(b, v)
			}
			batch.Solve()
		})
	}
	const large = 2048
	g := positive(large)
	one := func(tasks int, body func(i int)) {
		for i := range tasks {
			body(i)
		}
	}
	kernel("choleskyInverse/2048", math.Pow(large, 3), func() {
		s := dense.NewSymmetric(large)
		for i := 0; i < large; i += dense.RowsAtOnce {
			s.SetRows(i, dense.RowsAtOnce, g[i*large:], large)
		}
		require.NoError(b, s.Invert(one))
		s.Inverse(nil, one)
	})
	z, dst := random(n), make([]float32, n)
	acc := make([]float32, n)
	kernel("exp/1000", n, func() { f32.Exp(dst, z) })
	kernel("sigmoid/1000", n, func() { f32.Sigmoid(dst, z) })
	kernel("tanh/1000", n, func() { f32.Tanh(dst, z) })
	kernel("adagrad/1000", 6*n, func() { f32.Adagrad(dst, acc, z, 0.05, 1e-6) })
	kernel("max/1000", n, func() { sink = f32.Max(z) })
	kernel("findGreater/1000", n, func() { f32.FindGreater(z, 1e9) })
	marks := make([]uint64, 16)
	kernel("atLeast/1024", 1024, func() { f32.AtLeast(marks, a[:1024], 0) })
	kernel("transpose/64x64", d*d, func() { f32.Transpose(square, d, a, d, d, d) })
	codes, query, terms, bounds := make([]uint8, 1024*d), make([]int8, d), random(3*1024), make([]float32, 1024)
	for i := range codes {
		codes[i] = uint8(i % (f32.CodeLimit + 1))
	}
	for i := range query {
		query[i] = int8(i)
	}
	kernel("codeBounds/1024x64", 2*1024*d, func() { f32.CodeBounds(bounds, codes, query, 0, terms, &[3]float32{1, 1, 1}) })
	sets := make([]uint64, 64*96)
	for r, i := rng.New(4), 0; i < len(sets); i++ {
		sets[i] = r.Uint64()
	}
	kernel("overlaps/64x64x96", 3*64*64*96, func() { f32.AddOverlaps(square, d, sets, sets, 96, d, d) })
	heaps, best := make([]*topk.Heap, 64), topk.New(10)
	for i := range heaps {
		heaps[i] = topk.New(10)
		heaps[i].Scan(a[i*n:(i+1)*n], int32(i*n), nil)
	}
	kernel("topkMerge/64x10", 64*10, func() {
		best.Reset()
		for _, h := range heaps {
			best.Merge(h)
		}
	})
}

// ranking is a ranker of n users and 2·n items, and n preferences.
func ranking(n, d int) (*f32.Ranker, []f32.Preference) {
	r := &f32.Ranker{D: d, Users: make([]float32, n*d), Items: make([]float32, 2*n*d), Bias: make([]float32, 2*n),
		Rate: 1e-9, KeepUser: 1, KeepBetter: 1, KeepWorse: 1, KeepBias: 1}
	draw := rng.New(5)
	draw.Fill(r.Users, 1)
	draw.Fill(r.Items, 1)
	steps := make([]f32.Preference, n)
	for i := range steps {
		steps[i] = f32.Preference{User: int32(draw.Intn(n)), Better: int32(draw.Intn(n)), Worse: int32(n + draw.Intn(n))}
	}
	return r, steps
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
