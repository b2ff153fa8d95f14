package index_test

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/index"
	"github.com/recsys-lite/recsys/index/indextest"
)

var kinds = []string{index.KindExact, index.KindIVF, index.KindHNSW}

// saved returns small indexes of all kinds, changed after the build.
func saved(t testing.TB) [][]byte {
	var out [][]byte
	for _, k := range kinds {
		x, err := index.Build(t.Context(), k, indextest.Clustered(40, 3, 1), index.Options{})
		require.NoError(t, err)
		require.NoError(t, x.Add(t.Context(), []int32{100, 3}, make([]float32, 6)))
		x.Remove([]int32{5})
		data, err := x.MarshalBinary()
		require.NoError(t, err)
		out = append(out, data)
	}
	return out
}

// sign gives damaged bytes a checksum that holds.
func sign(data []byte) []byte {
	end := len(data) - 4
	return binary.LittleEndian.AppendUint32(data[:end:end], crc32.Checksum(data[:end], crc32.MakeTable(crc32.Castagnoli)))
}

// Whatever byte is damaged, Open says so; with a matching checksum it either says so or
// gives an index that works.
func TestOpenDamaged(t *testing.T) {
	for i, data := range saved(t) {
		for at := range data {
			damaged := slices.Clone(data)
			damaged[at] ^= 0x55
			_, err := index.Open(damaged, index.Search{})
			if at >= 8 && at < 12 {
				require.ErrorIs(t, err, index.ErrFutureVersion, "%s, byte %d", kinds[i], at)
				continue
			}
			require.ErrorIs(t, err, index.ErrCorrupt, "%s, byte %d", kinds[i], at)
			tryOut(t, sign(damaged))
		}
		for n := range data {
			_, err := index.Open(data[:n], index.Search{})
			require.ErrorIs(t, err, index.ErrCorrupt, "%s, %d bytes", kinds[i], n)
		}
	}
}

// tryOut opens data and, if that works, uses the index.
func tryOut(t *testing.T, data []byte) {
	x, err := index.Open(data, index.Search{})
	if err != nil {
		return
	}
	q := make([]float32, x.Dim())
	q[0] = 1
	got, err := x.Search(t.Context(), q, 5, recsys.FullBitset(60))
	require.NoError(t, err)
	require.LessOrEqual(t, len(got), 5)
	all, err := x.Search(t.Context(), q, x.Len(), nil)
	require.NoError(t, err)
	require.Len(t, all, x.Len())
	before := x.Len()
	require.NoError(t, x.Add(t.Context(), []int32{1 << 20}, q))
	x.Remove([]int32{all0(all), 1 << 20})
	require.LessOrEqual(t, x.Len(), before)
	_, err = x.MarshalBinary()
	require.NoError(t, err)
}

func all0(all []recsys.Scored) int32 {
	if len(all) == 0 {
		return -1
	}
	return all[0].Item
}

func FuzzOpen(f *testing.F) {
	for _, data := range saved(f) {
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = index.Open(data, index.Search{})
		if len(data) > 20 {
			tryOut(t, sign(data))
		}
	})
}

// Settings for one search are taken over where they belong.
func TestOpenSettings(t *testing.T) {
	for i, data := range saved(t) {
		x, err := index.Open(data, index.Search{Probe: 3, Ef: 77, Threads: 2})
		require.NoError(t, err)
		switch x := x.(type) {
		case *index.IVF:
			require.Equal(t, 3, x.Probe())
		case *index.HNSW:
			require.Equal(t, 77, x.Ef())
		}
		// They are not saved: the index keeps what its build found.
		again, err := x.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, data, again, kinds[i])
		_, err = index.Open(data, index.Search{Probe: -1})
		require.ErrorIs(t, err, recsys.ErrInvalidConfig)
	}
}
