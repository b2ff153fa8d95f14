package lightfm

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

func csr(t testing.TB, rows, cols int, entries ...recsys.Entry) *recsys.CSR {
	x, err := recsys.NewCSR(rows, cols, entries)
	require.NoError(t, err)
	return x
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func TestRankWeights(t *testing.T) {
	w := rankWeights(1001, 10)
	require.InDelta(t, math.Log(1000), w[1], 1e-6)
	require.InDelta(t, math.Log(333), w[3], 1e-6, "the rank is rounded down")
	require.InDelta(t, math.Log(100), w[10], 1e-6)
	require.Zero(t, rankWeights(4, 10)[5], "a rank below 1 counts as 1")
	require.Equal(t, float32(10), rankWeights(1_000_000, 1)[1], "clipped")
}

// One user has item 0 of 100; the others are alike, so that whichever is drawn violates the
// order with the same gradient. All is done by hand.
func TestFirstStepByHand(t *testing.T) {
	cfg := DefaultConfig()
	cfg.NoComponents, cfg.LearningRate, cfg.MaxSampled, cfg.Workers = 2, 0.5, 1, 1
	data := &recsys.Dataset{Interactions: csr(t, 1, 100, recsys.Entry{Row: 0, Col: 0, Value: 1})}
	tr := newTrainer(&cfg, data, 1)
	copy(tr.users.own.w, []float32{1, 2, 0})
	for i := range 100 {
		copy(tr.items.own.row(i), []float32{0.5, 0.25, 0.1})
	}
	loss, err := tr.pass(context.Background(), 0)
	require.NoError(t, err)
	l := math.Log(99)
	require.InDelta(t, l, loss, 1e-6)
	// q_i = q_j: the user stays. An item moves by η·g/√(1 + g²) with g = ±L·(1, 2, 1).
	require.Equal(t, []float32{1, 2, 0}, tr.users.own.w)
	move := func(g float64) float64 { return 0.5 * g / math.Sqrt(1+g*g) }
	require.InDeltaSlice(t, []float64{0.5 + move(l), 0.25 + move(2*l), 0.1 + move(l)}, widen(tr.items.own.row(0)), 1e-6)
	require.InDeltaSlice(t, []float64{1 + l*l, 1 + 4*l*l, 1 + l*l}, widen(tr.items.own.grad[:3]), 1e-4)
	moved := 0
	for i := 1; i < 100; i++ {
		if tr.items.own.row(i)[0] != 0.5 {
			moved++
			require.InDeltaSlice(t, []float64{0.5 - move(l), 0.25 - move(2*l), 0.1 - move(l)}, widen(tr.items.own.row(i)), 1e-6)
		}
	}
	require.Equal(t, 1, moved)
}

// numeric is the derivative of f by each of x.
func numeric(f func(x []float64) float64, x []float64) []float64 {
	g := make([]float64, len(x))
	for k := range x {
		const h = 1e-5
		up, down := slices.Clone(x), slices.Clone(x)
		up[k] += h
		down[k] -= h
		g[k] = (f(up) - f(down)) / (2 * h)
	}
	return g
}

func dot64(p, q []float64) float64 {
	s := 0.0
	for f := range p {
		s += p[f] * q[f]
	}
	return s
}

// Every loss against numeric derivatives, by the vectors p, q_i and q_j with their biases.
func TestGradients(t *testing.T) {
	const d = 5
	r := rng.New(4)
	for range 10 {
		all := make([]float32, 3*d)
		r.Fill(all, 1)
		p, qi, qj := all[:d], all[d:2*d], all[2*d:]
		gu, gi, gj := make([]float32, d), make([]float32, d), make([]float32, d)
		got := func() []float64 { return widen(slices.Concat(gu, gi, gj)) }
		s := func(x []float64, item int) float64 {
			q := x[item*d : (item+1)*d]
			return dot64(x[:d-1], q[:d-1]) + q[d-1] + x[d-1]
		}
		x := widen(all)

		pairGradient(2.5, p, qi, qj, gu, gi, gj)
		require.InDeltaSlice(t, numeric(func(x []float64) float64 { return 2.5 * (s(x, 2) - s(x, 1)) }, x), got(), 1e-4, "warp")

		diff := score(p, qi) - score(p, qj)
		pairGradient(sigmoid(-diff), p, qi, qj, gu, gi, gj)
		bpr := func(x []float64) float64 { return math.Log1p(math.Exp(s(x, 2) - s(x, 1))) }
		require.InDeltaSlice(t, numeric(bpr, x), got(), 1e-4, "bpr")
		require.InDelta(t, bpr(x), softplus(-diff), 1e-5)

		for label, sign := range map[float32]float64{1: 1, 0: -1} {
			clear(gj)
			loss := pointGradient(label, p, qi, gu, gi)
			logistic := func(x []float64) float64 { return math.Log1p(math.Exp(-sign * s(x, 1))) }
			require.InDeltaSlice(t, numeric(logistic, x), got(), 1e-4, "logistic")
			require.InDelta(t, logistic(x), loss, 1e-5)
		}
	}
}

// A step through the features of user and items follows the derivative by the parameters of
// each feature, own and shared, with the value as factor.
func TestStepReachesEveryFeature(t *testing.T) {
	cfg := DefaultConfig()
	cfg.NoComponents, cfg.LearningRate, cfg.Loss = 3, 0.5, BPR
	names := func(n int) []string { return make([]string, n) }
	data := &recsys.Dataset{
		Interactions: csr(t, 1, 2, recsys.Entry{Row: 0, Col: 0, Value: 1}),
		UserFeatures: &recsys.Features{Names: names(1), Matrix: csr(t, 1, 1, recsys.Entry{Row: 0, Col: 0, Value: 2})},
		ItemFeatures: &recsys.Features{Names: names(2), Matrix: csr(t, 2, 2, recsys.Entry{Row: 0, Col: 0, Value: 0.5}, recsys.Entry{Row: 1, Col: 1, Value: 3})},
	}
	tr := newTrainer(&cfg, data, 1)
	tr.items.untrained[1] = false // train all
	r := rng.New(2)
	tables := []*table{&tr.users.own, &tr.users.shared, &tr.items.own, &tr.items.shared}
	var at []float64
	for _, table := range tables {
		r.Fill(table.w, 1)
		at = append(at, widen(table.w)...)
	}
	_, err := tr.pass(context.Background(), 0)
	require.NoError(t, err)
	var after []float64
	for _, table := range tables {
		after = append(after, widen(table.w)...)
	}
	// Rows of 4: user, its feature, items 0 and 1, their features 0 and 1.
	objective := func(w []float64) float64 {
		row := func(i int) []float64 { return w[4*i : 4*i+4] }
		sum := func(own, feature []float64, value float64) []float64 {
			s := slices.Clone(own)
			for f := range s {
				s[f] += value * feature[f]
			}
			return s
		}
		p, qi, qj := sum(row(0), row(1), 2), sum(row(2), row(4), 0.5), sum(row(3), row(5), 3)
		x := dot64(p[:3], qi[:3]) + qi[3] - dot64(p[:3], qj[:3]) - qj[3]
		return math.Log1p(math.Exp(-x))
	}
	for k, g := range numeric(objective, at) {
		require.InDelta(t, at[k]-0.5*g/math.Sqrt(1+g*g), after[k], 1e-5, "parameter %d", k)
	}
}

func TestAdadeltaByHand(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Schedule, cfg.Rho, cfg.Epsilon = Adadelta, 0.9, 0.01
	r := cfg.rule()
	table := r.newTable(1, 1)
	// g = 2: E[g²] = 0.4; step 2·√0.01/√0.41; E[step²] = 0.1·step².
	r.take(&table, 0, []float32{2})
	first := 2 * math.Sqrt(0.01) / math.Sqrt(0.41)
	require.InDelta(t, -first, table.w[0], 1e-6)
	// g = 1: E[g²] = 0.36 + 0.1; step √(E[step²] + 0.01)/√0.47.
	r.take(&table, 0, []float32{1})
	second := math.Sqrt(0.1*first*first+0.01) / math.Sqrt(0.47)
	require.InDelta(t, -first-second, table.w[0], 1e-6)
}

func TestDecayByHand(t *testing.T) {
	cfg := DefaultConfig()
	cfg.LearningRate = 0.5
	r := cfg.rule()
	table := r.newTable(2, 1)
	table.w[0], table.w[1] = 2, 2
	table.grad[0] = 4
	r.decay(&table, 0, 2, 0.1, 8)
	// 8 steps on 0.1·w at rates 0.5/√4 and 0.5/√1.
	require.InDelta(t, 2/(1+0.1*8*0.25), table.w[0], 1e-6)
	require.InDelta(t, 2/(1+0.1*8*0.5), table.w[1], 1e-6)
}

// A feature that one block changed is as that block left it; one that two changed moves by the
// mean, weighted by their steps.
func TestMergeByHand(t *testing.T) {
	cfg := DefaultConfig()
	for _, cfg.Schedule = range []Schedule{Adagrad, Adadelta} {
		r := cfg.rule()
		base := r.newTable(3, 1)
		base.w, base.grad = []float32{1, 2, 3}, []float32{1, 1, 1}
		a, b := newCopies(3, 1), newCopies(3, 1)
		change := func(c *copies, f, steps int, w, grad float32) {
			at := 0
			for range steps {
				at = c.of(&base, f)
			}
			c.w[at], c.grad[at] = w, grad
			if cfg.Schedule == Adadelta {
				c.step[at] = 4 * w
			}
		}
		change(a, 1, 1, 2.5, 5)
		change(a, 0, 2, 0, 2)
		change(b, 1, 3, 1, 9)
		r.merge(&base, []*copies{a, b})
		require.Equal(t, []float32{0, 2 + 0.25*0.5 - 0.75*1, 3}, base.w)
		require.Equal(t, []float32{2, 1 + 0.25*4 + 0.75*8, 1}, base.grad)
		if cfg.Schedule == Adadelta {
			require.Equal(t, []float32{0, 0.25*10 + 0.75*4, 0}, base.step)
		}
		require.Empty(t, a.features)
		require.Empty(t, b.steps)
		require.Equal(t, []int32{0, 0, 0}, a.at)
		require.Equal(t, []int32{0, 0, 0}, b.at)
	}
}

func TestKth(t *testing.T) {
	drawn := func() []placed { return []placed{{1, 0.5}, {2, 0.9}, {3, 0.1}} }
	require.Equal(t, 2, kth(drawn(), 1))
	require.Equal(t, 1, kth(drawn(), 2))
	require.Equal(t, 3, kth(drawn(), 5), "the last of fewer")
}

// An item that nobody had is its features alone, as is one added later.
func TestUnseenItemIsItsFeatures(t *testing.T) {
	cfg := DefaultConfig()
	cfg.NoComponents, cfg.Epochs = 4, 5
	var had []recsys.Entry
	for u := range int32(20) {
		had = append(had, recsys.Entry{Row: u, Col: u % 5, Value: 1}, recsys.Entry{Row: u, Col: 5 + u%3, Value: 1})
	}
	tags := []recsys.Entry{{Row: 8, Col: 0, Value: 1}, {Row: 8, Col: 2, Value: 0.5}}
	for i := range int32(8) {
		tags = append(tags, recsys.Entry{Row: i, Col: i % 3, Value: 1})
	}
	m, err := New(cfg)
	require.NoError(t, err)
	require.NoError(t, m.Fit(context.Background(), &recsys.Dataset{
		Interactions: csr(t, 20, 9, had...),
		ItemFeatures: &recsys.Features{Names: make([]string, 3), Matrix: csr(t, 9, 3, tags...)},
	}))
	p, err := m.fitted.Get()
	require.NoError(t, err)
	for f, v := range p.items.Row(8) {
		require.InDelta(t, p.itemFeatures.Row(0)[f]+0.5*p.itemFeatures.Row(2)[f], v, 1e-6)
	}
	require.NoError(t, m.AddItems(context.Background(), recsys.NewItems{Count: 1,
		Features: csr(t, 1, 3, recsys.Entry{Row: 0, Col: 0, Value: 1}, recsys.Entry{Row: 0, Col: 2, Value: 0.5})}))
	require.Equal(t, p.items.Row(8), m.ItemVectors().Row(9))
}
