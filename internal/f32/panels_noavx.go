//go:build !amd64 || purego

package f32

// panels are for vectors of eight lanes at least.
type panels struct{}

func newPanels(_, _ int) panels { return panels{} }

func batchLanes(int) int { return 1 }

func (panels) solve(s *CholeskyBatch) { s.solveOne() }
