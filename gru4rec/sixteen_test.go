package gru4rec

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// One test for each error that third-party versions make (Hidasi, Czapp, "The Effect of Third
// Party Implementations on Reproducibility", RecSys 2023).

func Test01NegativesAreSampledByPopularityBesideTheBatch(t *testing.T) {
	counts := []int64{1, 4, 16, 0, 64}
	s := newSampler(priors(counts, 0.5))
	r := rng.New(1)
	drawn := make([]float64, len(counts))
	const n = 150_000
	for range n {
		drawn[s.draw(r)]++
	}
	for i, want := range []float64{1, 2, 4, 0, 8} { // √count
		require.InDelta(t, want/15, drawn[i]/n, 0.005, "item %d", i)
	}

	tr, lanes := exercise(small(nil))
	_, err := tr.step(context.Background(), lanes)
	require.NoError(t, err)
	total := float32(0)
	for _, w := range tr.weight {
		total += w
	}
	require.Equal(t, float32(lanes+tr.cfg.Samples), total, "the targets of the batch and n_sample more")
}

func Test02TheEmbeddingIsShared(t *testing.T) {
	n := newNetwork(small(nil), 3)
	require.Nil(t, n.input)
	require.Same(t, &n.outputRow(2)[0], &n.inputRow(2)[0])

	n = newNetwork(small(func(c *Config) { c.ConstrainedEmbedding, c.Embedding = false, 3 }), 3)
	require.Len(t, n.inputRow(2), 3)
	require.NotSame(t, &n.outputRow(2)[0], &n.inputRow(2)[0])
}

// lossOf evaluates a loss on one lane whose target is row 0, each row counted once.
func lossOf(t *testing.T, c *Config, scores ...float32) (loss float64, gradient []float32) {
	t.Helper()
	n := len(scores)
	b := &board{lanes: 1, target: scores[:1:1], prior: []float32{0}, dTarget: []float32{0}, loss: []float32{0}, normaliser: n, inverse: 1}
	x := tile{hi: n, score: slices.Clone(scores), own: []own{{0, 0}}, max: []float32{0}, scale: []float32{0}}
	for range scores {
		x.weight = append(x.weight, 1)
	}
	x.a, x.b, x.c = make([]float32, n), make([]float32, n), make([]float32, n)
	for k := range x.sum {
		x.sum[k] = []float32{0}
	}
	b.target = slices.Clone(b.target)
	b.tiles = []tile{x}
	l := newLoss(c)
	l.start(b)
	l.first(b, &b.tiles[0])
	l.merge(b)
	l.second(b, &b.tiles[0])
	b.tiles[0].score[0] += b.dTarget[0]
	return float64(b.loss[0]), b.tiles[0].score
}

func Test03BPRMaxHasItsRegulariser(t *testing.T) {
	of := func(reg float64) float64 {
		l, _ := lossOf(t, small(func(c *Config) { c.BPReg, c.EluParam = reg, 0 }), 1, 2, 2)
		return l
	}
	require.InDelta(t, 1.5*4, of(1.5)-of(0), 1e-5, "two negatives of score 2, each of softmax weight 1/2")
}

func Test04ScoresOfBPRMaxGoThroughAnElu(t *testing.T) {
	l := &bprMax{elu: 0.5}
	want := []float32{float32(0.5 * (math.Exp(-2) - 1)), 3}
	x := tile{score: []float32{-2, 3}, a: make([]float32, 2)}
	l.activate(&x)
	require.InDeltaSlice(t, want, x.score, 1e-7)
	b := &board{lanes: 2, target: []float32{-2, 3}}
	l.start(b)
	require.InDeltaSlice(t, want, b.target, 1e-7)
	linear, _ := lossOf(t, small(func(c *Config) { c.EluParam = 0 }), 1, -2)
	elu, _ := lossOf(t, small(nil), 1, -2)
	require.NotEqual(t, linear, elu)
}

func Test05CrossEntropyIsCorrectedByLogQ(t *testing.T) {
	tr := newTrainer(small(func(c *Config) { c.Loss, c.LogQ, c.SampleAlpha = CrossEntropy, 0.8, 0.5 }), inOrder([]int32{0, 1, 1, 1, 1}), 2)
	require.InDelta(t, math.Exp(-0.8*math.Log(4)), tr.asTarget[1], 1e-6, "P0 of a target of the batch")
	require.InDelta(t, math.Exp(-0.8*math.Log(math.Sqrt(4))), tr.asSample[1], 1e-6, "P0^alpha of a sampled item")
	require.InDelta(t, -0.8*math.Log(4), tr.logPrior[1], 1e-6)
	tr = newTrainer(small(nil), inOrder([]int32{0, 1, 1, 1, 1}), 2)
	require.Equal(t, []float32{1, 1}, tr.asTarget, "bpr-max knows no correction")
}

func Test06AdagradStartsAtZeroAndHasMomentum(t *testing.T) {
	o := optimiser{rate: 0.1, momentum: 0.5}
	w := o.track([]float32{1})
	o.step(w, 0, []float32{2})
	v := -0.1 * 2 / math.Sqrt(4+1e-6)
	want := 1 + v
	require.InDelta(t, want, w.w[0], 1e-6)
	o.step(w, 0, []float32{1})
	v = 0.5*v - 0.1*1/math.Sqrt(5+1e-6)
	require.InDelta(t, want+v, w.w[0], 1e-6)
	o.step(w, 0, []float32{0})
	require.InDelta(t, want+v+0.5*v, w.w[0], 1e-6, "momentum goes on without a gradient")

	// The epsilon lies inside the root: outside it the first step would be a whole rate.
	o.momentum = 0
	w = o.track([]float32{0})
	o.step(w, 0, []float32{1e-3})
	require.InDelta(t, -0.1*1e-3/math.Sqrt(2e-6), w.w[0], 1e-6)
}

func Test07LossesAreThePublishedOnes(t *testing.T) {
	s := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	// Scores: target 1, negatives 0 and 2.
	e0, e2 := 1/(1+math.Exp(2)), math.Exp(2)/(1+math.Exp(2)) // softmax over the negatives
	top := func(o float64) float64 { return s(o-1) + s(o*o) }
	for loss, want := range map[Loss]float64{
		CrossEntropy: -math.Log(math.Exp(1) / (1 + math.Exp(1) + math.Exp(2))),
		BPR:          -math.Log(s(1)) - math.Log(s(-1)),
		TOP1:         (top(0) + top(2)) / 3,
		BPRMax:       -math.Log(e0*s(1)+e2*s(-1)) + 1.95*4*e2,
		TOP1Max:      e0*top(0) + e2*top(2),
	} {
		got, _ := lossOf(t, small(func(c *Config) { c.Loss = loss }), 1, 0, 2)
		require.InDelta(t, want, got, 1e-5, loss)
	}
}

func Test08HIsResetAtTheEndOfASession(t *testing.T) {
	// In training: with batch_size 1 a session begins as it would alone.
	cfg := small(func(c *Config) { c.BatchSize = 1 })
	order := inOrder([]int32{0, 1, 2}, []int32{3, 4})
	tr := newTrainer(cfg, order, 5)
	run := newLanes(order, 1)
	var resets []int
	for step := 0; run.width() > 0; step++ {
		run.advance(func(int) { resets = append(resets, step) }, nil)
	}
	require.Equal(t, []int{1}, resets, "after the second step, when the first session has ended")
	// What H is before each step of two epochs.
	var zero []bool
	tr.loss = spy{tr.loss, func() {
		zero = append(zero, slices.Equal(tr.layers[0].prev[:4], make([]float32, 4)))
	}}
	for range 2 {
		_, err := tr.epoch(context.Background(), order)
		require.NoError(t, err)
	}
	require.Equal(t, []bool{true, false, true, true, false, true}, zero)

	// In serving: a long pause ends the session.
	m := &Model{cfg: *cfg}
	p := &parameters{users: 1, net: tr.net}
	vector := func(h recsys.History) []float32 {
		v := make([]float32, 5)
		m.query(p, &h, v)
		return v
	}
	both := vector(recsys.History{Sequence: []int32{0, 1, 3}, Times: []int64{0, 1, 9999}})
	require.Equal(t, vector(recsys.History{Sequence: []int32{3}}), both)
	require.NotEqual(t, both, vector(recsys.History{Sequence: []int32{0, 1, 3}}))
}

// A lane that moves up, because the one before it found no other session, takes its H along.
func TestHFollowsItsLane(t *testing.T) {
	order := inOrder([]int32{0, 1}, []int32{2, 3, 4})
	tr := newTrainer(small(func(c *Config) { c.BatchSize = 2 }), order, 5)
	var before, after [][]float32 // H of each step, all lanes
	tr.loss = spy{tr.loss, func() {
		n := tr.board.lanes * 4
		before = append(before, slices.Clone(tr.layers[0].prev[:n]))
		after = append(after, slices.Clone(tr.layers[0].state[:n]))
	}}
	_, err := tr.epoch(context.Background(), order)
	require.NoError(t, err)
	require.Len(t, before, 2)
	require.Equal(t, after[0][4:8], before[1])
}

// spy looks on whenever a board is merged.
type spy struct {
	loss
	look func()
}

func (s spy) merge(b *board) {
	s.loss.merge(b)
	s.look()
}

func Test09EachGateIsDrawnWithItsOwnBounds(t *testing.T) {
	c := small(func(c *Config) { c.HiddenSize, c.ConstrainedEmbedding, c.Embedding = 20, false, 60 })
	n := newNetwork(c, 100)
	widest := func(x []float32) (w float64) {
		for _, v := range x {
			w = max(w, math.Abs(float64(v)))
		}
		return w
	}
	near := func(bound float64, x []float32) {
		t.Helper()
		require.LessOrEqual(t, widest(x), bound*(1+1e-6))
		require.Greater(t, widest(x), 0.95*bound)
	}
	near(math.Sqrt(6./(100+60)), n.input)
	near(math.Sqrt(6./(60+20)), n.cells[0].wx) // not 60+3·20
	near(math.Sqrt(6./(20+20)), n.cells[0].wh)
	near(math.Sqrt(6./(100+20)), n.output)
	require.Zero(t, widest(n.cells[0].bx)+widest(n.cells[0].bh))
	for i := range int32(100) {
		require.Zero(t, n.outputRow(i)[20], "biases start at 0")
	}
	one := newNetwork(small(func(c *Config) { c.HiddenSize, c.ConstrainedEmbedding = 20, false }), 100)
	near(math.Sqrt(6./(100+20)), one.input) // not 100+3·20
}

func Test10EmbeddingDropoutIsNotHiddenDropout(t *testing.T) {
	embedding, lanes := exercise(small(func(c *Config) { c.EmbeddingDropout = 0.5 }))
	embedding.feed(lanes)
	require.Nil(t, embedding.layers[0].mask)
	row := embedding.net.inputRow(1)
	for j, v := range embedding.layers[0].x[:4] {
		require.Equal(t, row[j]*embedding.drop[j], v)
		require.Contains(t, []float32{0, 2}, embedding.drop[j], "what stays makes up for what goes")
	}

	hidden, lanes := exercise(small(func(c *Config) { c.Dropout = 0.5 }))
	hidden.feed(lanes)
	require.Nil(t, hidden.drop)
	require.NoError(t, hidden.forward(context.Background(), lanes))
	for j, keep := range hidden.layers[0].mask[:lanes*4] {
		if keep == 0 {
			require.Zero(t, hidden.layers[0].state[j])
		}
	}
	require.Contains(t, hidden.layers[0].mask[:lanes*4], float32(0))
	require.Contains(t, hidden.layers[0].mask[:lanes*4], float32(2))
}

func Test11SessionsRunSideBySideAndHIsDetached(t *testing.T) {
	run := newLanes(inOrder([]int32{0, 1, 2}, []int32{3, 4}, []int32{5, 6, 7}, []int32{8, 9}), 2)
	var fed, wanted [][]int32
	for run.width() > 0 {
		in, out := make([]int32, run.width()), make([]int32, run.width())
		run.read(in, out)
		fed, wanted = append(fed, in), append(wanted, out)
		run.advance(func(int) {}, func(int, int) {})
	}
	require.Equal(t, [][]int32{{0, 3}, {1, 5}, {8, 6}}, fed, "no padding: who ends makes room")
	require.Equal(t, [][]int32{{1, 4}, {2, 6}, {9, 7}}, wanted)

	// That H is a constant of the step is part of TestGradients: its reference is not
	// propagated through time, and a cell has no other way out than the gradient of its input.
}

func Test12SessionsComeInTheOrderOfTheirStart(t *testing.T) {
	s := &recsys.Sequences{
		Indptr: []int64{0, 2, 2, 4, 8},
		Items:  []int32{0, 1, 2, 3, 4, 5, 6, 7},
		Times:  []int64{50, 51, 10, 99, 20, 21, 22, 9999},
	}
	order := trainingOrder(s, 1000)
	var got [][]int32
	for k := range order.len() {
		got = append(got, order.session(k))
	}
	require.Equal(t, [][]int32{{2, 3}, {4, 5, 6}, {0, 1}}, got, "user 1 has nothing, the last event predicts nothing")
}

func Test13ATailBatchIsDividedByTheWholeSize(t *testing.T) {
	gradient := func(batch int) []float32 {
		cfg := small(func(c *Config) { c.BatchSize = batch })
		tr, lanes := exercise(cfg)
		_, err := tr.step(context.Background(), lanes)
		require.NoError(t, err)
		return slices.Clone(tr.scored.grad[:len(tr.scored.items)*5])
	}
	five, ten := gradient(5), gradient(10)
	for x := range five {
		require.InDelta(t, five[x], 2*ten[x], 1e-6, "four lanes are left of five and of ten")
	}
}

func Test14SaturatedTiesAreNoHits(t *testing.T) {
	// All items score alike: nobody may take the target for found.
	scores := make([]float32, 100)
	for i := range scores {
		scores[i] = 1
	}
	require.Equal(t, 100, conservativeRank(scores, 3))
	scores[3] = 2
	require.Equal(t, 1, conservativeRank(scores, 3))
}

// conservativeRank counts ties against the target.
func conservativeRank(scores []float32, target int32) int {
	rank := 0
	for _, s := range scores {
		if s >= scores[target] {
			rank++
		}
	}
	return rank
}

func Test15OnlyTouchedRowsAreUpdated(t *testing.T) {
	tr, lanes := exercise(small(func(c *Config) { c.Samples, c.Momentum = 0, 0.5 }))
	before := slices.Clone(tr.net.output)
	_, err := tr.step(context.Background(), lanes)
	require.NoError(t, err)
	_, err = tr.step(context.Background(), lanes)
	require.NoError(t, err)
	touched := []int32{1, 2, 4, 5, 6} // fed 1, 1, 5, 6 and scored 2, 4, 1, 1
	for i := range int32(10) {
		at := int(i) * 5
		same := slices.Equal(before[at:at+5], tr.net.outputRow(i))
		require.Equal(t, !slices.Contains(touched, i), same, "item %d", i)
		if same {
			require.Zero(t, tr.output.acc[at], "item %d", i)
			require.Zero(t, tr.output.velocity[at], "item %d", i)
		}
	}
	require.Equal(t, before[5*5+4], tr.net.outputRow(5)[4], "the bias of an item that was only fed")

	bias := tr.net.outputRow(4)[4] // item 4 was scored, and now is only fed
	copy(tr.in, []int32{4, 4, 4, 4})
	copy(tr.out, []int32{1, 2, 1, 2})
	_, err = tr.step(context.Background(), lanes)
	require.NoError(t, err)
	require.Equal(t, bias, tr.net.outputRow(4)[4], "momentum, too, keeps to what was scored")
}

func Test16OnlyTheOwnTargetIsMasked(t *testing.T) {
	// Two lanes share target 0, which was also drawn twice: to each lane three copies of it
	// are negatives.
	x := tile{weight: []float32{4, 1}, own: []own{{0, 0}, {0, 1}}}
	count := make([]float32, 6)
	x.countNegatives(count, 3)
	require.Equal(t, []float32{3, 3, 4, 1, 1, 1}, count)
}
