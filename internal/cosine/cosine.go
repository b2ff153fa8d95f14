// Package cosine compares the vectors of items, for the models that find similar items by them.
package cosine

import (
	"math"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// ToAll returns the cosine of row item of m with every row, over the first d columns: what
// stands behind them, a bias, is no likeness. A zero vector has no direction, is like none and
// none like it: that is −Inf, as the item itself is, so that no ranking names them.
func ToAll(m recsys.Matrix, d int, item int32) []float32 {
	v := m.Row(int(item))[:d]
	length := norm(v)
	out := make([]float32, m.Rows)
	for i := range out {
		w := m.Row(i)[:d]
		if n := length * norm(w); n > 0 && int32(i) != item {
			out[i] = f32.Dot(v, w) / n
		} else {
			out[i] = float32(math.Inf(-1))
		}
	}
	return out
}

func norm(v []float32) float32 { return float32(math.Sqrt(float64(f32.SquaredNorm(v)))) }
