package eval_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/eval"
	"github.com/recsys-lite/recsys/internal/datasets"
)

// ease is EASE (Steck, WWW 2019) in its three statements, in float64.
type ease struct {
	users   int
	weights *mat.Dense
}

func newEASE(x *recsys.CSR, lambda float64) (*ease, error) {
	gram := mat.NewSymDense(x.Cols, nil)
	for u := range x.Rows {
		items, _ := x.Row(u)
		for n, i := range items {
			for _, j := range items[n:] {
				gram.SetSym(int(i), int(j), gram.At(int(i), int(j))+1)
			}
		}
	}
	for i := range x.Cols {
		gram.SetSym(i, i, gram.At(i, i)+lambda)
	}
	var factor mat.Cholesky
	factor.Factorize(gram)
	var p mat.SymDense
	if err := factor.InverseTo(&p); err != nil {
		return nil, err
	}
	b := mat.NewDense(x.Cols, x.Cols, nil)
	b.Apply(func(i, j int, _ float64) float64 {
		if i == j {
			return 0
		}
		return -p.At(i, j) / p.At(j, j)
	}, b)
	return &ease{x.Rows, b}, nil
}

func (e *ease) Shape() (users, items int) { return e.users, e.weights.RawMatrix().Cols }

func (e *ease) Scores(_ context.Context, q recsys.Query, dst []float32) error {
	for j := range dst {
		var s float64
		for _, i := range q.History.Items {
			s += e.weights.At(int(i), j)
		}
		dst[j] = float32(s)
	}
	return nil
}

// The same lists of EASE with λ = 458 on ML-100K score an NDCG@10 of .2905 when the ideal has
// all held-out items, as the study reports it, and .4457 when it is cut at ten, as most
// libraries do. Precision and recall pin the lists themselves.
func TestTwoConventionsOfNDCG(t *testing.T) {
	if testing.Short() {
		t.Skip("inverts a matrix of 1,682 items")
	}
	d := datasets.ML100K(t)
	m, err := newEASE(d.Full.Interactions, 458)
	require.NoError(t, err)
	r, err := eval.Run(context.Background(), m, split(t, d.Full, d.Test), eval.Options{Ks: []int{10}})
	require.NoError(t, err)
	for name, want := range map[string]float64{"precision@10": .3739, "recall@10": .2430, "ndcg_full@10": .2905, "ndcg@10": .4457} {
		require.InDelta(t, want, r.Metrics[name], .0001, name)
	}
	gain := r.Gain["ndcg@10"]
	require.True(t, gain.Significant())
	require.Greater(t, gain.Interval[0], .15)
}
