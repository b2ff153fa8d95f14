package gru4rec

import (
	"math"
)

// The network and the losses once more, as the official code writes them: a row of scores per
// lane, a column per target and sample, no shortcuts, float64.

type refNetwork struct {
	*network
	w map[string][]float64 // by tensor name
}

func newReference(n *network) *refNetwork {
	r := &refNetwork{network: n, w: map[string][]float64{}}
	for _, t := range n.tensors() {
		w := make([]float64, len(*t.data))
		for x, v := range *t.data {
			w[x] = float64(v)
		}
		r.w[t.name] = w
	}
	return r
}

func wide(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func sigmoid64(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// hidden is H of all layers of one lane after it was fed an item.
func (r *refNetwork) hidden64(item int32, prev [][]float64, drop []float64, masks [][]float64) [][]float64 {
	var x []float64
	if r.input == nil {
		x = r.w["output"][int(item)*(r.hidden+1):][:r.hidden]
	} else {
		x = r.w["input"][int(item)*r.inputWidth:][:r.inputWidth]
	}
	x = append([]float64(nil), x...)
	for j := range drop {
		x[j] *= drop[j]
	}
	var out [][]float64
	h := r.hidden
	for l, c := range r.cells {
		name := "layer" + string(rune('0'+l))
		gates := append([]float64(nil), r.w[name+".bx"]...)
		if c.in == 0 {
			for j, v := range x {
				gates[j] += v
			}
		}
		for i := range c.in {
			for j := range gates {
				gates[j] += x[i] * r.w[name+".wx"][i*3*h+j]
			}
		}
		recur := make([]float64, 3*h)
		copy(recur[2*h:], r.w[name+".bh"])
		for i, v := range prev[l] {
			for j := range recur {
				recur[j] += v * r.w[name+".wh"][i*3*h+j]
			}
		}
		state := make([]float64, h)
		for j := range state {
			reset, update := sigmoid64(gates[j]+recur[j]), sigmoid64(gates[h+j]+recur[h+j])
			next := math.Tanh(gates[2*h+j] + reset*recur[2*h+j])
			state[j] = (1-update)*next + update*prev[l][j]
			if masks != nil {
				state[j] *= masks[l][j]
			}
		}
		out = append(out, state)
		x = state
	}
	return out
}

// scores64 are the scores of columns for a last H.
func (r *refNetwork) scores64(state []float64, columns []int32) []float64 {
	out := make([]float64, len(columns))
	for c, i := range columns {
		row := r.w["output"][int(i)*(r.hidden+1):]
		out[c] = row[r.hidden]
		for j, v := range state {
			out[c] += v * row[j]
		}
	}
	return out
}

// refLoss is the loss of one lane: o are its scores of all columns, of which the first lanes
// are the targets of the batch and target its own.
func refLoss(c *Config, o []float64, columns []int32, lanes, target int, counts []int64) float64 {
	o = append([]float64(nil), o...)
	negatives := func(f func(j int)) {
		for j := range o {
			if j != target {
				f(j)
			}
		}
	}
	softmax := func() []float64 {
		s, sum := make([]float64, len(o)), 0.0
		negatives(func(j int) { s[j] = math.Exp(o[j]); sum += s[j] })
		for j := range s {
			s[j] /= sum
		}
		return s
	}
	loss := 0.0
	switch c.Loss {
	case CrossEntropy:
		sum := 0.0
		for j := range o {
			p := float64(counts[columns[j]])
			if j >= lanes {
				p = math.Pow(p, c.SampleAlpha)
			}
			o[j] -= c.LogQ * math.Log(p)
			sum += math.Exp(o[j])
		}
		return math.Log(sum) - o[target]
	case BPRMax:
		if c.EluParam > 0 {
			for j, v := range o {
				if v < 0 {
					o[j] = c.EluParam * (math.Exp(v) - 1)
				}
			}
		}
		win, square := 0.0, 0.0
		for j, s := range softmax() {
			win += s * sigmoid64(o[target]-o[j])
			square += s * o[j] * o[j]
		}
		return -math.Log(win+1e-24) + c.BPReg*square
	case TOP1Max:
		for j, s := range softmax() {
			loss += s * (sigmoid64(o[j]-o[target]) + sigmoid64(o[j]*o[j]))
		}
	case TOP1:
		negatives(func(j int) { loss += sigmoid64(o[j]-o[target]) + sigmoid64(o[j]*o[j]) })
		loss /= float64(len(o))
	case BPR:
		negatives(func(j int) { loss -= math.Log(sigmoid64(o[target] - o[j])) })
	}
	return loss
}
