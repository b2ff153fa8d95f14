package f32

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// positive returns a well-conditioned symmetric positive definite matrix with guards above
// its diagonal.
func positive(r *rand.Rand, n int) []float32 {
	a := make([]float32, n*n)
	Syrk(a, random(r, 2*n*n), n)
	for i := range n {
		a[i*n+i] += float32(n)
		for j := i + 1; j < n; j++ {
			a[i*n+j] = guard
		}
	}
	return a
}

func symmetric(a []float32, n int) *mat.SymDense {
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			s.SetSym(i, j, float64(a[i*n+j]))
		}
	}
	return s
}

func TestCholesky(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for n := range 101 {
			checkCholesky(t, r, n)
		}
		for _, n := range []int{127, 128, 129, 255, 256, 260} {
			checkCholesky(t, r, n)
		}
		a, b := positive(r, 40), random(r, 40)
		l := clone(a)
		noAllocs(t, "Cholesky", func() { copy(l, a); Cholesky(l, 40) })
		noAllocs(t, "CholeskySolve", func() { CholeskySolve(l, 40, b) })
	})
}

func checkCholesky(t *testing.T, r *rand.Rand, n int) {
	t.Helper()
	a := positive(r, n)
	l, whole := guarded(r, n*n, 3)
	copy(l, a)
	if !Cholesky(l, n) {
		t.Fatalf("n = %d: not positive definite", n)
	}
	checkGuard(t, whole, 3, n*n)
	if n == 0 {
		return
	}
	var ref mat.Cholesky
	ref.Factorize(symmetric(a, n))
	var want mat.TriDense
	ref.LTo(&want)
	for i := range n {
		for j := range n {
			if j > i {
				near(t, at("above the diagonal", n, i, j), l[i*n+j], guard, 0)
				continue
			}
			near(t, at("l", n, i, j), l[i*n+j], want.At(i, j), 4*want.At(i, i))
		}
	}

	b := random(r, n)
	x, wholeX := guarded(r, n, 1)
	copy(x, b)
	CholeskySolve(l, n, x)
	checkGuard(t, wholeX, 1, n)
	wide := make([]float64, n)
	for i := range wide {
		wide[i] = float64(b[i])
	}
	var sol mat.VecDense
	if err := ref.SolveVecTo(&sol, mat.NewVecDense(n, wide)); err != nil {
		t.Fatal(err)
	}
	size := mat.Norm(&sol, math.Inf(1))
	for i := range x {
		near(t, at("x", n, i), x[i], sol.AtVec(i), 20*size)
	}
}

func TestCholeskyRefuses(t *testing.T) {
	forEachImpl(t, func(t *testing.T) {
		r := testRand()
		for _, n := range []int{1, 5, 16, 33, 70} {
			for _, where := range []int{0, n / 2, n - 1} {
				for _, bad := range []float32{0, -1, float32(math.NaN())} {
					a := positive(r, n)
					a[where*n+where] = bad
					before := clone(a)
					if Cholesky(a, n) {
						t.Errorf("n = %d: accepted %g at %d", n, bad, where)
					}
					same(t, at("refused matrix"), a, before)
				}
			}
		}
	})
}
