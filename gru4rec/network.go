package gru4rec

import (
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// Streams of random numbers, by what they are for.
const (
	streamInit = iota
	streamNegatives
	streamDropout
)

// network holds the weights.
type network struct {
	hidden int
	cells  []cell
	// output is items × (hidden+1): each item's output vector and its bias.
	output []float32
	// input is items × inputWidth, or nil where the output vectors are the input vectors.
	input      []float32
	inputWidth int
}

func (n *network) items() int { return len(n.output) / (n.hidden + 1) }

func (n *network) outputRow(i int32) []float32 {
	d := n.hidden + 1
	return n.output[int(i)*d : (int(i)+1)*d]
}

// vectors are all rows of the output, items × (hidden + 1).
func (n *network) vectors() recsys.Matrix {
	return recsys.Matrix{Rows: n.items(), Cols: n.hidden + 1, Data: n.output}
}

// inputRow is what item i feeds to the first layer.
func (n *network) inputRow(i int32) []float32 {
	if n.input == nil {
		return n.outputRow(i)[:n.hidden]
	}
	return n.input[int(i)*n.inputWidth : (int(i)+1)*n.inputWidth]
}

// emptyNetwork returns a network without weights, whose cells know their sizes.
func emptyNetwork(cfg *Config) *network {
	n := &network{hidden: cfg.HiddenSize, inputWidth: cfg.inputWidth()}
	for l := range cfg.Layers {
		c := cell{in: cfg.HiddenSize, hidden: cfg.HiddenSize}
		if l == 0 {
			c.in = n.inputWidth
			if cfg.oneHot() {
				c.in = 0
			}
		}
		n.cells = append(n.cells, c)
	}
	return n
}

// newNetwork draws weights uniformly from ±√(6/(rows+columns)), each gate a matrix of its own;
// biases are 0.
func newNetwork(cfg *Config, items int) *network {
	r := rng.New(cfg.Seed, streamInit)
	n := emptyNetwork(cfg)
	h := n.hidden
	n.output = make([]float32, items*(h+1))
	bound := math.Sqrt(6 / float64(items+h))
	for i := range items {
		uniform(r, n.outputRow(int32(i))[:h], bound)
	}
	if !cfg.ConstrainedEmbedding {
		n.input = make([]float32, items*n.inputWidth)
		columns := n.inputWidth
		if cfg.oneHot() {
			columns /= 3 // three gates
		}
		uniform(r, n.input, math.Sqrt(6/float64(items+columns)))
	}
	for l := range n.cells {
		c := &n.cells[l]
		c.wx, c.wh = make([]float32, c.in*3*h), make([]float32, h*3*h)
		c.bx, c.bh = make([]float32, 3*h), make([]float32, h)
		uniform(r, c.wx, math.Sqrt(6/float64(c.in+h)))
		uniform(r, c.wh, math.Sqrt(6/float64(h+h)))
	}
	return n
}

func uniform(r *rng.Rand, x []float32, bound float64) {
	for i := range x {
		x[i] = float32((2*r.Float64() - 1) * bound)
	}
}
