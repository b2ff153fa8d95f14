package bench

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
)

// drawn is a model whose vectors are drawn: users like what some three items have in common.
type drawn struct {
	recsys.Model // nil: an engine asks a VectorModel for what follows
	users, items recsys.Matrix
}

// draw returns a model in which the logarithms of the norms of items have the deviation spread: 0
// makes them about equal; those of als on Online Retail have .9, and .45 above the median.
func draw(users, items, dim int, spread float64) *drawn {
	m := &drawn{users: recsys.NewMatrix(users, dim), items: recsys.NewMatrix(items, dim)}
	r := rng.New(1)
	length := math.Sqrt(float64(dim))
	for i := range items {
		r.Fill(m.items.Row(i), 1/length)
		f32.Scale(float32(math.Exp(spread*r.Normal())), m.items.Row(i))
	}
	for u := range users {
		row := m.users.Row(u)
		r.Fill(row, .5/length)
		for range 3 {
			liked := m.items.Row(r.Intn(items))
			f32.Axpy(1/float32(math.Sqrt(float64(f32.SquaredNorm(liked)))), liked, row)
		}
	}
	return m
}

func (m *drawn) Shape() (users, items int)  { return m.users.Rows, m.items.Rows }
func (m *drawn) ItemVectors() recsys.Matrix { return m.items }
func (m *drawn) QueryVector(_ context.Context, q recsys.Query, dst []float32) error {
	copy(dst, m.users.Row(int(q.User)))
	return nil
}

// BenchmarkCatalogue is a request of an engine for ten items that the user has not seen, over
// 10,000 to 640,000 items: the worst case, in which all norms are equal and no vector can be left
// out, and norms as those of a shop.
func BenchmarkCatalogue(b *testing.B) {
	const users = 200
	for _, norms := range []struct {
		name   string
		spread float64
	}{{"equal", 0}, {"spread", .5}} {
		for _, items := range []int{10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000} {
			b.Run(fmt.Sprintf("f=64/norms=%s/items=%d", norms.name, items), func(b *testing.B) {
				r := rng.New(2)
				var had []recsys.Entry
				for u := range int32(users) {
					for range 50 {
						had = append(had, recsys.Entry{Row: u, Col: int32(r.Intn(items)), Value: 1})
					}
				}
				x, err := recsys.NewCSR(users, items, had)
				require.NoError(b, err)
				e, err := recsys.NewEngine(served(b, draw(users, items, 64, norms.spread), &recsys.Dataset{Interactions: x}))
				require.NoError(b, err)
				median(b, func(i int) {
					_, err := e.Recommend(context.Background(), recsys.Request{UserID: fmt.Sprint(i % users), K: 10})
					require.NoError(b, err)
				})
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*items), "ns/item")
			})
		}
	}
}
