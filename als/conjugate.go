package als

import "github.com/recsys-lite/recsys/internal/f32"

// conjugate is the scratch memory of conjugate gradients for systems in the eigenvectors of
// the Gramian, see spectral.go.
type conjugate struct {
	sys        *system   // M and its reciprocal are those of a row of n
	n          int       // interactions in sys
	m, inv     []float32 // diagonals
	r, z, p, q []float32
	t          []float32 // one value per interaction
}

func newConjugate(d int) *conjugate {
	buf := make([]float32, 6*d)
	part := func() (p []float32) {
		p, buf = buf[:d:d], buf[d:]
		return p
	}
	return &conjugate{m: part(), inv: part(), r: part(), z: part(), p: part(), q: part()}
}

// fitTolerance and serveTolerance bound the error of a solution x: its part of the loss is
// above the minimum by at most tolerance²·Σ_j c_j, Σ_j c_j being the loss of x = 0.
const fitTolerance, serveTolerance = 1e-3, 1e-6

// maxLoss is beyond the loss of sane data and well inside float32.
const maxLoss = 1e30

// solve improves x, see solver.solve, and reports whether it has come within the system's
// tolerance after at most the given number of steps. Each costs about 4·n·d operations.
func (g *conjugate) solve(x []float32, sys *system, idx []int32, c []float32, steps int) (gain float64, ok bool) {
	g.precondition(sys, len(idx))
	total, gain := g.start(x, idx, c)
	copy(g.p, g.r)
	f32.Mul(g.p, g.inv)
	goal, rho := total*sys.tolerance*sys.tolerance, float64(f32.Dot(g.r, g.p))
	// As ‖error‖² in the norm of A is at most rᵀM⁻¹r, that is what to bring down.
	for ; rho > goal && rho <= maxLoss && steps > 0; steps-- {
		g.apply(idx, c)
		step := float32(rho) / f32.Dot(g.p, g.q)
		gain += float64(step) * rho
		next := float64(f32.ConjugateStep(x, g.r, g.z, g.p, g.q, g.inv, step))
		f32.ScaleAdd(float32(next/rho), g.p, g.z)
		rho = next
	}
	return gain, rho <= goal && total <= maxLoss
}

// start sets r to b − A·x and returns Σ c_j and the gain of x, which is
// Σ_j c_j·(1 − (1−ŷ_j)²) − xᵀ·M·x.
func (g *conjugate) start(x []float32, idx []int32, c []float32) (total, gain float64) {
	if cap(g.t) < len(idx) {
		g.t = make([]float32, 2*len(idx))
	}
	g.t = g.t[:len(idx)]
	copy(g.r, x)
	f32.Mul(g.r, g.m)
	f32.Scale(-1, g.r)
	gain = float64(f32.Dot(x, g.r))
	f32.NormalRows(g.r, g.t, g.sys.fixed, idx, x, c, 1, -1) // t is c·(1−ŷ)
	if c == nil {
		total = float64(len(idx))
		return total, gain + total - float64(f32.SquaredNorm(g.t))
	}
	for j, w := range c {
		w, e := float64(w), float64(g.t[j])
		total += w
		gain += w - e*e/w
	}
	return total, gain
}

// precondition sets M for rows of n interactions, which come one after the other.
func (g *conjugate) precondition(sys *system, n int) {
	if g.sys == sys && g.n == n {
		return
	}
	g.sys, g.n = sys, n
	lambda := float32(sys.cfg.lambda(n, sys.n))
	for i, v := range sys.spectrum {
		g.m[i] = v + lambda
		g.inv[i] = 1 / g.m[i]
	}
}

// apply sets q = A·p.
func (g *conjugate) apply(idx []int32, c []float32) {
	copy(g.q, g.p)
	f32.Mul(g.q, g.m)
	f32.NormalRows(g.q, g.t, g.sys.fixed, idx, g.p, c, 0, 1)
}
