package modeltest

import (
	"context"
	"errors"
	"math"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
	"github.com/recsys-lite/recsys/model"
)

// What PartialFitUsers promises.
func partialLaws() []law {
	return []law{
		{"partial/grow", partialGrow},
		{"partial/change", partialChange},
		{"partial/parallel-rows", partialParallelRows},
		{"partial/invalid", partialInvalid},
		{"partial/nobody", partialNobody},
		{"partial/erased", partialErased},
		{"partial/workers", partialWorkers},
	}
}

// partialGrow: users who come after the fit are served like those who were there.
func partialGrow(t rapid.TB, f *fixture) {
	m := f.fitted(t, f.toy.Dataset, recsys.Run{})
	n := f.o.Size
	old := f.allScores(t, m)
	newcomers := make([]int32, n)
	for u := range newcomers {
		newcomers[u] = int32(n + u)
	}
	require.NoError(t, m.PartialFitUsers(context.Background(), newcomers, f.toy.Interactions))
	users, items := m.Shape()
	require.Equal(t, []int{2 * n, n}, []int{users, items}, "Shape after as many users more")
	require.Equal(t, old, f.allScores(t, m), "the scores of users who were not touched")
	hits := 0
	for u := range n {
		q := recsys.Query{User: newcomers[u], History: f.toy.histories[u]}
		if firstUnseen(t, m, q, f.toy.histories[u].Items) == int32(u) {
			hits++
		}
	}
	requireShare(t, hits, n, f.o.FoldInFloor, "new users whose held-out item ranks first")
}

// partialChange: a user who changes colour gets items of the new one, and nobody else notices.
func partialChange(t rapid.TB, f *fixture) {
	m := f.fitted(t, f.toy.Dataset, recsys.Run{})
	n := f.o.Size
	old := f.allScores(t, m)
	turned := f.toy.histories[1]
	require.NoError(t, m.PartialFitUsers(context.Background(), []int32{0}, rowsOf([]recsys.History{turned}, n)))
	now := f.allScores(t, m)
	require.Equal(t, old[1:], now[1:], "the scores of users who were not touched")
	s := scores(t, m, recsys.Query{User: 0, History: turned})
	require.NotEqual(t, old[0], s, "the changed row left the user's scores as they were")
	require.Greater(t, meanOf(s, 1), meanOf(s, 0), "the items of the new colour against those of the old one")
}

// meanOf is the mean score of a colour's items that can be recommended.
func meanOf(s []float32, colour int) float64 {
	var sum, n float64
	for i := colour; i < len(s); i += 2 {
		if !math.IsInf(float64(s[i]), -1) {
			sum += float64(s[i])
			n++
		}
	}
	return sum / n
}

// partialParallelRows: rows belong to ids by position, not by order.
func partialParallelRows(t rapid.TB, f *fixture) {
	n := f.o.Size
	h := f.toy.histories
	together := f.fitted(t, f.toy.Dataset, recsys.Run{})
	require.NoError(t, together.PartialFitUsers(context.Background(), []int32{7, 2},
		rowsOf([]recsys.History{h[4], h[5]}, n)))
	other := f.fitted(t, f.toy.Dataset, recsys.Run{})
	require.NoError(t, other.PartialFitUsers(context.Background(), []int32{2, 7},
		rowsOf([]recsys.History{h[5], h[4]}, n)))
	even := scores(t, together, recsys.Query{User: 7, History: h[4]})
	odd := scores(t, together, recsys.Query{User: 2, History: h[5]})
	require.Greater(t, meanOf(even, 0), meanOf(even, 1), "user 7 was given an even row")
	require.Greater(t, meanOf(odd, 1), meanOf(odd, 0), "user 2 was given an odd row")
	for i, v := range scores(t, other, recsys.Query{User: 7, History: h[4]}) {
		require.InDelta(t, even[i], v, 1e-3*max(1, math.Abs(float64(v))), "item %d: the order of the ids matters", i)
	}
}

func partialInvalid(t rapid.TB, f *fixture) {
	m := f.fitted(t, f.toy.Dataset, recsys.Run{})
	n := f.o.Size
	old := f.allScores(t, m)
	one := func() *recsys.CSR { return rowsOf(f.toy.histories[:1], n) }
	broken, notFinite, negative := one(), one(), one()
	broken.Indices[0] = int32(n)
	notFinite.Values[0] = float32(math.NaN())
	negative.Values[0] = -1
	nan2 := one()
	nan2.Values[0] = float32(math.Inf(1))
	for name, c := range map[string]struct {
		users []int32
		rows  *recsys.CSR
	}{
		"gap":                     {[]int32{int32(n + 1)}, one()},
		"huge gap":                {[]int32{math.MaxInt32}, one()},
		"negative user":           {[]int32{-1}, one()},
		"more users than rows":    {[]int32{0, 1}, one()},
		"more rows than users":    {[]int32{0}, rowsOf(f.toy.histories[:2], n)},
		"the same user twice":     {[]int32{0, 0}, rowsOf(f.toy.histories[:2], n)},
		"another number of items": {[]int32{0}, rowsOf(f.toy.histories[:1], n+3)},
		"item beyond the last":    {[]int32{0}, broken},
		"weight NaN":              {[]int32{0}, notFinite},
		"weight +Inf":             {[]int32{0}, nan2},
		"weight negative":         {[]int32{0}, negative},
		"no rows at all":          {[]int32{0}, nil},
	} {
		requireBadInput(t, m.PartialFitUsers(context.Background(), c.users, c.rows), name)
		users, items := m.Shape()
		require.Equal(t, []int{n, n}, []int{users, items}, "%s: the model grew", name)
	}
	require.Equal(t, old, f.allScores(t, m), "refused rows changed the model")
}

// requireBadInput: the error blames the data or the query.
func requireBadInput(t rapid.TB, err error, name string) {
	t.Helper()
	require.True(t, errors.Is(err, recsys.ErrInvalidData) || errors.Is(err, recsys.ErrInvalidQuery),
		"%s: want an error that wraps ErrInvalidData or ErrInvalidQuery, got %v", name, err)
}

// partialNobody: an empty batch is fine, and so is a user whose row became empty.
func partialNobody(t rapid.TB, f *fixture) {
	m := f.fitted(t, f.toy.Dataset, recsys.Run{})
	n := f.o.Size
	old := f.allScores(t, m)
	require.NoError(t, m.PartialFitUsers(context.Background(), nil, rowsOf(nil, n)))
	require.Equal(t, old, f.allScores(t, m))
	require.NoError(t, m.PartialFitUsers(context.Background(), []int32{0}, rowsOf(make([]recsys.History, 1), n)))
	requireNumbers(t, scores(t, m, recsys.Query{User: 0}), "the user's row is empty")
}

// partialErased: a user whose row became empty, and who was erased from whatever else the model
// keeps, is like one of whom it never knew anything, and nobody else notices.
func partialErased(t rapid.TB, f *fixture) {
	b := newMixed(13, 40, 25, f.kind.Needs)
	m := f.fitted(t, b.Dataset, recsys.Run{})
	const erased, newcomer = 7, 40
	require.NoError(t, m.PartialFitUsers(context.Background(), []int32{erased}, rowsOf(make([]recsys.History, 1), 25)))
	before := stateOf(t, m)
	if eraser, ok := m.(model.UserEraser); ok {
		require.NoError(t, eraser.EraseUsers(context.Background(), []int32{erased}))
		require.NoError(t, eraser.EraseUsers(context.Background(), []int32{erased}), "erased twice")
	}
	now := stateOf(t, m)
	for i := range now.Tensors {
		was, is := &before.Tensors[i], &now.Tensors[i]
		require.Equal(t, was.Name, is.Name)
		if len(is.Shape) == 0 || is.Shape[0] != newcomer || len(was.Float32) != len(is.Float32) {
			continue
		}
		width := len(is.Float32) / newcomer
		for u := range newcomer {
			if u != erased {
				require.Equal(t, was.Float32[u*width:(u+1)*width], is.Float32[u*width:(u+1)*width], "%s of user %d, who was not erased", is.Name, u)
			}
		}
	}
	require.NoError(t, m.PartialFitUsers(context.Background(), []int32{newcomer}, rowsOf(make([]recsys.History, 1), 25)))
	s := stateOf(t, m)
	for i := range s.Tensors {
		tensor := &s.Tensors[i]
		if len(tensor.Shape) > 0 && tensor.Shape[0] == newcomer+1 {
			require.Equal(t, tensorRow(tensor, newcomer), tensorRow(tensor, erased), "%s of the erased user", tensor.Name)
		}
	}
	users, items := m.Shape()
	require.Equal(t, []int{newcomer + 1, 25}, []int{users, items}, "an erased user keeps the index")
}

// tensorRow is row i of a tensor, whatever its type.
func tensorRow(t *model.Tensor, i int) []any {
	width := t.Len() / t.Shape[0]
	var out []any
	for at := i * width; at < (i+1)*width; at++ {
		switch {
		case t.Float32 != nil:
			out = append(out, t.Float32[at])
		case t.Float64 != nil:
			out = append(out, t.Float64[at])
		case t.Int32 != nil:
			out = append(out, t.Int32[at])
		default:
			out = append(out, t.Int64[at])
		}
	}
	return out
}

func partialWorkers(t rapid.TB, f *fixture) {
	b := newMixed(11, 150, 60, f.kind.Needs)
	more := newMixed(12, 150, 60, f.kind.Needs)
	who := make([]int32, 150)
	for k := range who {
		who[k] = int32(k + 30)
	}
	var first state
	for workers := 1; workers <= 3; workers++ {
		m := f.fitted(t, b.Dataset, recsys.Run{Workers: workers})
		require.NoError(t, m.PartialFitUsers(context.Background(), who, more.Interactions))
		s := stateOf(t, m)
		if workers == 1 {
			first = s
			continue
		}
		requireSameState(t, first, s, "1 worker against %d", workers)
	}
}

// allScores are the scores of every user of the checkerboard with his own history.
func (f *fixture) allScores(t rapid.TB, m recsys.Model) [][]float32 {
	t.Helper()
	all := make([][]float32, f.o.Size)
	for u := range all {
		all[u] = scores(t, m, recsys.Query{User: int32(u), History: f.toy.histories[u]})
	}
	return all
}
