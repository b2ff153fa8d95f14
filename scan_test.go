package recsys_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
)

// hard draws vectors in which rankings are hard to bound: equal scores, zeros, norms far apart,
// one large column, the best at the end.
func hard(t *rapid.T, items, dim int) (users, vectors recsys.Matrix) {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	users, vectors = recsys.NewMatrix(4, dim), recsys.NewMatrix(items, dim)
	few, sparse := rapid.Bool().Draw(t, "few values"), rapid.Bool().Draw(t, "sparse")
	draw := func() float32 {
		switch {
		case sparse && r.IntN(3) > 0:
			return 0
		case few:
			return float32(r.IntN(5)-2) / 2
		}
		return float32(r.NormFloat64())
	}
	for i := range users.Data {
		users.Data[i] = draw()
	}
	for i := range vectors.Data {
		vectors.Data[i] = draw()
	}
	clear(users.Row(3)) // as near to all
	f32.Scale(float32(math.Pow(10, rapid.Float64Range(-40, 12).Draw(t, "user scale"))), users.Row(2))
	switch rapid.SampledFrom([]string{"plain", "norms", "bias", "ascending", "equal"}).Draw(t, "shape") {
	case "norms":
		for i := range items {
			f32.Scale(float32(math.Pow(10, 60*r.Float64()-46)), vectors.Row(i))
		}
	case "bias":
		for i := range items {
			vectors.Row(i)[dim-1] = float32(r.ExpFloat64() * 100)
		}
		for u := range users.Rows {
			users.Row(u)[dim-1] = 1
		}
	case "ascending":
		rows := make([][]float32, items)
		for i := range rows {
			rows[i] = slices.Clone(vectors.Row(i))
		}
		slices.SortFunc(rows, func(a, b []float32) int {
			return int(math.Copysign(1, float64(f32.Dot(a, users.Row(0))-f32.Dot(b, users.Row(0)))))
		})
		for i, row := range rows {
			copy(vectors.Row(i), row)
		}
	case "equal":
		for i := range items {
			copy(vectors.Row(i), vectors.Row(i%3))
		}
	}
	return users, vectors
}

// Whatever bounds and sketches do, an exact ranking is the k best of all products, the same to
// the last bit and in the same order.
func TestScanIsTopKOfAllProducts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items, dim := rapid.IntRange(250, 2500).Draw(t, "items"), rapid.IntRange(7, 40).Draw(t, "dim")
		users, vectors := hard(t, items, dim)
		var known []recsys.Entry
		for u := range users.Rows {
			known = append(known, recsys.Entry{Row: int32(u), Value: 1})
		}
		x, err := recsys.NewCSR(users.Rows, items, known)
		require.NoError(t, err)
		s := recsys.Snapshot{Version: "v", Kind: "factors", Model: &factors{users, vectors}, Users: ids("u", users.Rows), Items: ids("i", items),
			Catalogue: make([]recsys.Item, items), Interactions: x}
		share := rapid.SampledFrom([]float64{0, .03, .4, .8, 1}).Draw(t, "unavailable")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "availability"), 2))
		allowed := recsys.FullBitset(items)
		for i := range items {
			s.Catalogue[i].ID = s.Items.ID(int32(i))
			if r.Float64() < share && i != items/2 {
				s.Catalogue[i].Unavailable = true
				allowed.Clear(int32(i))
			}
		}
		e, err := recsys.NewEngine(s)
		require.NoError(t, err)
		k := rapid.IntRange(1, items/3).Draw(t, "k")
		scores := make([]float32, items)
		for u := range users.Rows {
			f32.Gemv(scores, vectors.Data, users.Row(u))
			want := recsys.TopK(scores, k, allowed)
			got, err := e.Recommend(context.Background(), recsys.Request{UserID: s.Users.ID(int32(u)), K: k, Seen: recsys.SeenAllow})
			require.NoError(t, err)
			require.Len(t, got.Items, len(want))
			for i, w := range want {
				require.Equal(t, s.Items.ID(w.Item), got.Items[i].Item.ID, "user %d, place %d", u, i)
				require.Equal(t, math.Float32bits(w.Score), math.Float32bits(got.Items[i].Score), "user %d, place %d", u, i)
			}
		}
	})
}
