//go:build amd64 && !purego

package f32

import "math"

// panels hold the systems of a CholeskyBatch side by side: a value is a vector of that of all systems.
// A panel is four rows of the lower triangle, column by column. Panel i has columns up to the
// diagonal, 4·i + 4 of them; panelStart(i) is the number of values before it.
type panels struct {
	values []float32
	y      []float32 // the right-hand sides, then the solutions
	pivots []float32 // the least, then the greatest
}

func panelStart(i int) int { return 8 * i * (i + 1) }

func panelsOf(n int) int { return (n + 3) / 4 }

func newPanels(n, lanes int) panels {
	if lanes == 1 {
		return panels{}
	}
	count := panelsOf(n)
	return panels{
		values: make([]float32, (panelStart(count)+16)*lanes), // eight columns at a time are written
		y:      make([]float32, (4*count+8)*lanes),
		pivots: make([]float32, 2*lanes),
	}
}

// batchLanes returns the lanes of a vector, or as many as leave systems and panels in a second-level
// cache of 1 MB; 1 where that would be too few to be faster than one system after the other.
func batchLanes(n int) int {
	if impl == levelGo {
		return 1
	}
	for lanes := bandWidths[impl]; lanes >= 8; lanes /= 2 {
		if lanes*n*n*6 <= 1<<20 { // squares and triangles
			return lanes
		}
	}
	return 1
}

func (p *panels) solve(s *CholeskyBatch) {
	n, lanes, count := s.n, s.lanes, panelsOf(s.n)
	if lanes == 1 {
		s.solveOne()
		return
	}
	p.interleave(s)
	least, greatest := p.pivots[:lanes], p.pivots[lanes:]
	for l := range least {
		least[l], greatest[l] = float32(math.Inf(1)), 0
	}
	for i := range count {
		if lanes == 16 {
			cholLanesAVX512(&p.values[0], i, &p.y[0], &p.pivots[0])
		} else {
			cholLanesAVX2(&p.values[0], i, &p.y[0], &p.pivots[0])
		}
	}
	for i := count - 1; i >= 0; i-- {
		panel := &p.values[panelStart(i)*lanes]
		if lanes == 16 {
			backLanesAVX512(panel, i, &p.y[0])
		} else {
			backLanesAVX2(panel, i, &p.y[0])
		}
	}
	transpose(s.x, n, p.y, lanes, n, lanes)
	for l := range least {
		// After a pivot that is not positive comes none that is: least is then no number or not positive.
		s.spread[l] = float32(math.Inf(1))
		if least[l] > 0 {
			s.spread[l] = greatest[l] / least[l]
		}
	}
}

// interleave moves the systems into the panels, bordered by a diagonal to whole panels. On it stands
// the first pivot, which does not change the spread.
func (p *panels) interleave(s *CholeskyBatch) {
	n, lanes, padded := s.n, s.lanes, 4*panelsOf(s.n)
	for i := range padded {
		row := p.values[(panelStart(i/4)+i%4)*lanes:]
		if i < n {
			transpose(row, 4*lanes, s.systems[i*n:], s.size, lanes, (i+8)&^7)
			continue
		}
		for k := range i {
			clear(row[4*k*lanes:][:lanes])
		}
		copy(row[4*i*lanes:][:lanes], p.values)
	}
	transpose(p.y, lanes, s.b, n, lanes, (n+7)&^7)
	clear(p.y[n*lanes : padded*lanes])
}
