package indextest

import (
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/f32"
	"github.com/recsys-lite/recsys/internal/rng"
)

// step makes a random change to x and h.
func (s suite) step(t *testing.T, x recsys.Index, h held, r *rng.Rand, most int) {
	t.Helper()
	var ids []int32
	switch r.Intn(4) {
	case 0: // new ones, beyond and among the known
		for range 1 + r.Intn(most) {
			ids = append(ids, int32(r.Intn(3*most)+len(h)/2))
		}
	case 1: // replace, some twice in one call
		for range 1 + r.Intn(most/4) {
			ids = append(ids, int32(r.Intn(most)))
		}
		ids = append(ids, ids[0])
	default: // remove, known and unknown
		for range 1 + r.Intn(most/2) {
			ids = append(ids, int32(r.Intn(3*most)))
		}
		x.Remove(ids)
		for _, id := range ids {
			delete(h, id)
		}
		require.Equal(t, len(h), x.Len())
		return
	}
	v := make([]float32, len(ids)*x.Dim())
	r.Fill(v, 1)
	require.NoError(t, x.Add(t.Context(), ids, v))
	for i, id := range ids {
		h[id] = slices.Clone(v[i*x.Dim() : (i+1)*x.Dim()])
	}
	require.Equal(t, len(h), x.Len())
}

// Added, replaced and removed vectors are found, found anew and not found.
func (s suite) changes(t *testing.T) {
	for seed := range uint64(4) {
		m := Clustered([]int{0, 40, 1100, 2500}[seed], 9, seed)
		x, h := s.build(t, m, 2), rowsOf(m)
		r := rng.New(seed, 1)
		hits, of := 0, 0
		for range 25 {
			s.step(t, x, h, r, max(m.Rows/5, 16))
			q := make([]float32, m.Cols)
			r.Fill(q, 1)
			for _, allowed := range []*recsys.Bitset{nil, random(5000, 0.2, r), random(5000, 0.01, r)} {
				a, b := s.check(t, x, h, q, 10, allowed)
				hits, of = hits+a, of+b
			}
		}
		s.recall(t, hits, of, name("after changes of ", m.Rows))
		var all []int32
		for id := range h {
			all = append(all, id)
		}
		slices.Sort(all)
		x.Remove(all)
		require.Zero(t, x.Len())
		s.check(t, x, held{}, make([]float32, m.Cols), 3, nil)
		require.NoError(t, x.Add(t.Context(), []int32{7}, make([]float32, m.Cols)))
		s.check(t, x, held{7: make([]float32, m.Cols)}, make([]float32, m.Cols), 3, nil)
	}
}

// An index that was empty at first is as good.
func (s suite) fromNothing(t *testing.T) {
	x := s.build(t, recsys.Matrix{Cols: 6}, 1)
	require.Zero(t, x.Len())
	s.check(t, x, held{}, make([]float32, 6), 5, nil)
	m := Clustered(1200, 6, 14)
	var ids []int32
	for i := range m.Rows {
		ids = append(ids, int32(i))
	}
	require.NoError(t, x.Add(t.Context(), ids[:700], m.Data[:700*6]))
	require.NoError(t, x.Add(t.Context(), ids[700:], m.Data[700*6:]))
	hits, of := 0, 0
	for _, q := range queries(m, 20, 15) {
		a, b := s.check(t, x, rowsOf(m), q, 10, nil)
		hits, of = hits+a, of+b
	}
	s.recall(t, hits, of, "from nothing")
}

// Searches beside a writer see the index between two changes, never within one: vectors
// come and go in pairs. The race detector sees the rest.
func (s suite) concurrency(t *testing.T) {
	const fixed = 600
	m := Clustered(fixed, 8, 16)
	x := s.build(t, m, 2)
	loud := make([]float32, 8)
	f32.Axpy(50, m.Row(0), loud)
	pair := append(slices.Clone(loud), loud...)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				got, err := x.Search(t.Context(), m.Row(0), 10, recsys.FullBitset(4*fixed))
				if err != nil || len(got) != 10 {
					t.Errorf("%d found, error %v", len(got), err)
					return
				}
				n := 0
				for _, g := range got {
					if g.Item >= fixed {
						n++
					}
				}
				if s.Recall == 0 && n%2 != 0 || n > 4 {
					t.Errorf("half a change: %v", got)
					return
				}
			}
		})
	}
	for i := range int32(40) {
		a := fixed + 2*(i%2)
		require.NoError(t, x.Add(t.Context(), []int32{a, a + 1}, pair))
		if i%3 == 0 {
			x.Remove([]int32{fixed, fixed + 1})
		}
		if i%5 == 0 {
			x.Remove([]int32{fixed + 2, fixed + 3})
		}
		require.NoError(t, x.Add(t.Context(), []int32{i}, m.Row(int(i))))
	}
	close(stop)
	wg.Wait()
}
