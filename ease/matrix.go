package ease

import (
	"context"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
	"github.com/recsys-lite/recsys/model"
)

// matrix is B itself, n×n, row-major.
type matrix struct {
	n int
	b []float32
}

func (w *matrix) row(j int32) []float32 { return w.b[int(j)*w.n : (int(j)+1)*w.n] }

func (w *matrix) add(slots []int32, amounts, dst []float32) {
	for k, j := range slots {
		if amounts == nil {
			f32.Add(dst, w.row(j))
		} else {
			f32.Axpy(amounts[k], w.row(j), dst)
		}
	}
}

func (w *matrix) at(j, i int32) float32 { return w.row(j)[i] }

func (w *matrix) grow(extra int) weights {
	g := &matrix{n: w.n + extra}
	g.b = make([]float32, g.n*g.n)
	for j := range int32(w.n) {
		copy(g.row(j), w.row(j))
	}
	return g
}

func (w *matrix) size(extra int) float64 {
	n := float64(w.n) + float64(extra)
	return 4 * n * n
}

func (w *matrix) border(slot int32, b, q, ratio []float32, workers int) {
	known := int(slot)
	// The background context cannot fail, nor can the body.
	_ = par.Chunks(context.Background(), known, 64, workers, func(_, lo, hi int) error {
		for j := lo; j < hi; j++ {
			row := w.row(int32(j))
			for i := range known {
				row[i] = row[i]*ratio[i] - b[j]*q[i]
			}
			row[j], row[slot] = 0, b[j]
		}
		return nil
	})
	copy(w.row(slot), q[:known])
}

func (w *matrix) tensors() []model.Tensor {
	return []model.Tensor{{Name: "weights", Shape: []int{w.n, w.n}, Float32: w.b}}
}
