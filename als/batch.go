package als

import "github.com/recsys-lite/recsys/internal/f32"

// batch holds rows of a half step until there are enough of them to be solved together.
type batch struct {
	systems *f32.CholeskyBatch
	rows    []waiting
}

// waiting is a row in a batch.
type waiting struct {
	x   []float32 // where the solution goes
	idx []int32
	c   []float32
	b   []float32 // Σ_j c_j·f_j
}

// solving is solve or enqueue. Only what nobody compares with a row folded in alone is enqueued: the
// solutions of several rows at once differ from those of solve in the last digits.
type solving func(s *solver, x []float32, sys *system, idx []int32, c []float32) (gain float64)

// enqueue is solve, but where that takes a Cholesky factor it may leave the row to flush or to a later
// enqueue, which then returns this row's gain too.
func (s *solver) enqueue(x []float32, sys *system, idx []int32, c []float32) (gain float64) {
	if len(idx) == 0 || sys.spectrum != nil {
		return s.solve(x, sys, idx, c)
	}
	if s.batch == nil {
		s.batch = &batch{systems: f32.NewCholeskyBatch(sys.d)}
	}
	a, b := s.batch.systems.Next()
	sys.matrix(a, idx, c)
	sys.rightSide(b, idx, c)
	s.batch.rows = append(s.batch.rows, waiting{x, idx, c, b})
	if s.batch.systems.Full() {
		return s.flush(sys)
	}
	return 0
}

// flush solves what enqueue has left to it.
func (s *solver) flush(sys *system) (gain float64) {
	if s.batch == nil || len(s.batch.rows) == 0 {
		return 0
	}
	s.batch.systems.Solve()
	for i, row := range s.batch.rows {
		x, spread := s.batch.systems.Solution(i)
		if spread <= maxSpread && inRange(x) {
			copy(row.x, x)
			gain += float64(f32.Dot(row.b, x))
			continue
		}
		s.widen(sys, row.idx, row.c)
		gain += s.wide.solveRow(row.x, sys, row.idx, row.c)
	}
	s.batch.rows = s.batch.rows[:0]
	return gain
}
