package item2vec

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func dot(a, b []float32) (s float64) {
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

// step trains on one pair with one item, which leaves nothing to chance, for negatives.
func step(t *testing.T, cfg Config, in, out recsys.Matrix, center, with, negative int32, rate float32) float64 {
	negatives := newSampler([]int32{negative}, make([]int32, negative+1), 0)
	loss, err := newSGNS(cfg, in, out).train(context.Background(), []pair{{center, with}}, negatives, 1, rate)
	require.NoError(t, err)
	return loss
}

func TestStepByHand(t *testing.T) {
	// Input vector of item 0, output vectors of its context 1 and the negative 2.
	in := recsys.Matrix{Rows: 3, Cols: 2, Data: []float32{1, 2, 0, 0, 0, 0}}
	out := recsys.Matrix{Rows: 3, Cols: 2, Data: []float32{0, 0, .5, -.25, 1, .5}}
	const rate = .1
	loss := step(t, Config{Negative: 1}, in, out, 0, 1, 2, rate)

	// in·out₁ = 0 and in·out₂ = 2: gradients 1−σ(0) = .5 and −σ(2) = −.8807971.
	require.InDelta(t, math.Log(2)-math.Log(1-sigmoid(2)), loss, 1e-5)
	require.InDeltaSlice(t, []float64{.5 + .05*1, -.25 + .05*2}, widen(out.Row(1)), 1e-6)
	require.InDeltaSlice(t, []float64{1 - .08807971*1, .5 - .08807971*2}, widen(out.Row(2)), 1e-6)
	require.InDeltaSlice(t, []float64{1 + .05*.5 - .08807971*1, 2 + .05*-.25 - .08807971*.5}, widen(in.Row(0)), 1e-6,
		"the input vector moves by the output vectors as they were before")
}

func widen(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func TestStepFollowsTheNumericGradient(t *testing.T) {
	const d, h = 7, 1e-2
	r := rng.New(4)
	fresh := func() (recsys.Matrix, recsys.Matrix) {
		r.Seed(4)
		in, out := recsys.NewMatrix(3, d), recsys.NewMatrix(3, d)
		r.Fill(in.Data, .5)
		r.Fill(out.Data, .5)
		return in, out
	}
	in, out := fresh()
	loss := func() float64 {
		return -math.Log(sigmoid(dot(in.Row(0), out.Row(1)))) - math.Log(sigmoid(-dot(in.Row(0), out.Row(2))))
	}
	gradient := func(x *float32) float64 {
		old := *x
		*x = old + h
		above := loss()
		*x = old - h
		below := loss()
		*x = old
		return (above - below) / (2 * h)
	}
	rows := map[string][]float32{"input": in.Row(0), "context": out.Row(1), "negative": out.Row(2)}
	want := map[string][]float64{}
	for name, row := range rows {
		for k := range row {
			want[name] = append(want[name], float64(row[k])-gradient(&row[k]))
		}
	}
	step(t, Config{Negative: 1}, in, out, 0, 1, 2, 1)
	for name, row := range rows {
		require.InDeltaSlice(t, want[name], widen(row), 1e-3, name)
	}
}

func TestAnItemAloneInItsBlockHasNoNegatives(t *testing.T) {
	in, out := recsys.NewMatrix(2, 2), recsys.NewMatrix(2, 2)
	step(t, Config{Negative: 5}, in, out, 0, 1, 1, .1)
	require.Equal(t, make([]float32, 4), out.Data, "a zero input moves nothing")
}

func TestSamplerDrawsByCountAndExponent(t *testing.T) {
	counts := []int32{0, 1, 8, 27, 64}
	items := []int32{1, 2, 3, 4}
	for _, exponent := range []float64{-1, 0, 1. / 3, 1} {
		s := newSampler(items, counts, exponent)
		sum := 0.
		for _, i := range items {
			sum += math.Pow(float64(counts[i]), exponent)
		}
		const n = 200_000
		drawn := make([]float64, len(counts))
		r := rng.New(9)
		for range n {
			drawn[s.draw(uint32(r.Uint64()))]++
		}
		require.Zero(t, drawn[0])
		for _, i := range items {
			p := math.Pow(float64(counts[i]), exponent) / sum
			require.InDelta(t, p, drawn[i]/n, 5*math.Sqrt(p/n), "exponent %v, item %d", exponent, i)
		}
	}
}

func TestPartitionDealsEveryItemOnceAndEvenly(t *testing.T) {
	counts := make([]int32, 1000)
	ordered := make([]int32, len(counts))
	for i := range counts {
		counts[i], ordered[i] = int32(1000-i), int32(i)
	}
	p := newPartition(ordered, counts, 0, rng.New(1))
	require.Equal(t, maxBlocks, p.blocks)
	load := make([]int, p.blocks)
	for i, b := range p.blockOf {
		load[b] += int(counts[i])
	}
	for b, sampler := range p.negatives {
		require.Len(t, sampler, 125)
		require.InEpsilon(t, load[0], load[b], .05)
		for _, c := range sampler {
			require.EqualValues(t, b, p.blockOf[c.items[1]])
		}
	}
	require.Equal(t, 1, newPartition(ordered[:100], counts, 0, rng.New(1)).blocks, "a small catalogue is one block")
}

func TestSentencesAreCutAtGapsAndShuffledWithinAMoment(t *testing.T) {
	x, err := recsys.NewCSR(1, 6, []recsys.Entry{{Col: 0, Value: 1}, {Col: 1, Value: 1}, {Col: 2, Value: 1}, {Col: 3, Value: 1}, {Col: 4, Value: 1}})
	require.NoError(t, err)
	d := &recsys.Dataset{Interactions: x, Sequences: &recsys.Sequences{Indptr: []int64{0, 6},
		Items: []int32{0, 1, 2, 3, 4, 3}, Times: []int64{10, 20, 20, 500, 501, 502}}}
	c := newCorpus(d, Config{MinCount: 1, SessionGap: 100})
	orders := map[string]bool{}
	for seed := range uint64(20) {
		var got [][]int32
		c.sentences(0, rng.New(seed), nil, func(s []int32) { got = append(got, append([]int32(nil), s...)) })
		require.Len(t, got, 2)
		require.EqualValues(t, 0, got[0][0])
		require.ElementsMatch(t, []int32{1, 2}, got[0][1:])
		require.Equal(t, []int32{3, 4, 3}, got[1])
		orders[string(rune(got[0][1]))] = true
	}
	require.Len(t, orders, 2, "events of one moment come in either order")

	c = newCorpus(d, Config{MinCount: 2})
	c.sentences(0, rng.New(1), nil, func(s []int32) { require.Equal(t, []int32{3, 3}, s, "only item 3 has two events") })
}
