package ease

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/cooc"
)

// uneven returns users of whom the share busy has most of the items and the others a few.
func uneven(seed uint64, users, items int, busy float64) *data {
	r := rand.New(rand.NewPCG(seed, 1))
	x := &recsys.CSR{Rows: users, Cols: items, Indptr: make([]int64, 1, users+1)}
	for range users {
		share := 0.004
		if r.Float64() < busy {
			share = 0.8
		}
		for i := range items {
			if r.Float64() < share {
				x.Indices = append(x.Indices, int32(i))
			}
		}
		x.Indptr = append(x.Indptr, int64(len(x.Indices)))
	}
	return newData(x)
}

// However a user's items are counted, the numbers are those of common users.
func TestGram(t *testing.T) {
	for _, busy := range []float64{0, 0.3, 1} {
		for _, items := range []int{1, 50, 250} {
			x := uneven(8, 300, items, busy)
			n := x.byItem.len()
			if items > 50 {
				longest := 0
				for u := range x.byUser.len() {
					longest = max(longest, len(x.byUser.row(int32(u))))
				}
				require.Equal(t, busy > 0, long(longest, n), "the data are what they are meant to be")
			}
			g := make([]float32, n*n)
			require.NoError(t, gram(context.Background(), x.byItem, x.byUser, 2, func(i, m int, rows []float32, ld int) {
				for r := range m {
					for j := i + r; j < n; j++ {
						g[j*n+i+r] = rows[r*ld+j]
					}
				}
			}))
			for i := range int32(n) {
				for j := range i + 1 {
					require.EqualValues(t, cooc.Common(x.byItem.row(i), x.byItem.row(j)), g[int(i)*n+int(j)])
				}
			}
			h := newNeighbourhood(x, n)
			for _, of := range []int{1, 2, 3} {
				h.items = h.items[:0]
				for i := 0; i < n; i += of {
					h.items = append(h.items, int32(i))
				}
				k := len(h.items)
				part := make([]float32, k*k)
				h.gram(part)
				for a, i := range h.items {
					for b, j := range h.items[:a+1] {
						require.Equal(t, g[int(i)*n+int(j)], part[a*k+b])
					}
				}
			}
		}
	}
}
