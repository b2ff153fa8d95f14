package gru4rec

import (
	"math"

	"github.com/recsys-lite/recsys/internal/f32"
)

// board holds the scores of a step: a row per distinct item that was a target or drawn, a
// column per lane. An item that came c times counts c times, which is the same as c rows of
// equal scores.
type board struct {
	lanes   int
	target  []float32 // per lane: the score of its target
	prior   []float32 // per lane: ln of its target's weight as a target (cross-entropy)
	dTarget []float32 // per lane: what the target's score adds to its gradient
	loss    []float32 // per lane
	tiles   []tile
	// normaliser is the number of items scored, repeats counted.
	normaliser int
	// inverse is 1/batch_size, also where fewer lanes are left.
	inverse float32
}

// tile is a part of the board's rows. What a loss keeps between its two looks at a tile lies
// in as many of the buffers a to c as it asks for.
type tile struct {
	lo, hi  int
	room    []float32 // the memory of score, and behind it of the buffers and later of share
	score   []float32 // (hi−lo) × lanes; the second look replaces them by ∂L/∂score
	a, b, c []float32 // (hi−lo) × lanes
	share   []float32 // lanes × hidden: the tile's part of ∂L by the last H, after the second look
	weight  []float32 // per row: how often the item counts
	own     []own
	max     []float32    // per lane
	sum     [4][]float32 // per lane
	scale   []float32    // per lane, set by merge
}

// own says that a row is the target of a lane.
type own struct{ row, lane int32 } // row counts from lo

// loss is a training objective over a board. first and second look at one tile each and may
// run side by side; start comes before the former, with only the targets' scores known, and
// merge between them.
type loss interface {
	buffers() int // of a, b and c, those it uses
	start(b *board)
	first(b *board, t *tile)
	merge(b *board)
	second(b *board, t *tile)
}

func newLoss(c *Config) loss {
	switch c.Loss {
	case CrossEntropy:
		return crossEntropy{}
	case BPRMax:
		return &bprMax{elu: float32(c.EluParam), reg: float32(c.BPReg)}
	default:
		return &pairwise{top1: c.Loss != BPR, max: c.Loss == TOP1Max}
	}
}

// exponentials fills t.a with exp(score − t.max), t.max being the lane's greatest score.
func (t *tile) exponentials(lanes int) {
	t.columnMax(lanes)
	best := t.max[:lanes]
	for r := 0; r < len(t.score); r += lanes {
		exps := t.a[r : r+lanes]
		for m, v := range t.score[r : r+lanes] {
			exps[m] = v - best[m]
		}
	}
	f32.Exp(t.a, t.a)
}

// columnMax sets t.max to the greatest score of each lane.
func (t *tile) columnMax(lanes int) {
	for m := range lanes {
		t.max[m] = float32(math.Inf(-1))
	}
	best := t.max[:lanes]
	for r := 0; r < len(t.score); r += lanes {
		row := t.score[r : r+lanes]
		for m, v := range row {
			best[m] = max(best[m], v)
		}
	}
}

// countNegatives fills dst with how often each row is a negative of each lane: all of its
// copies, less the one that is the lane's own target.
func (t *tile) countNegatives(dst []float32, lanes int) {
	for r, w := range t.weight {
		row := dst[r*lanes : (r+1)*lanes]
		for m := range row {
			row[m] = w
		}
	}
	for _, o := range t.own {
		dst[int(o.row)*lanes+int(o.lane)]--
	}
}

// joined brings the tiles' sums of exponentials under one maximum: it sets each tile's scale
// of a lane to exp(its maximum − the lane's), and returns the lane's.
func (b *board) joined(m int) (best float32) {
	best = float32(math.Inf(-1))
	for x := range b.tiles {
		best = max(best, b.tiles[x].max[m])
	}
	for x := range b.tiles {
		t := &b.tiles[x]
		t.scale[m] = float32(math.Exp(float64(t.max[m] - best)))
	}
	return best
}

// total is the sum over tiles of sum[k], each tile by its scale of the lane.
func (b *board) total(k, m int) float64 {
	s := 0.0
	for x := range b.tiles {
		t := &b.tiles[x]
		s += float64(t.scale[m]) * float64(t.sum[k][m])
	}
	return s
}

// rescale multiplies each tile's scale of a lane.
func (b *board) rescale(m int, by float64) {
	for x := range b.tiles {
		b.tiles[x].scale[m] *= float32(by)
	}
}

// zero clears the first n sums of the lanes.
func (t *tile) zero(n, lanes int) {
	for k := range n {
		clear(t.sum[k][:lanes])
	}
}
