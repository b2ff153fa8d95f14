package f32

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestCholeskyBatch(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for n := range 131 {
			if n > 40 && n%4 > 1 && n < 125 {
				continue
			}
			s := NewCholeskyBatch(n)
			if s.lanes != BatchSize(n) {
				t.Fatalf("n = %d: room for %d systems, want %d", n, s.lanes, BatchSize(n))
			}
			for _, m := range []int{s.lanes, 1, s.lanes/2 + 1} {
				checkBatch(t, r, s, m, nil)
			}
		}
		s := NewCholeskyBatch(9)
		noAllocs(t, "CholeskyBatch", func() {
			for !s.Full() {
				a, b := s.Next()
				copy(a, a[:1])
				b[0] = 1
			}
			s.Solve()
		})
	})
}

// Systems without a factor fail alone, in every place of the diagonal, and leave no trace in the next
// batch.
func TestCholeskyBatchRefuses(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, n := range []int{1, 2, 5, 8, 16, 33, 70} {
			s := NewCholeskyBatch(n)
			for _, value := range []float32{0, -1, float32(math.NaN()), float32(math.Inf(-1))} {
				for where := range n {
					checkBatch(t, r, s, s.lanes, func(lane int, a []float32) bool {
						bad := lane%3 == where%3
						if bad {
							a[where*n+where] = value
						}
						return !bad
					})
				}
				checkBatch(t, r, s, s.lanes, nil)
			}
		}
	})
}

// checkBatch fills s with m systems and compares each with gonum. spoil may make a matrix a bad one
// and returns whether it is a good one still.
func checkBatch(t *testing.T, r *rand.Rand, s *CholeskyBatch, m int, spoil func(lane int, a []float32) bool) {
	t.Helper()
	n := s.n
	as, bs, good := make([][]float32, m), make([][]float32, m), make([]bool, m)
	for i := range m {
		if s.Len() != i || s.Full() {
			t.Fatalf("%d systems, full: %v, want %d", s.Len(), s.Full(), i)
		}
		a, b := s.Next()
		copy(a, positive(r, n))
		copy(b, random(r, n))
		good[i] = spoil == nil || spoil(i, a)
		as[i], bs[i] = clone(a), clone(b)
	}
	s.Solve()
	if s.Len() != 0 {
		t.Fatal("a solved batch is not empty")
	}
	for i := range m {
		x, spread := s.Solution(i)
		if !good[i] {
			if !math.IsInf(float64(spread), 1) {
				t.Fatalf("n = %d, system %d of %d: spread %g, want +Inf", n, i, m, spread)
			}
			continue
		}
		if n == 0 {
			continue
		}
		var ref mat.Cholesky
		ref.Factorize(symmetric(as[i], n))
		wide, sol := make([]float64, n), mat.VecDense{}
		for k := range wide {
			wide[k] = float64(bs[i][k])
		}
		if err := ref.SolveVecTo(&sol, mat.NewVecDense(n, wide)); err != nil {
			t.Fatal(err)
		}
		size := mat.Norm(&sol, math.Inf(1))
		for k := range x {
			near(t, at("x", n, m, i, k), x[k], sol.AtVec(k), 20*size)
		}
		var l mat.TriDense
		ref.LTo(&l)
		least, greatest := math.Inf(1), 0.0
		for k := range n {
			p := l.At(k, k) * l.At(k, k)
			least, greatest = min(least, p), max(greatest, p)
		}
		near(t, at("spread", n, m, i), spread, greatest/least, 100*greatest/least)
	}
}

// A system has the same solution, to the bit, in any lane and any company.
func TestCholeskyBatchLanes(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, n := range []int{1, 7, 32, 65} {
			a, b := positive(r, n), random(r, n)
			var want []float32
			for lane := range BatchSize(n) {
				s := NewCholeskyBatch(n)
				for i := range lane + 1 {
					to, right := s.Next()
					copy(to, positive(r, n))
					copy(right, random(r, n))
					if i == lane {
						copy(to, a)
						copy(right, b)
					}
				}
				s.Solve()
				x, spread := s.Solution(lane)
				if got := append(clone(x), spread); want == nil {
					want = got
				} else {
					same(t, at("solution", n, lane), got, want)
				}
			}
		}
	})
}
