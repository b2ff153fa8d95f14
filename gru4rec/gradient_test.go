package gru4rec

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

var everyLoss = []Loss{CrossEntropy, BPRMax, TOP1Max, BPR, TOP1}

// small is a configuration whose gradients can be counted.
func small(change func(*Config)) *Config {
	c := DefaultConfig()
	c.HiddenSize, c.BatchSize, c.Samples, c.EmbeddingDropout = 4, 5, 12, 0
	c.LearningRate, c.Momentum = 1e-3, 0
	if change != nil {
		change(&c)
	}
	return &c
}

// inOrder is the order that the sessions stand in.
func inOrder(items ...[]int32) *order {
	s := &recsys.Sequences{Indptr: []int64{0}}
	for _, session := range items {
		s.Items = append(s.Items, session...)
		s.Indptr = append(s.Indptr, int64(len(s.Items)))
	}
	s.Times = make([]int64, len(s.Items))
	return trainingOrder(s, 0)
}

// exercise is a trainer in the middle of things: biases and H are not zero, item 1 is fed
// twice, predicted twice and both, and of five lanes one is gone.
func exercise(cfg *Config) (t *trainer, lanes int) {
	t = newTrainer(cfg, inOrder([]int32{1, 2, 3}, []int32{1, 4}, []int32{5, 1}, []int32{6, 1}, []int32{7, 8, 9, 2, 1}), 10)
	r := rng.New(7)
	for _, x := range t.net.tensors() {
		for i := range *x.data {
			(*x.data)[i] += float32(0.3 * r.Normal())
		}
	}
	for _, s := range t.layers {
		r.Fill(s.prev, 0.5)
	}
	copy(t.in, []int32{1, 1, 5, 6})
	copy(t.out, []int32{2, 4, 1, 1})
	return t, 4
}

// referenceLoss is the loss of the step that t has just done, by weights ref.
func referenceLoss(t *trainer, ref *refNetwork, lanes int, samples []int32) float64 {
	columns := append(slices.Clone(t.out[:lanes]), samples...)
	total := 0.0
	for m := range lanes {
		var prev, masks [][]float64
		h := t.net.hidden
		for _, s := range t.layers {
			prev = append(prev, wide(s.prev[m*h:(m+1)*h]))
			if s.mask != nil {
				masks = append(masks, wide(s.mask[m*h:(m+1)*h]))
			}
		}
		var drop []float64
		if t.drop != nil {
			drop = wide(t.drop[m*t.net.inputWidth : (m+1)*t.net.inputWidth])
		}
		states := ref.hidden64(t.in[m], prev, drop, masks)
		o := ref.scores64(states[len(states)-1], columns)
		total += refLoss(t.cfg, o, columns, lanes, m, t.counts)
	}
	return total / float64(t.cfg.BatchSize)
}

// gradients of the step that t has just done, its first, by tensor name, dense. Those of the layers
// show in what the optimiser did: Adagrad's sums are their squares, and the weights, which were
// before, went the other way.
func gradients(t *trainer, before *refNetwork) map[string][]float64 {
	g := map[string][]float64{"output": make([]float64, len(t.net.output)), "input": make([]float64, len(t.net.input))}
	for name, set := range map[string]*rowSet{"output": &t.scored, "input": &t.fed} {
		for at, i := range set.items {
			copy(g[name][int(i)*set.width:], wide(set.gradient(at)))
		}
	}
	for l := range t.net.cells {
		for part, w := range map[string]*weights{"wx": t.wx[l], "wh": t.wh[l], "bx": t.bx[l], "bh": t.bh[l]} {
			name := fmt.Sprintf("layer%d.%s", l, part)
			for x, now := range w.w {
				went := float64(now) - before.w[name][x]
				g[name] = append(g[name], math.Copysign(math.Sqrt(float64(w.acc[x])), -went))
			}
		}
	}
	return g
}

// Every gradient is the slope of the reference loss, for every loss and every way to feed.
func TestGradients(t *testing.T) {
	inputs := map[string]func(*Config){
		"shared":   func(c *Config) { c.EmbeddingDropout = 0.3 },
		"separate": func(c *Config) { c.ConstrainedEmbedding, c.Embedding, c.EmbeddingDropout = false, 3, 0.3 },
		"one-hot":  func(c *Config) { c.ConstrainedEmbedding = false },
		"in-batch": func(c *Config) { c.Samples = 0 },
		"layers":   func(c *Config) { c.Layers, c.Dropout = 2, 0.3 },
		"linear":   func(c *Config) { c.EluParam = 0 },
	}
	for name, change := range inputs {
		for _, loss := range everyLoss {
			t.Run(name+"/"+string(loss), func(t *testing.T) {
				tr, lanes := exercise(small(func(c *Config) { change(c); c.Loss = loss }))
				ref := newReference(tr.net)
				sum, err := tr.step(context.Background(), lanes)
				require.NoError(t, err)
				var samples []int32
				r := rng.New(tr.cfg.Seed, streamNegatives)
				for range tr.cfg.Samples {
					samples = append(samples, tr.sampler.draw(r))
				}
				require.InDelta(t, referenceLoss(tr, ref, lanes, samples), sum/float64(tr.cfg.BatchSize), 1e-5)
				for name, got := range gradients(tr, ref) {
					w := ref.w[name]
					for x := range w {
						const step = 1e-5
						was := w[x]
						w[x] = was + step
						up := referenceLoss(tr, ref, lanes, samples)
						w[x] = was - step
						down := referenceLoss(tr, ref, lanes, samples)
						w[x] = was
						want := (up - down) / (2 * step)
						require.InDelta(t, want, got[x], 1e-5+1e-4*math.Abs(want), "%s[%d]", name, x)
					}
				}
			})
		}
	}
}
