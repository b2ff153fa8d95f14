package lightfm

// copies are the shared features that a block has changed in a round.
type copies struct {
	table
	at       []int32 // feature → its row in table, plus one; 0 for none
	features []int32 // the reverse
}

func newCopies(features, d int) *copies {
	return &copies{table: table{d: d}, at: make([]int32, features)}
}

// of returns the row of the copy of feature f of base, made at the first call.
func (c *copies) of(base *table, f int) int {
	if at := c.at[f]; at > 0 {
		return int(at) - 1
	}
	lo, hi := f*c.d, (f+1)*c.d
	c.w = append(c.w, base.w[lo:hi]...)
	c.grad = append(c.grad, base.grad[lo:hi]...)
	if base.step != nil {
		c.step = append(c.step, base.step[lo:hi]...)
	}
	c.features = append(c.features, int32(f))
	c.at[f] = int32(len(c.features))
	return len(c.features) - 1
}

// reset forgets the copies and keeps their memory.
func (c *copies) reset() {
	for _, f := range c.features {
		c.at[f] = 0
	}
	c.w, c.grad, c.step, c.features = c.w[:0], c.grad[:0], c.step[:0], c.features[:0]
}

// merge brings the copies of all blocks of a round together in base, in the order of the
// blocks, as the package comment says.
func (r *rule) merge(base *table, blocks []*copies) {
	d := base.d
	holders := make([]*copies, 0, len(blocks))
	moved := make([]float32, d)
	for _, c := range blocks {
		for _, f := range c.features {
			if c.at[f] == 0 {
				continue // merged with an earlier block's
			}
			holders = holders[:0]
			for _, h := range blocks {
				if h.at[f] > 0 {
					holders = append(holders, h)
				}
			}
			r.mergeRow(base, int(f), holders, moved)
			for _, h := range holders {
				h.at[f] = 0
			}
		}
	}
	for _, c := range blocks {
		c.reset()
	}
}

// mergeRow merges feature f out of its copies; moved is scratch.
func (r *rule) mergeRow(base *table, f int, holders []*copies, moved []float32) {
	lo, hi := f*base.d, (f+1)*base.d
	w, grad := base.w[lo:hi], base.grad[lo:hi]
	clear(moved)
	if r.schedule == Adagrad {
		for k := range w {
			total := grad[k]
			for _, h := range holders {
				total += h.grad[h.index(f)+k] - grad[k]
			}
			for _, h := range holders {
				own := h.index(f) + k
				moved[k] += (h.w[own] - w[k]) * sqrt(h.grad[own]/total)
			}
			w[k] += moved[k]
			grad[k] = total
		}
		return
	}
	step := base.step[lo:hi]
	n := float32(len(holders))
	for k := range w {
		var gradients, steps float32
		for _, h := range holders {
			own := h.index(f) + k
			moved[k] += h.w[own] - w[k]
			gradients += h.grad[own]
			steps += h.step[own]
		}
		w[k] += moved[k] / sqrt(n)
		grad[k], step[k] = gradients/n, steps/n
	}
}

// index is where the copy of feature f starts in the slices.
func (c *copies) index(f int) int { return (int(c.at[f]) - 1) * c.d }
