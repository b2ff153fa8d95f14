package recsys_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

// vectors scores by inner products of small whole numbers, so that sums are exact in any order
// and many are equal.
type vectors struct {
	recsys.Model
	users, items recsys.Matrix
}

func (v *vectors) Shape() (users, items int)  { return v.users.Rows, v.items.Rows }
func (v *vectors) ItemVectors() recsys.Matrix { return v.items }

func (v *vectors) QueryVector(_ context.Context, q recsys.Query, dst []float32) error {
	copy(dst, v.users.Row(int(q.User)))
	return nil
}

func (v *vectors) Recommend(_ context.Context, q recsys.Query) ([]recsys.Scored, error) {
	scores := make([]float32, v.items.Rows)
	for i := range scores {
		for k, x := range v.users.Row(int(q.User)) {
			scores[i] += x * v.items.Row(i)[k]
		}
	}
	return recsys.TopK(scores, q.K, q.Allowed), nil
}

// slow hides that a model has vectors.
type slow struct{ *vectors }

func (slow) ItemVectors() {}

func TestRecommendUnseen(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		users, items, dim := rapid.IntRange(1, 250).Draw(r, "users"), rapid.IntRange(1, 1200).Draw(r, "items"), rapid.IntRange(1, 9).Draw(r, "dim")
		v := &vectors{users: recsys.NewMatrix(users, dim), items: recsys.NewMatrix(items, dim)}
		state := rapid.Uint64().Draw(r, "seed")
		next := func(n int) int {
			state = state*6364136223846793005 + 1442695040888963407
			return int(state>>33) % n
		}
		for _, m := range []recsys.Matrix{v.users, v.items} {
			for i := range m.Rows {
				spread := 1 + next(5) // lengths differ
				for k := range m.Row(i) {
					m.Row(i)[k] = float32(next(2*spread+1) - spread)
				}
			}
		}
		var entries []recsys.Entry
		for range next(20 * users) {
			entries = append(entries, recsys.Entry{Row: int32(next(users)), Col: int32(next(items)), Value: 1})
		}
		x, err := recsys.NewCSR(users, items, entries)
		require.NoError(r, err)
		d := &recsys.Dataset{Interactions: x}
		k := rapid.IntRange(0, 30).Draw(r, "k")
		got, err := recsys.RecommendUnseen(context.Background(), v, d, k, recsys.Run{Workers: 2})
		require.NoError(r, err)
		plain, err := recsys.RecommendUnseen(context.Background(), slow{v}, d, k, recsys.Run{Workers: 2})
		require.NoError(r, err)
		require.Len(r, got, users)
		for u := range users {
			allowed := recsys.FullBitset(items)
			own, _ := x.Row(u)
			for _, i := range own {
				allowed.Clear(i)
			}
			want, err := v.Recommend(context.Background(), recsys.Query{User: int32(u), K: k, Allowed: allowed})
			require.NoError(r, err)
			require.Equal(r, want, got[u])
			require.Equal(r, want, plain[u])
		}
	})
}

func TestRecommendUnseenRefuses(t *testing.T) {
	v := &vectors{users: recsys.NewMatrix(2, 1), items: recsys.NewMatrix(3, 1)}
	x, err := recsys.NewCSR(2, 3, nil)
	require.NoError(t, err)
	_, err = recsys.RecommendUnseen(t.Context(), v, &recsys.Dataset{Interactions: x}, -1, recsys.Run{})
	require.ErrorIs(t, err, recsys.ErrInvalidQuery)
	_, err = recsys.RecommendUnseen(t.Context(), v, &recsys.Dataset{}, 1, recsys.Run{})
	require.ErrorIs(t, err, recsys.ErrInvalidQuery)

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = recsys.RecommendUnseen(cancelled, v, &recsys.Dataset{Interactions: x}, 1, recsys.Run{})
	require.ErrorIs(t, err, context.Canceled)
}
