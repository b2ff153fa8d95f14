package gru4rec

import (
	"context"
	"fmt"
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// Fit trains on the sessions of d.Sequences, which it needs: without them the error wraps
// recsys.ErrInvalidData, and where no session has two events recsys.ErrEmptyDataset. Training
// that leaves the numbers gives an error that wraps recsys.ErrInvalidConfig.
func (m *Model) Fit(ctx context.Context, d *recsys.Dataset) error {
	if err := m.fitted.CheckFit(d); err != nil {
		return err
	}
	if d.Sequences == nil {
		return fmt.Errorf("gru4rec: %w: sessions need the order of events: load the dataset with sequences", recsys.ErrInvalidData)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	order := trainingOrder(d.Sequences, m.cfg.gap())
	if order.len() == 0 {
		return fmt.Errorf("gru4rec: %w: no session has two events, there is no next item to learn", recsys.ErrEmptyDataset)
	}
	if m.cfg.Samples == 0 && order.len() == 1 {
		return fmt.Errorf("gru4rec: %w: one session alone has no negatives when n_sample is 0", recsys.ErrInvalidConfig)
	}
	t := newTrainer(&m.cfg, order, d.Interactions.Cols)
	for epoch := range m.cfg.Epochs {
		mean, err := t.epoch(ctx, order)
		if err != nil {
			return err
		}
		if math.IsNaN(mean) || math.IsInf(mean, 0) {
			return fmt.Errorf("gru4rec: %w: the loss is %v in epoch %d of %d: learning_rate = %v is too high", recsys.ErrInvalidConfig, mean, epoch+1, m.cfg.Epochs, m.cfg.LearningRate)
		}
		m.cfg.Run.Report(recsys.Progress{Stage: "fit", Done: epoch + 1, Total: m.cfg.Epochs, Loss: mean})
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	settleUnseen(t.net, t.counts)
	m.fitted.Set(&parameters{users: d.Interactions.Rows, net: t.net})
	return nil
}

func newTrainer(cfg *Config, order *order, items int) *trainer {
	t := &trainer{
		cfg: cfg, net: newNetwork(cfg, items), loss: newLoss(cfg),
		opt:       optimiser{rate: float32(cfg.LearningRate), momentum: float32(cfg.Momentum)},
		counts:    make([]int64, items),
		negatives: rng.New(cfg.Seed, streamNegatives), units: rng.New(cfg.Seed, streamDropout),
	}
	for k := range order.len() {
		for _, i := range order.session(k) {
			t.counts[i]++
		}
	}
	if cfg.Samples > 0 {
		t.sampler = newSampler(priors(t.counts, cfg.SampleAlpha))
	}
	t.asTarget, t.asSample, t.logPrior = make([]float32, items), make([]float32, items), make([]float32, items)
	for i, c := range t.counts {
		t.asTarget[i], t.asSample[i] = 1, 1
		if cfg.Loss == CrossEntropy && c > 0 {
			ln := math.Log(float64(c))
			t.asTarget[i] = float32(math.Exp(-cfg.LogQ * ln))
			t.asSample[i] = float32(math.Exp(-cfg.LogQ * cfg.SampleAlpha * ln))
			t.logPrior[i] = float32(-cfg.LogQ * ln)
		}
	}
	t.allocate(min(cfg.BatchSize, order.len()), items)
	t.track()
	return t
}

// allocate makes the memory of a step of up to batch lanes.
func (t *trainer) allocate(batch, items int) {
	n, h := t.net, t.net.hidden
	d := h + 1
	rows := min(batch+t.cfg.Samples, items)
	t.in, t.out = make([]int32, batch), make([]int32, batch)
	if t.cfg.EmbeddingDropout > 0 {
		t.drop = make([]float32, batch*n.inputWidth)
	}
	for l := range n.cells {
		c := &n.cells[l]
		s := newCellStep(c, batch)
		if t.cfg.Dropout > 0 {
			s.mask = make([]float32, batch*h)
		}
		t.layers = append(t.layers, s)
		t.dBx = append(t.dBx, make([]float32, len(c.bx)))
		t.dBh = append(t.dBh, make([]float32, len(c.bh)))
	}
	if in := n.cells[0].in; in != 0 && in != h {
		t.dX = make([]float32, batch*in)
	}
	t.rowGradients.New = func() any {
		room := make([]float32, rowChunk*3*h)
		return &room
	}
	t.scored = newRowSet(items, d, min(rows+batch, items))
	t.fed = newRowSet(0, n.inputWidth, 0)
	if n.input != nil {
		t.fed = newRowSet(items, n.inputWidth, batch)
	}
	perLane := func() []float32 { return make([]float32, batch) }
	t.board = board{target: perLane(), prior: perLane(), dTarget: perLane(), loss: perLane(), tiles: make([]tile, min(maxTiles, (rows+minTile-1)/minTile))}
	for x := range t.board.tiles {
		p := &t.board.tiles[x]
		p.max, p.scale = perLane(), perLane()
		for k := range p.sum {
			p.sum[k] = perLane()
		}
		p.room = make([]float32, batch*t.tileRoom(rows))
	}
}

func (t *trainer) track() {
	t.output = t.opt.track(t.net.output)
	t.input = t.opt.track(t.net.input)
	for l := range t.net.cells {
		c := &t.net.cells[l]
		t.wx, t.wh = append(t.wx, t.opt.track(c.wx)), append(t.wh, t.opt.track(c.wh))
		t.bx, t.bh = append(t.bx, t.opt.track(c.bx)), append(t.bh, t.opt.track(c.bh))
	}
}

// epoch passes over the sessions once and returns the mean loss of a batch, weighted by its
// lanes.
func (t *trainer) epoch(ctx context.Context, order *order) (float64, error) {
	h := t.net.hidden
	for _, s := range t.layers {
		clear(s.prev)
	}
	run := newLanes(order, t.cfg.BatchSize)
	total, events := 0.0, 0
	for width := run.width(); width > 0; width = run.width() {
		if t.cfg.Samples == 0 && width < 2 {
			break // the last lane has no negatives
		}
		run.read(t.in, t.out)
		sum, err := t.step(ctx, width)
		if err != nil {
			return 0, err
		}
		total += sum / float64(t.cfg.BatchSize) * float64(width)
		events += width
		for _, s := range t.layers {
			s.prev, s.state = s.state, s.prev
		}
		run.advance(
			func(lane int) {
				for _, s := range t.layers {
					clear(s.prev[lane*h : (lane+1)*h])
				}
			},
			func(from, to int) {
				for _, s := range t.layers {
					copy(s.prev[to*h:(to+1)*h], s.prev[from*h:(from+1)*h])
				}
			})
	}
	return total / float64(events), nil
}

// settleUnseen puts items that never came up behind: their vectors are noise, and their scores
// would be, too. They get no direction and the lowest bias learnt.
func settleUnseen(n *network, counts []int64) {
	lowest := float32(math.Inf(1))
	for i, c := range counts {
		if c > 0 {
			lowest = min(lowest, n.outputRow(int32(i))[n.hidden])
		}
	}
	for i, c := range counts {
		if c > 0 {
			continue
		}
		row := n.outputRow(int32(i))
		clear(row)
		row[n.hidden] = lowest
		if n.input != nil {
			clear(n.inputRow(int32(i)))
		}
	}
}
