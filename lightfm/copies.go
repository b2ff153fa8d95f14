package lightfm

// copies are the shared features that a block has changed in a round.
type copies struct {
	table
	at       []int32   // feature → its row in table, plus one; 0 for none
	features []int32   // the reverse
	steps    []float32 // taken by each row
}

func newCopies(features, d int) *copies {
	return &copies{table: table{d: d}, at: make([]int32, features)}
}

// of returns the row of the copy of feature f of base, made at the first call, and counts
// the step that it is asked for.
func (c *copies) of(base *table, f int) int {
	if at := c.at[f]; at > 0 {
		c.steps[at-1]++
		return int(at) - 1
	}
	c.steps = append(c.steps, 1)
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
	c.w, c.grad, c.step = c.w[:0], c.grad[:0], c.step[:0]
	c.features, c.steps = c.features[:0], c.steps[:0]
}

// merge brings the copies of all blocks of a round together in base, in the order of the
// blocks: a feature changes by the mean of what it changed in the blocks, weighted by the
// steps taken there.
func (r *rule) merge(base *table, blocks []*copies) {
	holders := make([]*copies, 0, len(blocks))
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
			r.mergeRow(base, int(f), holders)
			for _, h := range holders {
				h.at[f] = 0
			}
		}
	}
	for _, c := range blocks {
		c.reset()
	}
}

// mergeRow merges feature f out of its copies.
func (r *rule) mergeRow(base *table, f int, holders []*copies) {
	var total float32
	for _, h := range holders {
		total += h.steps[h.at[f]-1]
	}
	// What changed is first taken from all copies and then added: base is where they started.
	merge := func(base []float32, of func(*copies) []float32) {
		for k, was := range base {
			var moved float32
			for _, h := range holders {
				moved += h.steps[h.at[f]-1] / total * (of(h)[h.index(f)+k] - was)
			}
			base[k] += moved
		}
	}
	lo, hi := f*base.d, (f+1)*base.d
	merge(base.w[lo:hi], func(c *copies) []float32 { return c.w })
	merge(base.grad[lo:hi], func(c *copies) []float32 { return c.grad })
	if r.schedule == Adadelta {
		merge(base.step[lo:hi], func(c *copies) []float32 { return c.step })
	}
}

// index is where the copy of feature f starts in the slices.
func (c *copies) index(f int) int { return (int(c.at[f]) - 1) * c.d }
