package index

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// frozen returns an index with what a search that began now would see.
func frozen(x Index) Index {
	switch x := x.(type) {
	case *Exact:
		y := &Exact{dim: x.dim}
		y.state.Store(x.state.Load())
		return y
	case *IVF:
		y := &IVF{dim: x.dim, clusters: x.clusters, probe: x.probe}
		y.state.Store(x.state.Load())
		return y
	case *HNSW:
		y := &HNSW{dim: x.dim, seed: x.seed, construct: x.construct, ef: x.ef}
		y.state.Store(x.state.Load())
		return y
	}
	return nil
}

// What a search has begun to read no change touches. (The race detector does not see what
// assembly reads.)
func TestSnapshotsAreLeftAlone(t *testing.T) {
	const dim = 5
	for _, kind := range []string{KindExact, KindIVF, KindHNSW} {
		r := rng.New(1)
		m := recsys.NewMatrix(1500, dim)
		r.Fill(m.Data, 1)
		x, err := Build(t.Context(), kind, m, Options{})
		require.NoError(t, err)
		for range 40 {
			old := frozen(x)
			before, err := old.MarshalBinary()
			require.NoError(t, err)
			// Remove and then add, so that what is appended may land where something was.
			var gone, ids []int32
			for range 1 + r.Intn(60) {
				gone = append(gone, int32(r.Intn(1800)))
				ids = append(ids, int32(r.Intn(1800)))
			}
			x.Remove(gone)
			v := make([]float32, len(ids)*dim)
			r.Fill(v, 1)
			require.NoError(t, x.Add(t.Context(), ids, v))
			after, err := old.MarshalBinary()
			require.NoError(t, err)
			require.True(t, string(before) == string(after), kind)
		}
	}
}
