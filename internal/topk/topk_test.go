package topk_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys/internal/topk"
)

type pair struct {
	item  int32
	score float32
}

func sorted(h *topk.Heap) []pair {
	items, scores := h.Sorted()
	out := []pair{}
	for i := range items {
		out = append(out, pair{items[i], scores[i]})
	}
	return out
}

// Whatever the cut of the scores into blocks, scanned one by one or merged, the heap holds
// what sorting the allowed ones gives.
func TestBlocksAndMergesEqualSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(0, 200).Draw(t, "n"), rapid.IntRange(0, 12).Draw(t, "k")
		scores := make([]float32, n)
		allowed := make([]uint64, (n+63)/64)
		filtered := rapid.Bool().Draw(t, "filtered")
		want := []pair{}
		for i := range scores {
			scores[i] = float32(rapid.SampledFrom([]float64{-1, 0, 0, 1, 2, math.Inf(-1), math.NaN()}).Draw(t, "score"))
			ok := !filtered || rapid.Bool().Draw(t, "allowed")
			if ok {
				allowed[i/64] |= 1 << (i % 64)
			}
			if ok && scores[i] > float32(math.Inf(-1)) {
				want = append(want, pair{int32(i), scores[i]})
			}
		}
		slices.SortStableFunc(want, func(a, b pair) int { return int(b.score - a.score) })
		want = want[:min(k, len(want))]
		if !filtered {
			allowed = nil
		}

		block := rapid.IntRange(1, 90).Draw(t, "block")
		one, merged, part := topk.New(k), topk.New(k), topk.New(k)
		for lo := 0; lo < n; lo += block {
			hi := min(lo+block, n)
			one.Scan(scores[lo:hi], int32(lo), allowed)
			part.Reset()
			part.Scan(scores[lo:hi], int32(lo), allowed)
			merged.Merge(part)
		}
		require.Equal(t, want, sorted(one))
		require.Equal(t, want, sorted(merged))
	})
}

func TestThreshold(t *testing.T) {
	h := topk.New(2)
	require.Equal(t, float32(math.Inf(-1)), h.Threshold(), "a heap with room takes anything")
	h.Push(1, 5)
	h.Push(2, 3)
	require.EqualValues(t, 3, h.Threshold())
	h.Push(0, 3)
	require.Equal(t, []pair{{1, 5}, {0, 3}}, sorted(h), "equal scores: the lower index")
	require.Equal(t, float32(math.Inf(1)), topk.New(0).Threshold())
}
