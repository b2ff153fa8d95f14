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
	total := g.start(x, idx, c)
	goal, rho := total*sys.tolerance*sys.tolerance, 0.0
	for i, r := range g.r {
		g.p[i] = r * g.inv[i]
		rho += float64(r * g.p[i])
		gain -= float64(x[i] * x[i] * g.m[i])
	}
	for j, e := range g.t { // what start left there: c·(1−ŷ)
		w := float64(weight(c, j))
		gain += w - float64(e)*float64(e)/w
	}
	// As ‖error‖² in the norm of A is at most rᵀM⁻¹r, that is what to bring down.
	for ; rho > goal && rho <= maxLoss && steps > 0; steps-- {
		g.apply(idx, c)
		step, next := float32(rho)/f32.Dot(g.p, g.q), 0.0
		gain += float64(step) * rho
		for i, q := range g.q {
			x[i] += step * g.p[i]
			g.r[i] -= step * q
			g.z[i] = g.r[i] * g.inv[i]
			next += float64(g.r[i] * g.z[i])
		}
		beta := float32(next / rho)
		for i, z := range g.z {
			g.p[i] = z + beta*g.p[i]
		}
		rho = next
	}
	return gain, rho <= goal && total <= maxLoss
}

// start sets r to b − A·x and t to c_j·(1 − ŷ_j), and returns Σ c_j.
func (g *conjugate) start(x []float32, idx []int32, c []float32) (total float64) {
	if cap(g.t) < len(idx) {
		g.t = make([]float32, 2*len(idx))
	}
	g.t = g.t[:len(idx)]
	for i, v := range x {
		g.r[i] = -g.m[i] * v
	}
	f32.NormalRows(g.r, g.t, g.sys.fixed, idx, x, c, 1, -1)
	if c == nil {
		return float64(len(idx))
	}
	for _, w := range c {
		total += float64(w)
	}
	return total
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
	for i, p := range g.p {
		g.q[i] = g.m[i] * p
	}
	f32.NormalRows(g.q, g.t, g.sys.fixed, idx, g.p, c, 0, 1)
}
