package par_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys/internal/par"
)

func TestChunksCoverEveryIndexOnce(t *testing.T) {
	for _, workers := range []int{0, 1, 2, 7} {
		for _, n := range []int{0, 1, 9, 10, 101} {
			seen := make([]atomic.Int32, n)
			require.NoError(t, par.Chunks(context.Background(), n, 10, workers, func(worker, lo, hi int) error {
				require.Less(t, worker, par.Workers(workers))
				for i := lo; i < hi; i++ {
					seen[i].Add(1)
				}
				return nil
			}))
			for i := range seen {
				require.EqualValues(t, 1, seen[i].Load())
			}
		}
	}
}

func TestChunksStopAtAnErrorAndACancel(t *testing.T) {
	boom := errors.New("boom")
	var calls atomic.Int32
	err := par.Chunks(context.Background(), 1000, 1, 2, func(_, lo, _ int) error {
		calls.Add(1)
		if lo == 3 {
			return boom
		}
		return nil
	})
	require.ErrorIs(t, err, boom)
	require.Less(t, calls.Load(), int32(1000))

	ctx, cancel := context.WithCancel(context.Background())
	err = par.Chunks(ctx, 1000, 1, 1, func(_, lo, _ int) error {
		if lo == 5 {
			cancel()
		}
		require.LessOrEqual(t, lo, 5)
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
}
