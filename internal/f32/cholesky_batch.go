package f32

import "math"

// CholeskyBatch solves small symmetric positive definite systems a·x = b, several side by side, one
// in each lane of a vector. Per system it is
//
//	copy(x, b)
//	if Cholesky(a, n) {
//		CholeskySolve(a, n, x)
//	}
//
// but adds up in another order. A system's result does not depend on which others share the batch.
// A batch is for one goroutine.
type CholeskyBatch struct {
	n, lanes, used int
	systems        []float32 // lanes × n×n, each an odd number of cache lines from the one before
	size           int       // from one system to the next
	b, x           []float32 // lanes × n
	spread         []float32 // lanes
	panels         panels
}

// NewCholeskyBatch returns an empty batch for systems of n equations.
func NewCholeskyBatch(n int) *CholeskyBatch {
	lanes, size := batchLanes(n), oddLines(n*n)
	return &CholeskyBatch{
		n: n, lanes: lanes, size: size,
		systems: make([]float32, lanes*size+8), // eight values at a time are read
		b:       make([]float32, lanes*n+8),
		x:       make([]float32, lanes*n),
		spread:  make([]float32, lanes),
		panels:  newPanels(n, lanes),
	}
}

// BatchSize is the number of systems of n equations that a batch holds: 1 where there is no kernel
// that solves several faster.
func BatchSize(n int) int { return batchLanes(n) }

// Len is the number of systems in the batch.
func (s *CholeskyBatch) Len() int { return s.used }

// Full reports whether there is no room for another system.
func (s *CholeskyBatch) Full() bool { return s.used == s.lanes }

// Next adds a system and returns where its a (n×n, lower triangle) and b (n values) go; both hold
// anything. What lies above the diagonal is not used. Solve leaves b as it is.
func (s *CholeskyBatch) Next() (a, b []float32) {
	i := s.used
	s.used++
	end := i*s.size + s.n*s.n
	return s.systems[i*s.size : end : end], s.b[i*s.n : (i+1)*s.n : (i+1)*s.n]
}

// Solve solves the systems in the batch, which is empty then. One that is not positive definite does
// not disturb the others. A batch that is not full takes as long as a full one.
func (s *CholeskyBatch) Solve() {
	if s.used > 0 && s.n > 0 {
		s.panels.solve(s)
	}
	s.used = 0
}

// Solution returns x of the system that was added as the i-th before the last Solve, valid until the
// next, and the ratio of the greatest to the least of its pivots, the squares of the factor's diagonal:
// +Inf, and x is garbage, if a is not positive definite or holds a NaN.
func (s *CholeskyBatch) Solution(i int) (x []float32, spread float32) {
	return s.x[i*s.n : (i+1)*s.n : (i+1)*s.n], s.spread[i]
}

// solveOne solves a batch of one.
func (s *CholeskyBatch) solveOne() {
	n := s.n
	a := s.systems[:n*n]
	s.spread[0] = float32(math.Inf(1))
	if !Cholesky(a, n) {
		return
	}
	copy(s.x, s.b)
	CholeskySolve(a, n, s.x)
	least, greatest := a[0], a[0]
	for i := 0; i < len(a); i += n + 1 {
		least, greatest = min(least, a[i]), max(greatest, a[i])
	}
	s.spread[0] = (greatest / least) * (greatest / least)
}
