package eval_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/datasets"
	"github.com/recsys-lite/recsys/internal/rng"
)

// factors is a vector model with random parameters: all that a measurement costs, no fit.
type factors struct {
	recsys.Model
	users, items recsys.Matrix
}

func newFactors(users, items, dim int) *factors {
	m := &factors{users: recsys.NewMatrix(users, dim), items: recsys.NewMatrix(items, dim)}
	rng.New(1).Fill(m.users.Data, 1)
	rng.New(2).Fill(m.items.Data, 1)
	return m
}

func (m *factors) Shape() (users, items int) { return m.users.Rows, m.items.Rows }

func (m *factors) ItemVectors() recsys.Matrix { return m.items }

func (m *factors) QueryVector(_ context.Context, q recsys.Query, dst []float32) error {
	copy(dst, m.users.Row(int(q.User)))
	return nil
}

func (m *factors) Scores(_ context.Context, q recsys.Query, dst []float32) error {
	for i := range dst {
		dst[i] = 0
		for k, v := range m.items.Row(i) {
			dst[i] += v * m.users.Row(int(q.User))[k]
		}
	}
	return nil
}

// 6,040 users × 3,883 items, with popularity beside it. "ranking" leaves the intervals out.
func BenchmarkRunML1M(b *testing.B) {
	d := datasets.ML1M(b)
	s := split(b, d.Full, d.Test)
	m := newFactors(d.Full.Interactions.Rows, d.Full.Interactions.Cols, 128)
	for name, n := range map[string]int{"ranking": -1, "with intervals": 0} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := eval.Run(context.Background(), m, s, eval.Options{Bootstrap: n})
				require.NoError(b, err)
			}
		})
	}
}
