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
	matrix := func(w *weights, x []float32, in int, by ...columns) {
		for lo := 0; lo < in; lo += rowChunk {
			tasks = append(tasks, func() { t.updateRows(w, x, in, lo, min(lo+rowChunk, in), lanes, by) })
		}
	}
	h := t.net.hidden
	for l := range t.net.cells {
		c, s := &t.net.cells[l], t.layers[l]
		matrix(t.wx[l], s.x, c.in, columns{s.gates, 3 * h, 3 * h})
		matrix(t.wh[l], s.prev, h, columns{s.gates, 3 * h, 2 * h}, columns{s.recur, h, h})
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

// columns are the first n of lanes × stride values.
type columns struct {
	data      []float32
	stride, n int
}

// updateRows takes rows [lo, hi) of a layer's matrix one step: their gradient is xᵀ·d, with x
// lanes × in and d the columns by beside each other.
func (t *trainer) updateRows(w *weights, x []float32, in, lo, hi, lanes int, by []columns) {
	g := 3 * t.net.hidden
	room := t.rowGradients.Get().(*[]float32)
	defer t.rowGradients.Put(room)
	grad := (*room)[:(hi-lo)*g]
	clear(grad)
	at := 0
	for _, d := range by {
		for m := 0; m < lanes; m += laneBlock {
			f32.Gemm(f32.Matrix{Data: grad[at:], Stride: g}, 1, f32.Matrix{Data: x[m*in+lo:], Stride: in, Transposed: true},
				f32.Matrix{Data: d.data[m*d.stride:], Stride: d.stride}, hi-lo, d.n, min(laneBlock, lanes-m))
		}
		at += d.n
	}
	t.opt.step(w, lo*g, grad)
}

func (t *trainer) updateBiases(l, lanes int) {
	h, s := t.net.hidden, t.layers[l]
	bx, bh := t.dBx[l], t.dBh[l]
	clear(bx)
	clear(bh)
	for m := range lanes {
		f32.Add(bx, s.gates[m*3*h:(m+1)*3*h])
		f32.Add(bh, s.recur[m*h:(m+1)*h])
	}
	t.opt.step(t.bx[l], 0, bx)
	t.opt.step(t.bh[l], 0, bh)
}
