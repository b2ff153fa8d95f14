//go:build faiss

package faiss_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index/faiss"
	"github.com/recsys-lite/recsys/index/indextest"
)

func kind(o faiss.Options, recall float64) indextest.Kind {
	return indextest.Kind{
		Build: func(ctx context.Context, vectors recsys.Matrix, _ int) (recsys.Index, error) {
			x, err := faiss.Build(ctx, vectors, o)
			if err != nil {
				return nil, err
			}
			return x, nil
		},
		Recall:    recall,
		Tolerance: 1e-5,
	}
}

func TestFlat(t *testing.T) { indextest.Run(t, kind(faiss.Options{Kind: faiss.Flat}, 0.9999)) }
func TestIVF(t *testing.T)  { indextest.Run(t, kind(faiss.Options{Kind: faiss.IVF}, 0.9)) }
func TestHNSW(t *testing.T) { indextest.Run(t, kind(faiss.Options{Kind: faiss.HNSW}, 0.9)) }
func TestIVFNarrow(t *testing.T) {
	indextest.Run(t, kind(faiss.Options{Kind: faiss.IVF, Lists: 60, Probe: 1}, 0.01))
}

func TestOptions(t *testing.T) {
	for what, o := range map[string]faiss.Options{
		"no kind":          {},
		"unknown kind":     {Kind: "lsh"},
		"lists of flat":    {Kind: faiss.Flat, Lists: 3},
		"ef of ivf":        {Kind: faiss.IVF, Ef: 3},
		"negative threads": {Kind: faiss.Flat, Threads: -1},
	} {
		_, err := faiss.Build(t.Context(), recsys.NewMatrix(3, 2), o)
		require.ErrorIs(t, err, recsys.ErrInvalidConfig, what)
	}
}

func TestSetSearch(t *testing.T) {
	m := indextest.Clustered(4000, 8, 1)
	x, err := faiss.Build(t.Context(), m, faiss.Options{Kind: faiss.IVF, Probe: 1})
	require.NoError(t, err)
	defer x.Close()
	full, err := faiss.Build(t.Context(), m, faiss.Options{Kind: faiss.Flat})
	require.NoError(t, err)
	defer full.Close()
	differ := func() (n int) {
		for i := range 50 {
			want, err := full.Search(t.Context(), m.Row(10*i), 10, nil)
			require.NoError(t, err)
			got, err := x.Search(t.Context(), m.Row(10*i), 10, nil)
			require.NoError(t, err)
			if got[9].Score < want[9].Score-1e-4 {
				n++
			}
		}
		return n
	}
	require.NotZero(t, differ())
	require.NoError(t, x.SetSearch(1000))
	require.Zero(t, differ())
	require.ErrorIs(t, x.SetSearch(-1), recsys.ErrInvalidConfig)
	require.ErrorIs(t, full.SetSearch(5), recsys.ErrInvalidConfig)
}

func TestClose(t *testing.T) {
	x, err := faiss.Build(t.Context(), recsys.NewMatrix(3, 2), faiss.Options{Kind: faiss.HNSW})
	require.NoError(t, err)
	x.Close()
	x.Close()
	x.Remove([]int32{1})
	_, err = x.Search(t.Context(), make([]float32, 2), 1, nil)
	require.ErrorIs(t, err, faiss.ErrClosed)
	require.ErrorIs(t, x.Add(t.Context(), []int32{1}, make([]float32, 2)), faiss.ErrClosed)
}
