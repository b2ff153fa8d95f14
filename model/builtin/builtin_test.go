package builtin_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
	"github.com/recsys-lite/recsys/model/builtin"
)

func TestLookup(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range builtin.Kinds() {
		require.False(t, seen[k.Name], "two kinds are called %s", k.Name)
		seen[k.Name] = true
		got, err := builtin.Lookup(k.Name)
		require.NoError(t, err)
		require.Equal(t, k.Summary, got.Summary)
	}
	_, err := builtin.Lookup("svd")
	require.ErrorIs(t, err, model.ErrUnknownKind)
	require.ErrorContains(t, err, `"svd": known are als`)
}

// Every kind, with its default parameters, goes to disk and comes back the same: its scores
// as they were, and the bytes when it is written again.
func TestEveryKindIsStored(t *testing.T) {
	d := shop(t)
	for _, k := range builtin.Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			ctx := context.Background()
			m, err := k.New(nil, recsys.Run{})
			require.NoError(t, err)
			require.NoError(t, m.Fit(ctx, d))
			dir := t.TempDir()
			_, err = model.Publish(ctx, dir, model.NewArtifact(k.Name, m, d, nil))
			require.NoError(t, err)
			a, err := model.Open(dir, builtin.Kinds()...)
			require.NoError(t, err)
			require.Equal(t, k.Name, a.Manifest.Kind)

			want, got := make([]float32, 12), make([]float32, 12)
			for u := range int32(8) {
				h := recsys.History{}
				h.Items, h.Weights = d.Interactions.Row(int(u))
				h.Sequence, h.Times = d.Sequences.Of(int(u))
				q := recsys.Query{User: u, History: h}
				require.NoError(t, m.Scores(ctx, q, want))
				require.NoError(t, a.Model.Scores(ctx, q, got))
				require.Equal(t, want, got, "user %d", u)
			}

			again := filepath.Join(dir, "again")
			second, err := model.Write(ctx, again, a)
			require.NoError(t, err)
			require.Equal(t, a.Manifest.Files, second.Files, "the checksums of all files")
		})
	}
}

// shop is eight users of two tastes in twelve items.
func shop(t *testing.T) *recsys.Dataset {
	t.Helper()
	var entries []recsys.Entry
	s := &recsys.Sequences{Indptr: []int64{0}}
	for u := range int32(8) {
		for k := range int32(4) {
			item := (u%2)*6 + (u/2+k)%6
			entries = append(entries, recsys.Entry{Row: u, Col: item, Value: float32(1 + k)})
			s.Items = append(s.Items, item)
			s.Times = append(s.Times, int64(1000*u+60*k))
		}
		s.Indptr = append(s.Indptr, int64(len(s.Items)))
	}
	x, err := recsys.NewCSR(8, 12, entries)
	require.NoError(t, err)
	return &recsys.Dataset{Users: names(t, "user", 8), Items: names(t, "item", 12), Interactions: x, Sequences: s}
}

func names(t *testing.T, what string, n int) *recsys.IDMap {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint(what, " ", i)
	}
	m, err := recsys.NewIDMap(ids)
	require.NoError(t, err)
	return m
}
