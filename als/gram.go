package als

import (
	"context"

	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/par"
)

// gramParts bounds the number of partial Gramians held at a time, gramRows is the smallest
// number of rows worth one.
const gramParts, gramRows = 32, 512

// gramian returns the lower triangle of scale·mᵀm (d×d), m given in blocks of whole rows. The
// parts and the order in which they add up depend on the number of rows alone.
func gramian(ctx context.Context, m *rows, scale float64, workers int) ([]float32, error) {
	d := m.d
	pages := max((m.n+gramParts-1)/gramParts, gramRows) / pageRows
	parts := make([][]float32, (len(m.pages)+pages-1)/pages)
	err := par.Chunks(ctx, len(m.pages), pages, workers, func(_, lo, hi int) error {
		part := make([]float32, d*d)
		for _, page := range m.pages[lo:hi] {
			f32.Syrk(part, page, d)
		}
		parts[lo/pages] = part
		return nil
	})
	if err != nil {
		return nil, err
	}
	sum := make([]float32, d*d)
	for _, part := range parts {
		f32.Add(sum, part)
	}
	f32.Scale(float32(scale), sum)
	return sum, nil
}
