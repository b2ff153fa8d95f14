package indextest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/internal/rng"
)

// The number of workers changes neither answers nor bytes, also after changes.
func (s suite) workers(t *testing.T) {
	m := Clustered(1700, 12, 17)
	var first recsys.Index
	var bytes1 []byte
	for workers := 1; workers <= 3; workers++ {
		x, h := s.build(t, m, workers), rowsOf(m)
		r := rng.New(18)
		for range 8 {
			s.step(t, x, h, r, 300)
		}
		if first == nil {
			first = x
			if s.Open != nil {
				bytes1 = bytes(t, x)
			}
			continue
		}
		for _, q := range queries(m, 20, 19) {
			want, err := first.Search(t.Context(), q, 10, nil)
			require.NoError(t, err)
			got, err := x.Search(t.Context(), q, 10, nil)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		if s.Open != nil {
			require.True(t, string(bytes1) == string(bytes(t, x)), "other bytes with %d workers", workers)
		}
	}
}

// What was saved answers as before, saves to the same bytes, and can be changed.
func (s suite) roundTrip(t *testing.T) {
	if s.Open == nil {
		return
	}
	for _, n := range []int{0, 1, 1300} {
		m := Clustered(n, 10, 20)
		x, h := s.build(t, m, 2), rowsOf(m)
		for saved := range 2 {
			data := bytes(t, x)
			y, err := s.Open(data)
			require.NoError(t, err)
			require.Equal(t, x.Dim(), y.Dim())
			require.Equal(t, x.Len(), y.Len())
			require.True(t, string(data) == string(bytes(t, y)), "other bytes after a round trip")
			qs := [][]float32{make([]float32, 10)}
			if n > 0 {
				qs = queries(m, 15, 21)
			}
			for _, q := range qs {
				want, err := x.Search(t.Context(), q, 10, nil)
				require.NoError(t, err)
				got, err := y.Search(t.Context(), q, 10, nil)
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
			// The same changes lead to the same index.
			hy := held{}
			for id, v := range h {
				hy[id] = v
			}
			rx, ry := rng.New(uint64(saved)), rng.New(uint64(saved))
			for range 6 {
				s.step(t, x, h, rx, 200)
				s.step(t, y, hy, ry, 200)
			}
			require.True(t, string(bytes(t, x)) == string(bytes(t, y)), "other bytes after changes")
			s.check(t, y, hy, qs[0], 10, nil)
		}
	}
}
