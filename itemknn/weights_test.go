package itemknn

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// Rows that are kept and rows that are computed when asked for are those of the package comment.
func TestRowsOfWeights(t *testing.T) {
	r := rng.New(1)
	x := &recsys.CSR{Rows: 50, Cols: 40, Indptr: []int64{0}}
	for u := range x.Rows {
		for i := range int32(x.Cols) {
			if r.Intn(60) < u {
				x.Indices, x.Values = append(x.Indices, i), append(x.Values, 3*r.Float32())
			}
		}
		x.Indptr = append(x.Indptr, int64(len(x.Indices)))
	}
	for _, weighted := range []bool{false, true} {
		for _, similarity := range []Similarity{Cosine, TFIDF, BM25} {
			cfg := DefaultConfig()
			cfg.Similarity, cfg.Weighted = similarity, weighted
			of, total, sold := make([]float64, x.Cols), 0.0, 0.0
			count := func(v float32) float64 {
				if !weighted {
					return 1
				}
				return float64(v)
			}
			for p, i := range x.Indices {
				if of[i] == 0 {
					sold++
				}
				of[i] += count(x.Values[p])
				total += count(x.Values[p])
			}
			w := cfg.weigh(x)
			if weighted && similarity != Cosine {
				require.NotEmpty(t, w.users)
				require.LessOrEqual(t, len(w.rows), x.NNZ()/keptShare)
			}
			for u := range x.Rows {
				items, values := x.Row(u)
				got, each := w.row(int32(u), make([]float32, len(items)))
				for p, i := range items {
					v, idf := count(values[p]), math.Log(1+float64(x.Cols)/float64(len(items)))
					switch similarity {
					case TFIDF:
						v = math.Sqrt(v) * idf
					case BM25:
						v *= (cfg.K1 + 1) / (cfg.K1*(1-cfg.B+cfg.B*of[i]/(total/sold)) + v) * idf
					}
					if got != nil {
						each = got[p]
					}
					require.InDelta(t, v, each, 1e-6, "%s, user %d, item %d", similarity, u, i)
				}
			}
		}
	}
}
