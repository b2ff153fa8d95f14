package dense

import (
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/recsys-lite/recsys/internal/f32"
)

// workers returns a Parallel of n goroutines that take the next index when they are free.
func workers(n int) Parallel {
	return func(count int, body func(i int)) {
		var next atomic.Int64
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
					body(i)
				}
			})
		}
		wg.Wait()
	}
}

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// gram returns a well-conditioned matrix: the Gram matrix of random rows plus a ridge.
func gram(r *rand.Rand, n int) []float32 {
	a := make([]float32, n*n)
	x := random(r, (n+8)*n)
	f32.GemmTN(a, x, x, n, n, n+8)
	for i := range n {
		a[i*n+i] += float32(n) / 4
	}
	return a
}

func set(a []float32, n int) *Symmetric {
	s := NewSymmetric(n)
	for i := 0; i < n; i += RowsAtOnce {
		s.SetRows(i, min(RowsAtOnce, n-i), a[i*n:], n)
	}
	return s
}

// invert returns the inverse of a (n×n) and its diagonal.
func invert(a []float32, n, w int) (inverse, diagonal []float32, err error) {
	s := set(a, n)
	if err := s.Invert(workers(w)); err != nil {
		return nil, nil, err
	}
	diagonal = s.InverseDiagonal()
	return s.Inverse(nil, workers(w)), diagonal, nil
}

func wide(x []float32) []float64 {
	w := make([]float64, len(x))
	for i, v := range x {
		w[i] = float64(v)
	}
	return w
}

// sizes reach both block sizes' margins without taking long.
var sizes = []int{1, 2, 15, 95, 96, 97, 191, 193, 300}

func TestCholeskyAndInverse(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range append(sizes, 1000) {
		a := gram(r, n)
		l := append([]float32(nil), a...)
		if err := Cholesky(l, n, workers(2)); err != nil {
			t.Fatal(err)
		}
		var ref mat.Cholesky
		ref.Factorize(mat.NewSymDense(n, wide(a)))
		var want mat.TriDense
		ref.LTo(&want)
		for i := range n {
			for j := range i + 1 {
				if d := math.Abs(float64(l[i*n+j]) - want.At(i, j)); d > 1e-5*want.At(i, i) {
					t.Fatalf("n %d: l[%d,%d] = %g, want %g", n, i, j, l[i*n+j], want.At(i, j))
				}
			}
		}

		l, d, err := invert(a, n, 2)
		if err != nil {
			t.Fatal(err)
		}
		var inv mat.SymDense
		if err := ref.InverseTo(&inv); err != nil {
			t.Fatal(err)
		}
		largest := mat.Max(&inv)
		for i := range n {
			if d[i] != l[i*n+i] {
				t.Fatalf("n %d: diagonal[%d] = %g, inverse %g", n, i, d[i], l[i*n+i])
			}
		}
		for i := range n {
			for j := range n {
				if d := math.Abs(float64(l[i*n+j]) - inv.At(i, j)); d > 1e-5*largest {
					t.Fatalf("n %d: inverse[%d,%d] = %g, want %g", n, i, j, l[i*n+j], inv.At(i, j))
				}
				if l[i*n+j] != l[j*n+i] {
					t.Fatalf("n %d: inverse not symmetric at %d,%d", n, i, j)
				}
			}
		}

		var product mat.Dense
		product.Mul(mat.NewDense(n, n, wide(a)), mat.NewDense(n, n, wide(l)))
		for i := range n {
			product.Set(i, i, product.At(i, i)-1)
		}
		if res := mat.Norm(&product, 2) / math.Sqrt(float64(n)); res > 2e-5 {
			t.Errorf("n %d: ‖a·a⁻¹-1‖/√n = %g", n, res)
		}
	}
}

// The larger block size takes over at 2,048, too large for gonum here: check a·(a⁻¹·x) = x.
func TestInverseLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("slow without vector kernels")
	}
	const n = 2048 + 70
	r := rand.New(rand.NewPCG(5, 6))
	a := gram(r, n)
	inv, _, err := invert(a, n, 2)
	if err != nil {
		t.Fatal(err)
	}
	x := wide(random(r, n))
	y := multiply(a, multiply(inv, x))
	for i := range x {
		if math.Abs(x[i]-y[i]) > 1e-3 {
			t.Fatalf("x[%d] = %g became %g", i, x[i], y[i])
		}
	}
}

func multiply(a []float32, x []float64) []float64 {
	n := len(x)
	y := make([]float64, n)
	for i := range y {
		for j, v := range a[i*n : (i+1)*n] {
			y[i] += float64(v) * x[j]
		}
	}
	return y
}

func TestSameBytesForAnyWorkers(t *testing.T) {
	const n = 500
	x := gram(rand.New(rand.NewPCG(7, 8)), n)
	var want []float32
	for w := 1; w <= 3; w++ {
		a := append([]float32(nil), x...)
		inv, _, err := invert(a, n, w)
		if err != nil {
			t.Fatal(err)
		}
		if err := Cholesky(a, n, workers(w)); err != nil {
			t.Fatal(err)
		}
		a = append(a, inv...)
		if w == 1 {
			want = a
			continue
		}
		for i := range want {
			if math.Float32bits(a[i]) != math.Float32bits(want[i]) {
				t.Fatalf("%d workers: value %d is %g, with one %g", w, i, a[i], want[i])
			}
		}
	}
}

func TestNothing(t *testing.T) {
	inv, d, err := invert(nil, 0, 2)
	if len(inv) != 0 || len(d) != 0 || err != nil {
		t.Fatal(inv, d, err)
	}
}

// What is skipped after a cancel leaves nobody waiting.
func TestInvertCutShort(t *testing.T) {
	const n = 700
	a := gram(rand.New(rand.NewPCG(11, 12)), n)
	for end, all := 0, 0; end <= all; end += 7 {
		s := set(a, n)
		err := s.Invert(func(tasks int, body func(i int)) {
			all = tasks
			workers(2)(min(end, tasks), body)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestCholeskyRefuses(t *testing.T) {
	const n = 200
	for _, at := range []int{0, 96, 199} {
		for _, bad := range []float32{-1, 0, float32(math.NaN())} {
			a := gram(rand.New(rand.NewPCG(9, 10)), n)
			a[at*n+at] = bad
			if err := Cholesky(a, n, workers(2)); !errors.Is(err, ErrNotPositiveDefinite) {
				t.Errorf("%g at %d: error %v", bad, at, err)
			}
			a = gram(rand.New(rand.NewPCG(9, 10)), n)
			a[at*n+at] = bad
			if _, _, err := invert(a, n, 2); !errors.Is(err, ErrNotPositiveDefinite) {
				t.Errorf("%g at %d: error of the inverse %v", bad, at, err)
			}
		}
	}
}

func BenchmarkInverse(b *testing.B) {
	for _, n := range []int{1000, 2048} {
		a := gram(rand.New(rand.NewPCG(1, 1)), n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := invert(a, n, 1); err != nil {
					b.Fatal(err)
				}
			}
			flops := float64(n) * float64(n) * float64(n)
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
