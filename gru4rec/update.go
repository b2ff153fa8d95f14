package gru4rec

import (
	"context"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
)

// update computes the gradients of the layers' weights and takes a step of the optimiser with
// everything that the step touched.
func (t *trainer) update(ctx context.Context, lanes int) error {
	var tasks []func()
	for l := range t.net.cells {
		c := &t.net.cells[l]
		for lo := 0; lo < c.in; lo += rowChunk {
			hi := min(lo+rowChunk, c.in)
			tasks = append(tasks, func() {
				t.updateRows(t.wx[l], t.dWx[l], t.layers[l].x, t.layers[l].dGates, c.in, lo, hi, lanes)
			})
		}
		for lo := 0; lo < c.hidden; lo += rowChunk {
			hi := min(lo+rowChunk, c.hidden)
			tasks = append(tasks, func() {
				t.updateRows(t.wh[l], t.dWh[l], t.layers[l].prev, t.layers[l].dRecur, c.hidden, lo, hi, lanes)
			})
		}
		tasks = append(tasks, func() { t.updateBiases(l, lanes) })
	}
	for _, table := range []struct {
		weights *weights
		set     *rowSet
		whole   int // rows whose bias, too, has a gradient
		part    int // width of the other rows
	}{
		{t.output, &t.scored, t.nScored, t.net.hidden},
		{t.input, &t.fed, len(t.fed.items), t.net.inputWidth},
	} {
		set := table.set
		for lo := 0; lo < len(set.items); lo += rowChunk {
			hi := min(lo+rowChunk, len(set.items))
			tasks = append(tasks, func() {
				for at := lo; at < hi; at++ {
					g := set.gradient(at)
					if at >= table.whole {
						g = g[:table.part]
					}
					t.opt.step(table.weights, int(set.items[at])*set.width, g)
				}
			})
		}
	}
	return par.Chunks(ctx, len(tasks), 1, t.cfg.Workers, func(_, at, _ int) error {
		tasks[at]()
		return nil
	})
}

// updateRows takes rows [lo, hi) of a layer's matrix one step: their gradient is xᵀ·d, with x
// lanes × in and d lanes × 3·hidden.
func (t *trainer) updateRows(w *weights, grad, x, d []float32, in, lo, hi, lanes int) {
	g := 3 * t.net.hidden
	part := grad[lo*g : hi*g]
	clear(part)
	f32.Gemm(f32.Matrix{Data: part, Stride: g}, 1,
		f32.Matrix{Data: x[lo:], Stride: in, Transposed: true}, f32.Matrix{Data: d, Stride: g}, hi-lo, g, lanes)
	t.opt.step(w, lo*g, part)
}

func (t *trainer) updateBiases(l, lanes int) {
	h, s := t.net.hidden, t.layers[l]
	bx, bh := t.dBx[l], t.dBh[l]
	clear(bx)
	clear(bh)
	for m := range lanes {
		f32.Add(bx, s.dGates[m*3*h:(m+1)*3*h])
		f32.Add(bh, s.dRecur[m*3*h+2*h:(m+1)*3*h])
	}
	t.opt.step(t.bx[l], 0, bx)
	t.opt.step(t.bh[l], 0, bh)
}
