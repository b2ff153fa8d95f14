package als

import (
	"math"

	"github.com/recsys-lite/recsys/internal/f32"
)

// system is what the linear systems of one half step share: the vectors of the fixed side and
// their Gramian.
type system struct {
	cfg Config
	// fixed is n×d, the vectors of the other side.
	fixed []float32
	n, d  int
	// gram is the lower triangle of α₀·fixedᵀfixed. If it is a diagonal, spectrum is that
	// diagonal, else nil.
	gram, spectrum []float32
	// tolerance is that of conjugate gradients.
	tolerance float64
}

// solver is the scratch memory in which one goroutine solves systems
//
//	A·x = Σ_j c_j·f_j,  A = α₀·FᵀF + Σ_j c_j·f_j·f_jᵀ + λ·E
//
// where f_j is row idx[j] of the fixed side and c_j is c[j], or 1 if c is nil.
//
// Where the Gramian is a diagonal it takes conjugate gradients, see conjugate, and for what these
// leave unsolved or where it is none, a Cholesky factor.
//
// It works in float32. Where that does not do (A is singular or nearly so, as with λ = 0, or
// weights of 10³⁰ overflow) it repeats the work in float64, see wide. No solution holds a NaN,
// an infinity or an element beyond ±maxValue.
type solver struct {
	a      []float32  // d×d, lower triangle: A, then its Cholesky factor
	b      []float32  // d, the right-hand side
	v      []float32  // d, room for a solution
	fast   *conjugate // made at need
	wide   *wide      // made at need
	inWide bool       // the last factorisation is in wide
	batch  *batch     // made at need
}

func newSolver(d int) *solver {
	return &solver{a: make([]float32, d*d), b: make([]float32, d), v: make([]float32, d)}
}

// maxValue bounds the elements of a vector, so that no Gramian and no score leaves float32.
// Only senseless data comes near it.
const maxValue = 1e13

// inRange reports whether x is finite and within maxValue.
func inRange(x []float32) bool { return f32.SquaredNorm(x) <= maxValue*maxValue }

// maxSpread is the ratio of the pivots of A beyond which a float32 factor is not trusted.
const maxSpread = 1 << 18

// maxSteps is the number of steps of conjugate gradients that cost about as much as a Cholesky
// factor does.
func maxSteps(d int) int { return 8 + d/8 }

// solve writes the solution to x, from whose values conjugate gradients start, and returns by
// how much the row's part of the loss is below that of x = 0: xᵀ·Σ_j c_j·f_j at the minimum.
func (s *solver) solve(x []float32, sys *system, idx []int32, c []float32) float64 {
	if len(idx) == 0 {
		clear(x)
		return 0
	}
	if sys.spectrum != nil {
		if s.fast == nil {
			s.fast = newConjugate(sys.d)
		}
		if gain, ok := s.fast.solve(x, sys, idx, c, maxSteps(sys.d)); ok && inRange(x) {
			return gain
		}
	}
	s.factor(sys, idx, c)
	if !s.inWide {
		sys.rightSide(s.b, idx, c)
		copy(x, s.b)
		f32.CholeskySolve(s.a, sys.d, x)
		if inRange(x) {
			return float64(f32.Dot(s.b, x))
		}
		s.widen(sys, idx, c)
	}
	return s.wide.solveRow(x, sys, idx, c)
}

// invert replaces y by A⁻¹·y.
func (s *solver) invert(y []float32, sys *system, idx []int32, c []float32) {
	s.factor(sys, idx, c)
	if !s.inWide {
		copy(s.b, y)
		f32.CholeskySolve(s.a, sys.d, s.b)
		if inRange(s.b) {
			copy(y, s.b)
			return
		}
		s.widen(sys, idx, c)
	}
	s.wide.invert(y)
}

// factor builds A and factors it.
func (s *solver) factor(sys *system, idx []int32, c []float32) {
	s.inWide = false
	if top := sys.matrix(s.a, idx, c); !(top <= math.MaxFloat32) || !f32.Cholesky(s.a, sys.d) || !s.trusted() {
		s.widen(sys, idx, c)
	}
}

// matrix writes the lower triangle of A to a (d×d) and returns its trace.
func (sys *system) matrix(a []float32, idx []int32, c []float32) (trace float32) {
	d := sys.d
	copy(a, sys.gram)
	f32.SyrkRows(a, sys.fixed, d, idx, c)
	lambda := float32(sys.cfg.lambda(len(idx), sys.n))
	for i := 0; i < d*d; i += d + 1 {
		a[i] += lambda
		trace += a[i]
	}
	return trace
}

// rightSide writes Σ_j c_j·f_j to b.
func (sys *system) rightSide(b []float32, idx []int32, c []float32) {
	clear(b)
	f32.AddRows(b, sys.fixed, idx, c)
}

// trusted reports whether the pivots of the factor are of one magnitude.
func (s *solver) trusted() bool {
	lo, hi := s.a[0], s.a[0]
	for i := 0; i < len(s.a); i += len(s.b) + 1 {
		lo, hi = min(lo, s.a[i]), max(hi, s.a[i])
	}
	return hi*hi <= maxSpread*(lo*lo)
}

func (s *solver) widen(sys *system, idx []int32, c []float32) {
	if s.wide == nil {
		s.wide = newWide(sys.d)
	}
	s.wide.factor(sys, idx, c)
	s.inWide = true
}

func (sys *system) row(i int32) []float32 {
	return sys.fixed[int(i)*sys.d : (int(i)+1)*sys.d]
}

func weight(c []float32, j int) float32 {
	if c == nil {
		return 1
	}
	return c[j]
}
