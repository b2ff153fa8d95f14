package modeltest

import (
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/recsys-lite/recsys"
)

// The checkerboard (after the toy test of benfred/implicit): a model that learns anything at
// all gives each user the one item of his colour that he has not had.
func checkerboardLaws() []law {
	return []law{
		{"checkerboard/known", func(t rapid.TB, f *fixture) {
			f.heldOutFirst(t, f.o.KnownFloor, func(u int) recsys.Query {
				return recsys.Query{User: int32(u), History: f.toy.histories[u]}
			})
		}},
		{"checkerboard/fold-in", func(t rapid.TB, f *fixture) {
			f.heldOutFirst(t, f.o.FoldInFloor, func(u int) recsys.Query {
				return recsys.Query{User: recsys.NoUser, History: f.toy.histories[u]}
			})
		}},
		// A session comes as a sequence without weights (recsys.History.Row) …
		{"checkerboard/session", func(t rapid.TB, f *fixture) {
			f.heldOutFirst(t, f.o.SessionFloor, func(u int) recsys.Query {
				return recsys.Query{User: recsys.NoUser, History: recsys.History{Sequence: f.toy.histories[u].Sequence}}
			})
		}},
		// … and a basket as items without order (recsys.History.Events).
		{"checkerboard/basket", func(t rapid.TB, f *fixture) {
			f.heldOutFirst(t, f.o.SessionFloor, func(u int) recsys.Query {
				return recsys.Query{User: recsys.NoUser, History: recsys.History{Items: f.toy.histories[u].Items}}
			})
		}},
	}
}

// heldOutFirst requires that for the given share of users the held-out item leads the items
// that they have not had.
func (f *fixture) heldOutFirst(t rapid.TB, floor float64, query func(u int) recsys.Query) {
	t.Helper()
	m, hits := f.shared(t), 0
	for u := range f.o.Size {
		if top := firstUnseen(t, m, query(u), f.toy.histories[u].Items); top == int32(u) {
			hits++
		}
	}
	requireShare(t, hits, f.o.Size, floor, "users whose held-out item ranks first among the unseen ones")
}

// firstUnseen is the best item outside seen, −1 if none can be recommended.
func firstUnseen(t rapid.TB, m recsys.Model, q recsys.Query, seen []int32) int32 {
	t.Helper()
	s := scores(t, m, q)
	unseen := recsys.FullBitset(len(s))
	for _, i := range seen {
		unseen.Clear(i)
	}
	if top := recsys.TopK(s, 1, unseen); len(top) > 0 {
		return top[0].Item
	}
	return -1
}

func requireShare(t rapid.TB, hits, of int, floor float64, what string) {
	t.Helper()
	require.GreaterOrEqual(t, float64(hits)/float64(of), floor, "%s: %d of %d, the floor is %v", what, hits, of, floor)
}
