package gru4rec

import (
	"context"
	"sync"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/internal/rng"
)

// The units in which a step is shared out. They depend on the data alone, so that sums come
// out the same for any number of workers.
const (
	laneChunk = 32 // lanes per unit of the recurrent part
	rowChunk  = 64 // rows of weights per unit of the update
	laneBlock = 64 // lanes whose gradients are packed at a time
	maxTiles  = 16 // units of the scoring part …
	minTile   = 48 // … of that many items, where there are more
)

// trainer carries a fit: the weights, their optimisers and the memory of one step.
type trainer struct {
	cfg     *Config
	net     *network
	opt     optimiser
	loss    loss
	sampler sampler
	counts  []int64 // events per item
	// asTarget and asSample weigh an item's occurrences: ones but for the logQ correction.
	asTarget, asSample []float32
	logPrior           []float32 // ln asTarget
	negatives, units   *rng.Rand

	output, input  *weights
	wx, wh, bx, bh []*weights // per layer

	in, out      []int32 // per lane
	layers       []*cellStep
	drop         []float32 // lanes × inputWidth: 0 or 1/(1−p); nil without
	scored       rowSet    // rows of output: the scored items, then fed ones that were not scored
	nScored      int
	fed          rowSet // rows of input
	board        board
	weight       []float32 // per scored row
	dX           []float32 // lanes × inputWidth: ∂L/∂x of the first layer, where no other memory serves
	dBx, dBh     [][]float32
	rowGradients sync.Pool // of *[]float32: rowChunk × 3·hidden, for a part of a matrix
}

// rowSet collects the distinct rows of a table that a step touches, and their gradients.
type rowSet struct {
	width int
	items []int32
	slot  []int32 // per item of the table, −1 outside the set
	// grad holds the gradients; before that, while items are scored, their vectors.
	grad []float32
}

func newRowSet(items, width, most int) rowSet {
	s := rowSet{width: width, slot: make([]int32, items), grad: make([]float32, most*width)}
	for i := range s.slot {
		s.slot[i] = -1
	}
	return s
}

func (s *rowSet) reset() {
	for _, i := range s.items {
		s.slot[i] = -1
	}
	s.items = s.items[:0]
}

// add returns the place of item i.
func (s *rowSet) add(i int32) int {
	if s.slot[i] < 0 {
		s.slot[i] = int32(len(s.items))
		s.items = append(s.items, i)
	}
	return int(s.slot[i])
}

func (s *rowSet) gradient(at int) []float32 { return s.grad[at*s.width : (at+1)*s.width] }

// step trains on what in and out hold for the first lanes, and returns the sum of the lanes'
// losses. The new H of each layer is in its step's state.
func (t *trainer) step(ctx context.Context, lanes int) (float64, error) {
	t.feed(lanes)
	if err := t.forward(ctx, lanes); err != nil {
		return 0, err
	}
	t.deal(lanes)
	if err := t.score(ctx, lanes); err != nil {
		return 0, err
	}
	if err := t.backward(ctx, lanes); err != nil {
		return 0, err
	}
	if err := t.update(ctx, lanes); err != nil {
		return 0, err
	}
	sum := 0.0
	for _, l := range t.board.loss[:lanes] {
		sum += float64(l)
	}
	return sum, nil
}

// feed gathers the input rows and decides which units drop out.
func (t *trainer) feed(lanes int) {
	x, w := t.layers[0].x, t.net.inputWidth
	for m, i := range t.in[:lanes] {
		copy(x[m*w:(m+1)*w], t.net.inputRow(i))
	}
	if t.drop != nil {
		t.draw(t.drop[:lanes*w], t.cfg.EmbeddingDropout)
		f32.Mul(x, t.drop[:lanes*w])
	}
	for _, s := range t.layers {
		if s.mask != nil {
			t.draw(s.mask[:lanes*t.net.hidden], t.cfg.Dropout)
		}
	}
}

// draw fills a mask: 0 with probability p, else 1/(1−p).
func (t *trainer) draw(mask []float32, p float64) {
	keep := float32(1 / (1 - p))
	for x := range mask {
		mask[x] = keep
		if t.units.Float64() < p {
			mask[x] = 0
		}
	}
}

func (t *trainer) forward(ctx context.Context, lanes int) error {
	h := t.net.hidden
	return par.Chunks(ctx, lanes, laneChunk, t.cfg.Workers, func(_, lo, hi int) error {
		for l := range t.net.cells {
			c, s := &t.net.cells[l], t.layers[l]
			if l > 0 {
				copy(s.x[lo*h:hi*h], t.layers[l-1].state[lo*h:hi*h])
			}
			c.forward(s, lo, hi)
		}
		return nil
	})
}

// deal draws the negatives and lays out the board.
func (t *trainer) deal(lanes int) {
	set, b := &t.scored, &t.board
	set.reset()
	t.weight = t.weight[:0]
	add := func(i int32, w float32) {
		if at := set.add(i); at < len(t.weight) {
			t.weight[at] += w
		} else {
			t.weight = append(t.weight, w)
		}
	}
	for _, i := range t.out[:lanes] {
		add(i, t.asTarget[i])
	}
	for range t.cfg.Samples {
		i := t.sampler.draw(t.negatives)
		add(i, t.asSample[i])
	}
	t.nScored = len(set.items)

	b.lanes = lanes
	b.normaliser = lanes + t.cfg.Samples
	b.inverse = 1 / float32(t.cfg.BatchSize)
	count := min((t.nScored+minTile-1)/minTile, maxTiles)
	size := (t.nScored + count - 1) / count
	b.tiles = b.tiles[:0]
	for lo := 0; lo < t.nScored; lo += size {
		b.tiles = b.tiles[:len(b.tiles)+1]
		x := &b.tiles[len(b.tiles)-1]
		x.lo, x.hi = lo, min(lo+size, t.nScored)
		n := (x.hi - x.lo) * lanes
		kept := x.room[n:]
		x.score, x.share = x.room[:n], kept[:lanes*t.net.hidden]
		for k, buffer := range []*[]float32{&x.a, &x.b, &x.c}[:t.loss.buffers()] {
			*buffer = kept[k*n : (k+1)*n]
		}
		x.weight = t.weight[x.lo:x.hi]
		x.own = x.own[:0]
	}
	for m, i := range t.out[:lanes] {
		at := int(set.slot[i])
		x := &b.tiles[at/size]
		x.own = append(x.own, own{row: int32(at - x.lo), lane: int32(m)})
		b.prior[m] = t.logPrior[i]
	}
}

// tileRoom is the memory of a tile, in floats per lane, where up to rows are shared out.
func (t *trainer) tileRoom(rows int) int {
	most := max(min(minTile, rows), (rows+maxTiles-1)/maxTiles)
	return most + max(most*t.loss.buffers(), t.net.hidden)
}

// score computes the board, its gradient, that of the scored rows, and each tile's share of
// that of the last H.
func (t *trainer) score(ctx context.Context, lanes int) error {
	b, h := &t.board, t.net.hidden
	d := h + 1
	state := t.layers[len(t.layers)-1].state
	for m, i := range t.out[:lanes] {
		row := t.net.outputRow(i)
		b.target[m] = f32.Dot(state[m*h:(m+1)*h], row) + row[h]
	}
	t.loss.start(b)
	vectors := func(x *tile) f32.Matrix { return f32.Matrix{Data: t.scored.grad[x.lo*d:], Stride: d} }
	err := par.Chunks(ctx, len(b.tiles), 1, t.cfg.Workers, func(_, at, _ int) error {
		x := &b.tiles[at]
		for r := x.lo; r < x.hi; r++ {
			row := t.net.outputRow(t.scored.items[r])
			copy(t.scored.gradient(r), row)
			fill(x.score[(r-x.lo)*lanes:(r-x.lo+1)*lanes], row[h])
		}
		f32.Gemm(f32.Matrix{Data: x.score, Stride: lanes}, 1, vectors(x), f32.Matrix{Data: state, Stride: h, Transposed: true}, x.hi-x.lo, lanes, h)
		t.loss.first(b, x)
		return nil
	})
	if err != nil {
		return err
	}
	t.loss.merge(b)
	return par.Chunks(ctx, len(b.tiles), 1, t.cfg.Workers, func(_, at, _ int) error {
		x := &b.tiles[at]
		t.loss.second(b, x)
		for _, o := range x.own {
			x.score[int(o.row)*lanes+int(o.lane)] += b.dTarget[o.lane]
		}
		rows := x.hi - x.lo
		clear(x.share)
		f32.Gemm(f32.Matrix{Data: x.share, Stride: h}, 1, f32.Matrix{Data: x.score, Stride: lanes, Transposed: true}, vectors(x), lanes, h, rows)
		for r := x.lo; r < x.hi; r++ {
			grad := t.scored.gradient(r)
			clear(grad[:h])
			grad[h] = f32.Sum(x.score[(r-x.lo)*lanes : (r-x.lo+1)*lanes])
		}
		for m := 0; m < lanes; m += laneBlock {
			f32.Gemm(vectors(x), 1, f32.Matrix{Data: x.score[m:], Stride: lanes}, f32.Matrix{Data: state[m*h:], Stride: h}, rows, h, min(laneBlock, lanes-m))
		}
		return nil
	})
}

// fill sets every value of x to v.
func fill(x []float32, v float32) {
	x[0] = v
	for n := 1; n < len(x); n *= 2 {
		copy(x[n:], x[:n])
	}
}

// backward brings ∂L by the last H through the layers and adds up the gradients of the fed rows.
func (t *trainer) backward(ctx context.Context, lanes int) error {
	h := t.net.hidden
	// ∂L by the H of the layer whose turn it is, which is ∂L/∂x of the one above.
	dState, dX := t.board.tiles[0].share, t.dX
	switch t.net.cells[0].in {
	case h:
		dX = dState
	case 0:
		dX = t.layers[0].gates
	}
	err := par.Chunks(ctx, lanes, laneChunk, t.cfg.Workers, func(_, lo, hi int) error {
		for x := range t.board.tiles[1:] {
			f32.Add(dState[lo*h:hi*h], t.board.tiles[1+x].share[lo*h:hi*h])
		}
		for l := len(t.layers) - 1; l > 0; l-- {
			t.net.cells[l].backward(t.layers[l], dState, dState, lo, hi)
		}
		t.net.cells[0].backward(t.layers[0], dState, dX, lo, hi)
		return nil
	})
	if err != nil {
		return err
	}
	w := t.net.inputWidth
	dX = dX[:lanes*w]
	if t.drop != nil {
		f32.Mul(dX, t.drop[:lanes*w])
	}
	set := &t.scored
	if t.net.input != nil {
		set = &t.fed
		set.reset()
	}
	for m, i := range t.in[:lanes] {
		known := len(set.items)
		at := set.add(i)
		grad := set.gradient(at)
		if at == known {
			clear(grad)
		}
		f32.Add(grad[:w], dX[m*w:(m+1)*w])
	}
	return nil
}
