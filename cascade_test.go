package recsys_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/recsys-lite/recsys"
)

// abroad: u0 and u1 live in FR and have i0 and i1, u2 lives in DE and has i2 of late; u3 to u5
// have i3, long ago. i4 was never bought.
func abroad(t *testing.T) recsys.Snapshot {
	const year = 365 * day
	s := visits(t, 5, [][]int32{{0, 1}}, [][]int32{{0}}, [][]int32{{2}}, [][]int32{{3}}, [][]int32{{3}}, [][]int32{{3}})
	for p := range s.Sequences.Times {
		s.Sequences.Times[p] = 2 * year
		if s.Sequences.Items[p] == 3 {
			s.Sequences.Times[p] = year
		}
	}
	lives, err := recsys.NewCSR(6, 3, []recsys.Entry{{Row: 0, Col: 1, Value: 1}, {Row: 1, Col: 1, Value: 1}, {Row: 2, Col: 0, Value: 1}, {Row: 3, Col: 2, Value: 1}})
	require.NoError(t, err)
	s.UserFeatures = &recsys.Features{Names: []string{"country=DE", "country=FR", "age=old"}, Matrix: lives}
	s.Catalogue = make([]recsys.Item, 5)
	for i, category := range []string{"tea", "tea", "pot", "pot", "cup"} {
		s.Catalogue[i] = recsys.Item{ID: s.Items.ID(int32(i)), Category: category}
	}
	return s
}

func sources(r *recsys.Response) (out []recsys.Source) {
	for _, i := range r.Items {
		out = append(out, i.Source)
	}
	return out
}

func TestCascadeFromNearToFar(t *testing.T) {
	e, err := recsys.NewEngine(abroad(t))
	require.NoError(t, err)
	ctx := context.Background()
	ask := func(category, country string) *recsys.Response {
		r, err := e.Recommend(ctx, recsys.Request{UserID: "nobody", K: 5, Fallback: true, Category: category, Country: country, Explain: true})
		require.NoError(t, err)
		return r
	}
	const popular, inCategory, inCountry = recsys.SourcePopular, recsys.SourceCategoryPopular, recsys.SourceCountryPopular
	// Three old purchases weigh less than one of today.
	r := ask("", "")
	require.Equal(t, []string{"i0", "i1", "i2", "i3", "i4"}, names(r))
	require.InDelta(t, 3*math.Exp2(-365./90), r.Items[3].Score, 1e-6)
	r = ask("pot", "")
	require.Equal(t, []string{"i2", "i3", "i0", "i1", "i4"}, names(r))
	require.Equal(t, []recsys.Source{inCategory, inCategory, popular, popular, popular}, sources(r))
	require.Equal(t, "Popular in pot.", r.Items[0].Reason)
	r = ask("", "DE")
	require.Equal(t, []string{"i2", "i0", "i1", "i3", "i4"}, names(r))
	require.Equal(t, []recsys.Source{inCountry, popular, popular, popular, popular}, sources(r))
	require.Equal(t, "Popular in DE.", r.Items[0].Reason)
	require.Equal(t, []string{"i0", "i1", "i2", "i3", "i4"}, names(ask("cake", "Nowhere")), "what is not known is no hint")
	require.Equal(t, []recsys.Source{inCategory, inCategory, inCountry, popular, popular}, sources(ask("tea", "DE")))

	p, err := e.Popular(ctx, recsys.PopularRequest{K: 9, Category: "pot"})
	require.NoError(t, err)
	require.Equal(t, []string{"i2", "i3"}, names(p))
	p, err = e.Popular(ctx, recsys.PopularRequest{K: 2, Offset: 1, Country: "DE"})
	require.NoError(t, err)
	require.Equal(t, []string{"i0", "i1"}, names(p))
	p, err = e.Popular(ctx, recsys.PopularRequest{K: 1, HalfLife: 100 * 365 * 24 * time.Hour})
	require.NoError(t, err)
	require.Equal(t, []string{"i3"}, names(p), "age hardly matters")
	p, err = e.Trending(ctx, recsys.PopularRequest{K: 5})
	require.NoError(t, err)
	require.Equal(t, recsys.SourceTrending, p.Items[0].Source)
	require.InDelta(t, 0, p.Items[3].Score, 1e-6)
	_, err = e.Trending(ctx, recsys.PopularRequest{K: 5, HalfLife: -1})
	require.ErrorIs(t, err, recsys.ErrInvalidQuery)
	s := abroad(t)
	s.Sequences = nil
	require.NoError(t, e.Swap(s))
	_, err = e.Trending(ctx, recsys.PopularRequest{K: 5})
	require.ErrorIs(t, err, recsys.ErrUnsupported)
}

func TestAUsersOwnCountryCounts(t *testing.T) {
	s := abroad(t)
	s.Model = &nothing{cooccurrence{s.Interactions}}
	e, err := recsys.NewEngine(s)
	require.NoError(t, err)
	ask := func(country string) *recsys.Response {
		r, err := e.Recommend(context.Background(), recsys.Request{UserID: "u1", K: 9, Country: country})
		require.NoError(t, err)
		return r
	}
	require.Equal(t, []string{"i1", "i2", "i3", "i4"}, names(ask("")))
	require.Equal(t, recsys.SourceCountryPopular, ask("").Items[0].Source)
	require.Equal(t, []string{"i2", "i1", "i3", "i4"}, names(ask("DE")))
}

// nothing is a model that can recommend nothing.
type nothing struct{ cooccurrence }

func (*nothing) Recommend(context.Context, recsys.Query) ([]recsys.Scored, error) { return nil, nil }
